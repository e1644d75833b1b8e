/// The search for the least impact within two budgets: bytes, and a second cost.
///
/// ``TwoBudgetRelaxation`` gives a bound. Plans met on the way that keep to both budgets give an incumbent, reduced costs fix
/// what cannot be better, and a dynamic programme with dominance in all three figures solves what is left, exactly where it
/// runs to its end. GLPK branches on the same core.
struct TwoBudgetSearch: BudgetSearch {
    private let problem: AllocationProblem
    private let second: SecondBudget
    private let units: Units
    private let isAllowed: [Bool]?
    private let scale: ImpactScale
    private let method: AllocationMethod
    private let smallest: Candidates

    init(_ problem: AllocationProblem, second: SecondBudget, isAllowed: [Bool]?, method: AllocationMethod) {
        self.problem = problem
        self.second = second
        self.isAllowed = isAllowed
        self.method = method
        units = Units(problem)
        scale = ImpactScale(problem)
        smallest = Candidates(problem, units: units, isAllowed: isAllowed) { second.cost[$0] }
    }

    var emptyLayer: Int? {
        smallest.emptyUnit.map { units.layers(ofUnit: $0)[0] }
    }

    var smallestBytes: Int {
        problem.fixedBytes + smallest.smallestBytes
    }

    func isFeasible(within budget: Int, clock: StopClock) -> Bool? {
        guard emptyLayer == nil, smallestBytes <= budget else { return false }
        guard let cheapest = cheapest(within: budget, ceiling: .infinity, clock: clock) else { return false }
        if second.admits(cheapest.choices) { return true }
        return cheapest.isRuledOut ? false : nil
    }

    var findsSmallest: Bool { false }

    func search(within budget: Int, goal: SearchGoal, clock: StopClock) -> SearchAnswer {
        guard emptyLayer == nil, smallestBytes <= budget else { return .infeasible }
        if case .smallest = goal { return .unknown }
        var ceiling = Double.infinity
        if problem.combination == .max {
            switch leastCeiling(within: budget, clock: clock) {
            case .found(let least): ceiling = least
            case .infeasible: return .infeasible
            case .unknown: return .unknown
            }
        }
        // Under a maximum the ceiling has answered already.
        let goal = problem.combination == .max ? .least : goal
        return minimize(within: budget, ceiling: ceiling, goal: goal, clock: clock)
    }

    /// The least second cost within the bytes and under a ceiling on impacts, as a choice per layer, and whether a bound says
    /// that no choice keeps to the limit.
    private func cheapest(
        within budget: Int,
        ceiling: Double,
        clock: StopClock
    ) -> (choices: [Int], isRuledOut: Bool)? {
        let candidates = Candidates(problem, units: units, ceiling: ceiling, isAllowed: isAllowed) {
            second.cost[$0]
        }
        let capacity = budget - problem.fixedBytes - candidates.smallestBytes
        guard candidates.emptyUnit == nil, capacity >= 0 else { return nil }
        let minimizer = SumMinimizer(candidates)
        let limit = second.limit * (1 + 1e-12)
        let outcome = minimizer.minimize(
            capacity: capacity,
            rivals: { _ in [] },
            method: .auto,
            target: limit,
            clock: clock
        )
        return (candidates.choices(outcome.choice), outcome.bound > limit)
    }

    private enum Ceiling {
        case found(Double)
        case infeasible
        case unknown
    }

    /// The least of the impacts under which, as a ceiling, both budgets can be kept.
    private func leastCeiling(within budget: Int, clock: StopClock) -> Ceiling {
        let values = Set(problem.optionImpact).sorted()
        var low = 0
        var high = values.count
        while low < high {
            let middle = (low + high) / 2
            guard let cheapest = cheapest(within: budget, ceiling: values[middle], clock: clock) else {
                low = middle + 1
                continue
            }
            if second.admits(cheapest.choices) {
                high = middle
            } else if cheapest.isRuledOut {
                low = middle + 1
            } else {
                return .unknown
            }
        }
        return low < values.count ? .found(values[low]) : .infeasible
    }

