/// The search under a limit on the number of different formats, by branch and bound over sets of formats, where those are too
/// many for ``FormatSubsetSearch``.
///
/// A node requires some formats and excludes others. Its relaxation ignores the limit; where its plan uses too many formats,
/// one that is not required yet is required in one child and excluded in the other. Once as many formats are required as the
/// limit allows, all others are excluded. Greedy searches of nodes find a first plan, so that there is one when time is up.
struct FormatLimitSearch: BudgetSearch {
    private let problem: AllocationProblem
    private let limit: Int
    private let relaxed: any BudgetSearch
    private let method: AllocationMethod
    private let makeSearch: FormatSubsetSearch.MakeSearch

    /// Prepares a problem.
    ///
    /// - Parameters:
    ///   - problem: The problem.
    ///   - limit: The most formats.
    ///   - method: What may be used.
    ///   - makeSearch: Makes the search of a node.
    init(
        _ problem: AllocationProblem,
        limit: Int,
        method: AllocationMethod,
        makeSearch: @escaping FormatSubsetSearch.MakeSearch
    ) {
        self.problem = problem
        self.limit = limit
        self.method = method
        self.makeSearch = makeSearch
        relaxed = makeSearch(problem.isAllowed, method)
    }

    var emptyLayer: Int? { relaxed.emptyLayer }
    var smallestBytes: Int { relaxed.smallestBytes }

    private struct Node {
        var required: Set<UInt16>
        var excluded: Set<UInt16>
        /// The relaxation's result.
        var result: SearchResult
    }

    func isFeasible(within budget: Int, clock: StopClock) -> Bool? {
        switch search(within: budget, goal: .target(.infinity), clock: clock) {
        case .found: true
        case .infeasible: false
        case .unknown: nil
        }
    }

    var findsSmallest: Bool { false }

    func search(within budget: Int, goal: SearchGoal, clock: StopClock) -> SearchAnswer {
        guard method != .greedy else {
            return branch(within: budget, target: goal.target, method: .greedy, from: nil, clock: clock)
        }
        switch branch(within: budget, target: .infinity, method: .greedy, from: nil, clock: clock) {
        case .infeasible: return .infeasible
        case .unknown:
            return branch(within: budget, target: goal.target, method: method, from: nil, clock: clock)
        case .found(let first):
            return branch(within: budget, target: goal.target, method: method, from: first, clock: clock)
        }
    }

    /// Branches and bounds.
    ///
    /// - Parameters:
    ///   - budget: The most bytes of the file.
    ///   - target: Where only this matters, an impact, as in ``SearchGoal/target(_:)``.
    ///   - method: What the searches of nodes may use.
    ///   - best: A plan that is known.
    ///   - clock: When to stop.
    /// - Returns: The best plan found.
    private func branch(
        within budget: Int,
        target: Double?,
        method: AllocationMethod,
        from best: SearchResult?,
        clock: StopClock
    ) -> SearchAnswer {
        var best = best
        var nodeCount = 0
        var isCertain = true
        var open: [Node] = []
        // A relaxation's plan is no answer to a target yet, so it is searched to its own end; branching needs time, too.
        let root = method == self.method ? relaxed : makeSearch(problem.isAllowed, method)
        switch root.search(within: budget, goal: .least, clock: clock.share(of: 2)) {
        case .infeasible: return .infeasible
        case .unknown:
            guard var best else { return .unknown }
            best.bound = 0
            best.isProven = false
            return .found(best)
        case .found(let result): open.append(Node(required: [], excluded: [], result: result))
        }
        var leastLeft = Double.infinity
        while let index = open.indices.min(by: { open[$0].result.bound < open[$1].result.bound }) {
            let node = open.remove(at: index)
            if let best, node.result.cannotBeat(best) { continue }
            if let best, let target, best.impact <= target { return .found(best) }
            guard !clock.shouldStop() else {
                leastLeft = min(leastLeft, node.result.bound)
                isCertain = false
                continue
            }
            nodeCount += 1 + node.result.nodeCount
            let used = formats(of: node.result.choices)
            if used.count <= limit {
                if node.result.isBetter(than: best) { best = node.result }
                // A node whose own search is not certain leaves its bound behind.
                if !node.result.isProven { leastLeft = min(leastLeft, node.result.bound) }
                continue
            }
            if let guess = restricted(to: heaviest(used, of: node), within: budget, method, clock: clock),
                guess.isBetter(than: best)
            {
                best = guess
            }
            guard
                let branch = used.subtracting(node.required).min(by: { weight($0, node) > weight($1, node) })
            else {
                continue
            }
            for isRequired in [true, false] {
                var child = node
                if isRequired {
                    child.required.insert(branch)
                } else {
                    child.excluded.insert(branch)
                }
                if child.required.count < limit, isRequired {
                    // Nothing is excluded yet that was not before, so the relaxation is the same.
                    open.append(child)
                    continue
                }
                let mask = mask(of: child)
                switch makeSearch(mask, method).search(within: budget, goal: .least, clock: clock) {
                case .infeasible: break
                case .unknown:
                    leastLeft = min(leastLeft, node.result.bound)
                    isCertain = false
                case .found(let result):
                    child.result = result
                    if result.bound < node.result.bound {
                        child.result.bound = node.result.bound
                        child.result.tieBreakBound = node.result.tieBreakBound
                    }
                    open.append(child)
                }
            }
        }
        guard var best else { return isCertain ? .infeasible : .unknown }
        best.bound = min(best.impact, leastLeft)
        best.isProven = best.impact - best.bound <= SumMinimizer.proofTolerance * best.impact
        best.nodeCount = nodeCount
        return .found(best)
    }

    private func formats(of choices: [Int]) -> Set<UInt16> {
        Set(choices.map { problem.optionFormat[$0] })
    }

    /// How many bytes a node's plan has in a format.
    private func weight(_ format: UInt16, _ node: Node) -> (Int, Int) {
        let bytes = node.result.choices.reduce(0) {
            $0 + (problem.optionFormat[$1] == format ? problem.optionBytes[$1] : 0)
        }
        return (bytes, Int(format))
    }

    /// As many formats as the limit allows: the required ones, then those with the most bytes.
    private func heaviest(_ used: Set<UInt16>, of node: Node) -> Set<UInt16> {
        let others = used.subtracting(node.required).sorted { weight($0, node) > weight($1, node) }
        return node.required.union(others.prefix(limit - node.required.count))
    }

    private func restricted(
        to formats: Set<UInt16>,
        within budget: Int,
        _ method: AllocationMethod,
        clock: StopClock
    ) -> SearchResult? {
        let mask = problem.optionFormat.indices.map {
            formats.contains(problem.optionFormat[$0]) && problem.isAllowed?[$0] ?? true
        }
        let search = makeSearch(mask, method)
        guard case .found(let result) = search.search(within: budget, goal: .least, clock: clock) else {
            return nil
        }
        return result
    }

    private func mask(of node: Node) -> [Bool] {
        let isFull = node.required.count == limit
        return problem.optionFormat.indices.map {
            let format = problem.optionFormat[$0]
            guard problem.isAllowed?[$0] ?? true, !node.excluded.contains(format) else { return false }
            return !isFull || node.required.contains(format)
        }
    }
}
