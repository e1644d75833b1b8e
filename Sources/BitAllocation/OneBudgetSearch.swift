/// The search for the least impact within one budget: a pure multiple-choice knapsack.
///
/// One value serves every budget; what does not depend on the budget is computed once.
struct OneBudgetSearch: BudgetSearch {
    private let problem: AllocationProblem
    private let isAllowed: [Bool]?
    private let units: Units
    private let scale: ImpactScale
    private let method: AllocationMethod
    private let everything: SumMinimizer
    private let rivals: [Rival]

    /// A uniform plan, which the greedy plan must not be worse than.
    private struct Rival {
        var choices: [Int]
        var bytes: Int
        var cost: Double
    }

    /// Prepares a problem.
    ///
    /// - Parameters:
    ///   - problem: The problem; its second budget and its limit on formats play no part.
    ///   - isAllowed: Whether an option may be chosen, in the place of the problem's own mask.
    ///   - uniformPlans: The problem's uniform plans; those that the mask allows are rivals of the greedy plan.
    ///   - method: What may be used.
    init(
        _ problem: AllocationProblem,
        isAllowed: [Bool]?,
        uniformPlans: [UniformPlan],
        method: AllocationMethod
    ) {
        self.problem = problem
        self.isAllowed = isAllowed
        self.method = method
        units = Units(problem)
        let scale = ImpactScale(problem)
        self.scale = scale
        everything = SumMinimizer(
            Candidates(problem, units: units, isAllowed: isAllowed) {
                scale.cost(ofImpact: problem.optionImpact[$0])
            }
        )
        rivals = uniformPlans.compactMap { uniform in
            if let isAllowed, !uniform.choices.allSatisfy({ isAllowed[$0] }) { return nil }
            let costs = uniform.choices.lazy.map { scale.cost(ofImpact: problem.optionImpact[$0]) }
            return Rival(choices: uniform.choices, bytes: uniform.bytes, cost: CompensatedSum.of(costs))
        }
    }

    /// The first layer that has no option left, or `nil`.
    var emptyLayer: Int? {
        everything.candidates.emptyUnit.map { units.layers(ofUnit: $0)[0] }
    }

    /// The size of the smallest possible file, in bytes.
    var smallestBytes: Int {
        problem.fixedBytes + everything.candidates.smallestBytes
    }

    func isFeasible(within budget: Int, clock: StopClock) -> Bool? {
        emptyLayer == nil && smallestBytes <= budget
    }

    var findsSmallest: Bool { true }

    func search(within budget: Int, goal: SearchGoal, clock: StopClock) -> SearchAnswer {
        guard emptyLayer == nil, smallestBytes <= budget else { return .infeasible }
        if case .smallest(let limit) = goal {
            return smallest(within: budget, maximumImpact: limit, clock)
        }
        if problem.combination == .max, case .smallestOfLeast = goal {
            let ceiling = leastCeiling(within: budget)
            // Under the least ceiling there is a plan, so there is one under what counts as the same.
            return smallest(underCeiling: SameImpact.limit(ceiling), least: ceiling).map { .found($0) }
                ?? .infeasible
        }
        let target = goal.target
        var ceiling = Double.infinity
        var scale = scale
        var minimizer = everything
        if problem.combination == .max {
            ceiling = leastCeiling(within: budget)
            minimizer = restricted(to: ceiling, scale)
        }
        while true {
            let outcome = minimizer.minimize(
                capacity: budget - problem.fixedBytes - minimizer.candidates.smallestBytes,
                rivals: { rivals(cheaperThan: $0, in: minimizer.candidates, within: budget) },
                method: method,
                // Under a maximum the ceiling has answered already.
                target: problem.combination == .max ? nil : target.map(scale.cost(ofImpact:)),
                cutoff: problem.combination == .max ? nil : goal.cutoff.map(scale.cost(ofImpact:)),
                clock: clock
            )
            let result = result(outcome, minimizer, scale, ceiling: ceiling)
            // Squares that are lost against the largest one say nothing of the plan.
            let isLost = outcome.cost < 1e-280 && result.impact > 0
            if isLost || !minimizer.hasPrecision(outcome), !clock.shouldStop() {
                // No layer of a better plan costs more than the whole of this one; without such options the costs are
                // of one order, and differences between them keep their digits.
                let tighter = result.impact * (1 + 1e-9)
                if tighter < ceiling, problem.optionImpact.contains(where: { $0 > tighter && $0 <= ceiling })
                {
                    ceiling = tighter
                    scale = ImpactScale(problem, ceiling: ceiling)
                    minimizer = restricted(to: ceiling, scale)
                    continue
                }
            }
            if case .smallestOfLeast = goal, result.isProven {
                return .found(lightened(result, outcome, minimizer, scale, clock))
            }
            return .found(result)
        }
    }

