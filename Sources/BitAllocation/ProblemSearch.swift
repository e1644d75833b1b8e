/// The search that a problem's restrictions call for, prepared once and asked at any number of budgets.
struct ProblemSearch: Sendable {
    private let problem: AllocationProblem
    private let method: AllocationMethod
    private let search: any BudgetSearch

    init(_ problem: AllocationProblem, method: AllocationMethod) {
        self.problem = problem
        self.method = method
        @Sendable func makeSearch(_ isAllowed: [Bool]?) -> any BudgetSearch {
            guard let second = problem.secondBudget else {
                return OneBudgetSearch(problem, isAllowed: isAllowed, method: method)
            }
            return TwoBudgetSearch(problem, second: second, isAllowed: isAllowed, method: method)
        }
        if let limit = problem.formatLimit {
            search = FormatLimitSearch(problem, limit: limit, makeSearch: makeSearch)
        } else {
            search = makeSearch(problem.isAllowed)
        }
    }

    /// The plan with the least impact within a budget.
    func plan(within budget: Int, clock: StopClock) throws(AllocationError) -> AllocationPlan {
        let start = ContinuousClock.now
        try check(budget)
        switch search.search(within: budget, clock: clock) {
        case .infeasible: throw .overconstrained(budget: budget)
        case .unknown: throw .limitReached
        case .found(let result):
            return plan(
                result,
                objective: .impact,
                bound: result.isProven ? result.impact : result.bound,
                isProven: result.isProven,
                clock,
                since: start
            )
        }
    }

    /// The smallest plan with at most an impact.
    ///
    /// The least impact never grows with the budget, so the smallest budget at which it is low enough is found by bisection;
    /// every step that is answered with a proof moves an end of the interval.
    func smallestPlan(maximumImpact: Double, clock: StopClock) throws(AllocationError) -> AllocationPlan {
        let start = ContinuousClock.now
        if let empty = search.emptyLayer {
            throw .layerWithoutOptions(problem.layerNames[empty])
        }
        var nodeCount = 0
        var best: SearchResult?
        var least = Double.infinity
        var low = search.smallestBytes
        var high = problem.largestBytes
        if case .found(let result) = search.search(within: high, clock: clock) {
            least = result.bound
            nodeCount += result.nodeCount
            if result.impact <= maximumImpact {
                best = result
                high = problem.bytes(ofChoices: result.choices)
            }
        }
        guard best != nil else {
            if least > maximumImpact { throw .impactOutOfReach(maximumImpact, least: least) }
            throw .limitReached
        }
        // Sizes differ by whole units. A budget that is not enough rules out every size below the next one.
        let unit = problem.sizeUnit
        // Below this size no plan is good enough, which every step up to here has proven.
        var provenLow = low
        var isProven = true
        while low < high {
            let middle = low + (high - low) / unit / 2 * unit
            guard !clock.shouldStop() else {
                isProven = false
                break
            }
            switch search.search(within: middle, clock: clock) {
            case .infeasible:
                low = middle + unit
            case .unknown:
                isProven = false
                low = middle + unit
            case .found(let result):
                nodeCount += result.nodeCount
                if result.impact <= maximumImpact {
                    best = result
                    high = problem.bytes(ofChoices: result.choices)
                } else {
                    isProven = isProven && (result.isProven || result.bound > maximumImpact)
                    low = middle + unit
                }
            }
            if isProven { provenLow = min(low, high) }
        }
        guard var best else { throw .limitReached }
        best.nodeCount = nodeCount
        let bound = Double(isProven ? high : provenLow)
        return plan(best, objective: .bytes, bound: bound, isProven: isProven, clock, since: start)
    }

    private func check(_ budget: Int) throws(AllocationError) {
        if let empty = search.emptyLayer {
            throw .layerWithoutOptions(problem.layerNames[empty])
        }
        guard search.smallestBytes <= budget else {
            throw .infeasible(budget: budget, smallestBytes: search.smallestBytes)
        }
    }

    private func plan(
        _ result: SearchResult,
        objective: AllocationPlan.Objective,
        bound: Double,
        isProven: Bool,
        _ clock: StopClock,
        since start: ContinuousClock.Instant
    ) -> AllocationPlan {
        let ending: AllocationPlan.Ending =
            if isProven {
                .proven
            } else if method == .greedy {
                .greedyOnly
            } else if clock.isStopped {
                .stopped
            } else {
                clock.isLate ? .timeLimit : .stateLimit
            }
        return AllocationPlan(
            choices: result.choices,
            bytes: problem.bytes(ofChoices: result.choices),
            impact: result.impact,
            objective: objective,
            bound: bound,
            status: isProven ? .optimal : .feasible,
            solver: result.solver,
            ending: ending,
            nodeCount: result.nodeCount,
            duration: start.duration(to: .now)
        )
    }
}

extension AllocationProblem {
    /// The size of the file with every layer's largest option, in bytes.
    var largestBytes: Int {
        (0..<layerCount).reduce(fixedBytes) { total, layer in
            total + options(ofLayer: layer).reduce(0) { max($0, optionBytes[$1]) }
        }
    }

    /// The greatest common divisor of all differences between options of one layer; sizes of whole files differ by multiples
    /// of it.
    var sizeUnit: Int {
        var unit = 0
        for layer in 0..<layerCount {
            let range = options(ofLayer: layer)
            for option in range.dropFirst() {
                unit = greatestCommonDivisor(unit, abs(optionBytes[option] - optionBytes[range.lowerBound]))
                if unit == 1 { return 1 }
            }
        }
        return max(1, unit)
    }
}