    private func minimize(
        within budget: Int,
        ceiling: Double,
        goal: SearchGoal,
        clock: StopClock
    ) -> SearchAnswer {
        guard let cheapest = cheapest(within: budget, ceiling: ceiling, clock: clock) else {
            return .infeasible
        }
        guard second.admits(cheapest.choices) else {
            return cheapest.isRuledOut ? .infeasible : .unknown
        }
        var best = cheapest.choices
        var bestCost = cost(of: best)
        func adopt(_ choices: [Int]) {
            let found = cost(of: choices)
            if found < bestCost, problem.bytes(ofChoices: choices) <= budget, second.admits(choices) {
                best = choices
                bestCost = found
            }
        }
        let relaxation = TwoBudgetRelaxation(
            problem,
            second: second,
            units: units,
            scale: scale,
            ceiling: ceiling,
            isAllowed: isAllowed,
            budget: budget,
            start: bestCost,
            clock: clock,
            adopt: adopt
        )
        let options = TwoBudgetOptions(
            problem,
            second: second,
            units: units,
            ceiling: ceiling,
            isAllowed: isAllowed
        ) { scale.cost(ofImpact: problem.optionImpact[$0]) }
        fill(&best, &bestCost, from: options, within: budget)

        var bound = max(relaxation.bound, 0)
        var nodeCount = 0
        var solver = AllocationPlan.Solver.greedy
        var isProven = bestCost - bound <= SumMinimizer.proofTolerance * bestCost
        let targetCost = goal.target.map(scale.cost(ofImpact:))
        let cutoff = goal.cutoff.map(scale.cost(ofImpact:)) ?? .infinity
        func isDecided() -> Bool {
            if bound >= cutoff { return true }
            guard let targetCost else { return isProven }
            return bestCost <= targetCost || bound > targetCost || bound >= bestCost
        }
        if method != .greedy {
            for beam in [256, 4_096, 32_768] where !isDecided() && !clock.shouldStop() {
                let core = TwoBudgetCore(
                    options,
                    prices: relaxation.prices,
                    bytes: budget - problem.fixedBytes,
                    second: second.limit,
                    reach: min(bestCost, cutoff)
                )
                let search = TwoBudgetCoreSearch(
                    core,
                    incumbent: min(bestCost, cutoff),
                    beam: beam,
                    clock: clock
                )
                nodeCount += search.stateCount
                if let choices = search.choices {
                    adopt(choices)
                    solver = .dominance
                }
                bound = min(bestCost, max(bound, search.bound))
                isProven = bestCost - bound <= SumMinimizer.proofTolerance * bestCost
                if targetCost == nil, bound < cutoff, method.mayUseIntegerProgram, beam == 256 || isProven {
                    let answer = core.solveAsIntegerProgram(clock: clock)
                    nodeCount += answer?.nodeCount ?? 0
                    if let choices = answer?.choices, problem.bytes(ofChoices: choices) <= budget,
                        second.admits(choices)
                    {
                        let found = cost(of: choices)
                        if found <= bestCost * (1 + SumMinimizer.proofTolerance) {
                            solver = .glpk
                        }
                        adopt(choices)
                        bound = min(bound, bestCost)
                    }
                }
            }
        }
        let total = problem.impact(ofChoices: best)
        let limit =
            problem.combination == .max
            ? min(total, ceiling) : (bound >= bestCost ? total : min(total, scale.impact(ofCost: bound)))
        return .found(
            SearchResult(
                choices: best,
                impact: total,
                bound: limit,
                tieBreak: problem.combination == .max ? bestCost : 0,
                tieBreakBound: problem.combination == .max ? bound : 0,
                isProven: isProven,
                solver: solver,
                nodeCount: nodeCount
            )
        )
    }

    private func cost(of choices: [Int]) -> Double {
        CompensatedSum.of(choices.lazy.map { scale.cost(ofImpact: problem.optionImpact[$0]) })
    }

    /// Exchanges single units while that saves cost and both budgets are kept.
    private func fill(
        _ best: inout [Int],
        _ bestCost: inout Double,
        from options: TwoBudgetOptions,
        within budget: Int
    ) {
        var bytes = problem.bytes(ofChoices: best)
        var used = second.cost(ofChoices: best)
        for _ in 0..<10_000 {
            var move: (unit: Int, entry: TwoBudgetOptions.Entry, saving: Double)?
            for unit in 0..<units.count {
                let layers = units.layers(ofUnit: unit)
                let ownBytes = layers.reduce(0) { $0 + problem.optionBytes[best[$1]] }
                let ownSecond = layers.reduce(0) { $0 + second.cost[best[$1]] }
                let ownCost = layers.reduce(0) { $0 + scale.cost(ofImpact: problem.optionImpact[best[$1]]) }
                for entry in options.entries[unit]
                where bytes - ownBytes + entry.bytes <= budget
                    && used - ownSecond + entry.second <= second.limit
                {
                    let saving = ownCost - entry.cost
                    if saving > move?.saving ?? 0 { move = (unit, entry, saving) }
                }
            }
            guard let move else { break }
            for (layer, option) in zip(units.layers(ofUnit: move.unit), move.entry.options) {
                bytes += problem.optionBytes[option] - problem.optionBytes[best[layer]]
                used += second.cost[option] - second.cost[best[layer]]
                best[layer] = option
            }
        }
        bestCost = cost(of: best)
    }
}