    /// The smallest file that is as good as a proven result.
    private func lightened(
        _ result: SearchResult,
        _ outcome: SumMinimizer.Outcome,
        _ minimizer: SumMinimizer,
        _ scale: ImpactScale,
        _ clock: StopClock
    ) -> SearchResult {
        // At no cost at all, every unit has the smallest of its options without cost.
        guard outcome.cost > 0 else { return result }
        var candidates = minimizer.candidates
        var lightest = minimizer.lightest(
            below: minimizer.weight(of: outcome.choice),
            limit: scale.limit(ofCost: outcome.cost),
            clock: clock
        )
        if !lightest.hasPrecision {
            (candidates, lightest) = self.lightest(
                below: problem.bytes(ofChoices: result.choices),
                maximumImpact: SameImpact.limit(result.impact),
                clock
            )
        }
        var lighter = result
        lighter.nodeCount += lightest.nodeCount
        if let choice = lightest.choice {
            lighter.choices = candidates.choices(choice)
            lighter.impact = problem.impact(ofChoices: lighter.choices)
            lighter.replaced = result.impact
            lighter.solver = .dominance
        }
        return lighter
    }

    /// The lightest choice below a size of the whole file that has at most an impact above 0, with the candidates that it is of.
    private func lightest(
        below bytes: Int,
        maximumImpact limit: Double,
        _ clock: StopClock
    ) -> (Candidates, SumMinimizer.Lightest) {
        // No layer of such a plan costs more than the whole of it.
        let scale = ImpactScale(problem, ceiling: limit)
        let minimizer = restricted(to: limit, scale)
        guard minimizer.candidates.emptyUnit == nil else { return (minimizer.candidates, .init()) }
        let lightest = minimizer.lightest(
            below: bytes - problem.fixedBytes - minimizer.candidates.smallestBytes,
            limit: scale.cost(ofImpact: limit),
            clock: clock
        )
        return (minimizer.candidates, lightest)
    }

    /// The smallest file within a size that has at most an impact.
    private func smallest(within budget: Int, maximumImpact limit: Double, _ clock: StopClock) -> SearchAnswer
    {
        if problem.combination == .max || limit == 0 {
            guard let result = smallest(underCeiling: limit, least: limit),
                problem.bytes(ofChoices: result.choices) <= budget
            else { return .infeasible }
            return .found(result)
        }
        let (candidates, lightest) = lightest(below: budget + 1, maximumImpact: limit, clock)
        guard let choice = lightest.choice else { return .infeasible }
        let choices = candidates.choices(choice)
        return .found(
            SearchResult(
                choices: choices,
                impact: problem.impact(ofChoices: choices),
                bound: 0,
                isProven: false,
                solver: .dominance,
                nodeCount: lightest.nodeCount
            )
        )
    }

