/// The search that a problem's restrictions call for, prepared once and asked at any number of budgets.
package struct ProblemSearch: Sendable {
    /// The problem as it was given.
    private let whole: AllocationProblem
    /// The problem with the bytes that the budget counts.
    private let problem: AllocationProblem
    private let method: AllocationMethod
    private let search: any BudgetSearch

    package init(_ whole: AllocationProblem, method: AllocationMethod) {
        self.whole = whole
        let problem = whole.counted
        self.problem = problem
        self.method = method
        // A search under a limit on formats makes many searches of one budget, all with the same rivals.
        let uniformPlans = problem.secondBudget == nil ? problem.uniformPlans() : []
        @Sendable func makeSearch(_ isAllowed: [Bool]?, _ method: AllocationMethod) -> any BudgetSearch {
            guard let second = problem.secondBudget else {
                return OneBudgetSearch(
                    problem,
                    isAllowed: isAllowed,
                    uniformPlans: uniformPlans,
                    method: method
                )
            }
            return TwoBudgetSearch(problem, second: second, isAllowed: isAllowed, method: method)
        }
        if let limit = problem.formatLimit {
            if let subsets = FormatSubsets(of: problem, limit: limit) {
                search = FormatSubsetSearch(problem, subsets: subsets, method: method, makeSearch: makeSearch)
            } else {
                search = FormatLimitSearch(problem, limit: limit, method: method, makeSearch: makeSearch)
            }
        } else {
            search = makeSearch(problem.isAllowed, method)
        }
    }

    /// The smallest plan among those with the least impact within a budget.
    package func plan(within budget: Int, clock: StopClock) throws(AllocationError) -> AllocationPlan {
        let start = ContinuousClock.now
        try check(budget)
        switch search.search(within: budget, goal: .smallestOfLeast, clock: clock) {
        case .infeasible: throw .overconstrained(budget: budget)
        case .unknown: throw .limitReached
        case .found(var result):
            if result.isProven, !search.findsSmallest { result = lightened(result, clock) }
            return plan(
                result,
                objective: .impact,
                bound: result.isProven ? result.replaced ?? result.impact : result.bound,
                isProven: result.isProven,
                clock,
                since: start
            )
        }
    }

    /// The smallest file that is as good as a proven result, found by searches within smaller and smaller budgets.
    private func lightened(_ result: SearchResult, _ clock: StopClock) -> SearchResult {
        let limit = SameImpact.limit(result.impact)
        let bytes = problem.bytes(ofChoices: result.choices)
        let below = bytes - problem.sizeUnit
        guard below >= search.smallestBytes, !clock.shouldStop(),
            case .found(let first) = search.search(within: below, goal: .target(limit), clock: clock),
            first.impact <= limit
        else { return result }
        let step = smallest(from: first, maximumImpact: limit, clock)
        var lighter = step.result
        // Of the files of that size, the one with the least impact.
        if case .found(let polished) = search.search(
            within: problem.bytes(ofChoices: lighter.choices),
            goal: .least,
            clock: clock
        ), polished.isBetter(than: lighter) {
            lighter = polished
        }
        lighter.replaced = result.impact < lighter.impact ? result.impact : nil
        lighter.isProven = true
        lighter.nodeCount += result.nodeCount + step.result.nodeCount
        return lighter
    }

    /// What a search for the smallest file found.
    private struct SmallestStep {
        /// The smallest file, with all nodes.
        var result: SearchResult
        /// Below this size no plan is good enough.
        var provenLow: Int
        /// Whether no smaller file is good enough.
        var isProven: Bool
    }

    /// The smallest file with at most an impact, from one that has it.
    ///
    /// The least impact never grows with the budget, so the smallest budget at which it is low enough is found by bisection;
    /// every step that is answered with a proof moves an end of the interval.
    private func smallest(
        from first: SearchResult,
        maximumImpact: Double,
        _ clock: StopClock
    ) -> SmallestStep {
        var best = first
        var high = problem.bytes(ofChoices: first.choices)
        var nodeCount = first.nodeCount
        var low = search.smallestBytes
        // Sizes differ by whole units. A budget that is not enough rules out every size below the next one.
        let unit = problem.sizeUnit
        var provenLow = low
        var isProven = true
        while low < high {
            let middle = low + (high - low) / unit / 2 * unit
            guard !clock.shouldStop() else {
                isProven = false
                break
            }
            // One step that cannot be decided must not use up the time of all that follow.
            let step = clock.share(of: 4)
            switch search.search(within: middle, goal: .target(maximumImpact), clock: step) {
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
                    // Only a bound above the limit rules a budget out; a plan that is the best to within 1e-9 does not.
                    isProven = isProven && result.bound > maximumImpact
                    low = middle + unit
                }
            }
            if isProven { provenLow = min(low, high) }
        }
        best.nodeCount = nodeCount
        return SmallestStep(result: best, provenLow: provenLow, isProven: isProven)
    }

    /// The smallest plan with at most an impact, and of several of that size the one with the least impact.
    func smallestPlan(
        maximumImpact given: Double,
        clock: StopClock
    ) throws(AllocationError) -> AllocationPlan {
        let start = ContinuousClock.now
        // Sums of the same impacts in another order differ in their last digits.
        let maximumImpact = given * (1 + AllocationPlan.impactTolerance)
        if let empty = search.emptyLayer {
            throw .layerWithoutOptions(problem.layerNames[empty])
        }
        let high = problem.largestBytes
        let first: SearchResult
        switch search.search(within: high, goal: .target(maximumImpact), clock: clock) {
        case .infeasible: throw .overconstrained(budget: high)
        case .unknown: throw .limitReached
        case .found(let result):
            guard result.impact <= maximumImpact else {
                guard result.bound > maximumImpact else { throw .limitReached }
                throw .impactOutOfReach(given, least: result.bound)
            }
            first = result
        }
        let step = smallest(from: first, maximumImpact: maximumImpact, clock)
        var best = step.result
        let bytes = problem.bytes(ofChoices: best.choices)
        if !clock.shouldStop(),
            case .found(let polished) = search.search(within: bytes, goal: .least, clock: clock),
            polished.isBetter(than: best)
        {
            best = polished
            best.nodeCount += step.result.nodeCount
        }
        return plan(
            best,
            objective: .bytes,
            bound: Double(step.isProven ? problem.bytes(ofChoices: best.choices) : step.provenLow),
            isProven: step.isProven,
            clock,
            since: start
        )
    }

    /// Whether any plan keeps to a budget and all restrictions, or `nil` where that was not found out in time.
    package func isFeasible(within budget: Int, clock: StopClock) -> Bool? {
        search.isFeasible(within: budget, clock: clock)
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
        let choices = whole.lightest(result.choices)
        return AllocationPlan(
            choices: choices,
            bytes: whole.bytes(ofChoices: choices),
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
    package var largestBytes: Int {
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
