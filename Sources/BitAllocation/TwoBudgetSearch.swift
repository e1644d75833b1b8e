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

    /// The best plan so far, and what is known of all others.
    private struct Progress {
        var choices: [Int]
        /// The plan's cost.
        var cost: Double
        /// A proven lower limit on the cost of any plan.
        var bound = 0.0
        /// Whether the bound agrees with the cost, as far as the searches over cores have told.
        var isProven = false
        var solver = AllocationPlan.Solver.greedy
        var nodeCount = 0

        mutating func judge() {
            isProven = cost - bound <= SumMinimizer.proofTolerance * cost
        }
    }

    /// What is asked for, in the scale of the search.
    private struct Aim {
        /// The cost that is asked for, where only that matters.
        let target: Double?
        /// The cost from which on plans do not matter.
        let cutoff: Double

        func isReached(by progress: Progress) -> Bool {
            if progress.bound >= cutoff { return true }
            guard let target else { return progress.isProven }
            return progress.cost <= target || progress.bound > target || progress.bound >= progress.cost
        }
    }

    /// Searches for the least sum of costs under a ceiling on impacts: from prices for both budgets, and then over what they leave open.
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
        var progress = Progress(choices: cheapest.choices, cost: cost(of: cheapest.choices))
        let relaxation = TwoBudgetRelaxation(
            problem,
            second: second,
            units: units,
            scale: scale,
            ceiling: ceiling,
            isAllowed: isAllowed,
            budget: budget,
            start: progress.cost,
            clock: clock,
            adopt: { adopt($0, into: &progress, within: budget) }
        )
        let options = TwoBudgetOptions(
            problem,
            second: second,
            units: units,
            ceiling: ceiling,
            isAllowed: isAllowed
        ) { scale.cost(ofImpact: problem.optionImpact[$0]) }
        fill(&progress, from: options, within: budget)
        progress.bound = max(relaxation.bound, 0)
        progress.judge()
        if method != .greedy {
            let aim = Aim(
                target: goal.target.map(scale.cost(ofImpact:)),
                cutoff: goal.cutoff.map(scale.cost(ofImpact:)) ?? .infinity
            )
            searchCores(
                of: options,
                prices: relaxation.prices,
                aim: aim,
                &progress,
                within: budget,
                clock: clock
            )
        }
        return .found(result(progress, ceiling: ceiling))
    }

    /// Searches what is still open at the prices, with ever more states, until that has what is asked for.
    private func searchCores(
        of options: TwoBudgetOptions,
        prices: TwoPrices,
        aim: Aim,
        _ progress: inout Progress,
        within budget: Int,
        clock: StopClock
    ) {
        for beam in [256, 4_096, 32_768] where !aim.isReached(by: progress) && !clock.shouldStop() {
            let reach = min(progress.cost, aim.cutoff)
            let core = TwoBudgetCore(
                options,
                prices: prices,
                bytes: budget - problem.fixedBytes,
                second: second.limit,
                reach: reach
            )
            let search = TwoBudgetCoreSearch(core, incumbent: reach, beam: beam, clock: clock)
            progress.nodeCount += search.stateCount
            if let choices = search.choices {
                adopt(choices, into: &progress, within: budget)
                progress.solver = .dominance
            }
            progress.bound = min(progress.cost, max(progress.bound, search.bound))
            progress.judge()
            if aim.target == nil, progress.bound < aim.cutoff, method.mayUseIntegerProgram,
                beam == 256 || progress.isProven
            {
                confirm(core, &progress, within: budget, clock: clock)
            }
        }
    }

    /// Lets GLPK solve a core, and takes its plan where that is as good.
    private func confirm(
        _ core: TwoBudgetCore,
        _ progress: inout Progress,
        within budget: Int,
        clock: StopClock
    ) {
        let answer = core.solveAsIntegerProgram(clock: clock)
        progress.nodeCount += answer?.nodeCount ?? 0
        guard let choices = answer?.choices, problem.bytes(ofChoices: choices) <= budget,
            second.admits(choices)
        else { return }
        if cost(of: choices) <= progress.cost * (1 + SumMinimizer.proofTolerance) {
            progress.solver = .glpk
        }
        adopt(choices, into: &progress, within: budget)
        progress.bound = min(progress.bound, progress.cost)
    }

    /// Takes a plan that costs less and keeps to both budgets.
    private func adopt(_ choices: [Int], into progress: inout Progress, within budget: Int) {
        let found = cost(of: choices)
        if found < progress.cost, problem.bytes(ofChoices: choices) <= budget, second.admits(choices) {
            progress.choices = choices
            progress.cost = found
        }
    }

    /// The best plan and its bound in impacts; under a maximum the ceiling bounds it, and costs only decide between plans of one impact.
    private func result(_ progress: Progress, ceiling: Double) -> SearchResult {
        let isMaximum = problem.combination == .max
        let total = problem.impact(ofChoices: progress.choices)
        let bound =
            isMaximum
            ? min(total, ceiling)
            : (progress.bound >= progress.cost ? total : min(total, scale.impact(ofCost: progress.bound)))
        return SearchResult(
            choices: progress.choices,
            impact: total,
            bound: bound,
            tieBreak: isMaximum ? progress.cost : 0,
            tieBreakBound: isMaximum ? progress.bound : 0,
            isProven: progress.isProven,
            solver: progress.solver,
            nodeCount: progress.nodeCount
        )
    }

    private func cost(of choices: [Int]) -> Double {
        CompensatedSum.of(choices.lazy.map { scale.cost(ofImpact: problem.optionImpact[$0]) })
    }

    /// Exchanges single units while that saves cost and both budgets are kept.
    private func fill(
        _ progress: inout Progress,
        from options: TwoBudgetOptions,
        within budget: Int
    ) {
        var best = progress.choices
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
        progress.choices = best
        progress.cost = cost(of: best)
    }
}