    /// The smallest file that has no layer with an impact above a ceiling, and of several the one with the least sum; `nil` where
    /// there is none.
    private func smallest(underCeiling ceiling: Double, least: Double) -> SearchResult? {
        let candidates = Candidates(
            problem,
            units: units,
            ceiling: ceiling,
            isAllowed: isAllowed
        ) { problem.optionImpact[$0] }
        guard candidates.emptyUnit == nil else { return nil }
        let choices = candidates.choices(candidates.first.dropLast())
        let total = problem.impact(ofChoices: choices)
        return SearchResult(
            choices: choices,
            impact: total,
            bound: min(total, least),
            replaced: least < total ? least : nil,
            tieBreak: problem.combination == .max
                ? CompensatedSum.of(choices.lazy.map { problem.optionImpact[$0] }) : 0,
            isProven: true,
            solver: method == .greedy ? .greedy : .dominance,
            nodeCount: units.count
        )
    }

    private func restricted(to ceiling: Double, _ scale: ImpactScale) -> SumMinimizer {
        SumMinimizer(
            Candidates(problem, units: units, ceiling: ceiling, isAllowed: isAllowed) {
                scale.cost(ofImpact: problem.optionImpact[$0])
            }
        )
    }

    private func result(
        _ outcome: SumMinimizer.Outcome,
        _ minimizer: SumMinimizer,
        _ scale: ImpactScale,
        ceiling: Double
    ) -> SearchResult {
        let choices = minimizer.candidates.choices(outcome.choice)
        let total = problem.impact(ofChoices: choices)
        var result = SearchResult(
            choices: choices,
            impact: total,
            bound: total,
            isProven: minimizer.isProven(outcome),
            solver: outcome.solver,
            nodeCount: outcome.nodeCount
        )
        if problem.combination == .max {
            // The least maximum is found by a search over all values, so it is its own bound.
            result.bound = min(total, ceiling)
            result.tieBreak = outcome.cost
            result.tieBreakBound = outcome.bound
        } else if outcome.bound < outcome.cost {
            result.bound = min(total, scale.impact(ofCost: outcome.bound))
        }
        return result
    }

    /// The uniform plans within the budget that cost less than a plan at hand, as candidates.
    private func rivals(cheaperThan cost: Double, in candidates: Candidates, within budget: Int) -> [[Int32]]
    {
        rivals.compactMap { rival in
            guard rival.bytes <= budget, rival.cost < cost else { return nil }
            let choices = rival.choices
            var choice: [Int32] = []
            for unit in 0..<candidates.unitCount {
                // The candidate that dominates the option: the last that is no larger.
                let bytes = units.layers(ofUnit: unit).reduce(0) { $0 + problem.optionBytes[choices[$1]] }
                guard let found = candidates.lastCandidate(ofUnit: unit, upTo: bytes, in: problem) else {
                    return nil
                }
                choice.append(found)
            }
            return choice
        }
    }

    /// The least `T` such that some plan within the budget has no layer with an impact above `T`.
    private func leastCeiling(within budget: Int) -> Double {
        // Under a maximum a tied unit is as bad as its worst layer, which its summed cost does not tell.
        let values = problem.optionImpact
        func fits(_ ceiling: Double) -> Bool {
            var left = budget - problem.fixedBytes
            for unit in 0..<units.count {
                var smallest: Int?
                if let layer = units.singleLayer(ofUnit: unit) {
                    for option in problem.options(ofLayer: layer)
                    where values[option] <= ceiling && isAllowed?[option] ?? true {
                        smallest = min(smallest ?? .max, problem.optionBytes[option])
                    }
                } else {
                    for options in units.commonOptions(ofUnit: unit, in: problem, isAllowed: isAllowed)
                    where options.allSatisfy({ values[$0] <= ceiling }) {
                        smallest = min(smallest ?? .max, options.reduce(0) { $0 + problem.optionBytes[$1] })
                    }
                }
                guard let smallest, smallest <= left else { return false }
                left -= smallest
            }
            return true
        }
        // The bits of doubles that are not negative order as the doubles do, so bisecting the bits finds the exact
        // value in at most 64 steps.
        var low: UInt64 = 0
        var high = values.reduce(0, max).bitPattern
        while low < high {
            let middle = low + (high - low) / 2
            if fits(Double(bitPattern: middle)) {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return Double(bitPattern: low)
    }
}
