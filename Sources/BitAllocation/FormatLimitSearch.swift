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

    /// The nodes that are open, and what those that are not have led to.
    private struct Tree {
        var open: [Node]
        /// The best plan that is known.
        private(set) var best: SearchResult?
        var nodeCount = 0
        /// Whether no node was left that may hold a plan.
        private var isCertain = true
        /// The least bound of the nodes that were not searched to their ends.
        private var leastLeft = Double.infinity

        init(root: Node, best: SearchResult?) {
            open = [root]
            self.best = best
        }

        /// Takes the node of the least bound from those that are open.
        mutating func takeLeast() -> Node? {
            open.indices.min { open[$0].result.bound < open[$1].result.bound }.map { open.remove(at: $0) }
        }

        /// Takes a plan where it is better.
        mutating func take(_ plan: SearchResult) {
            if plan.isBetter(than: best) { best = plan }
        }

        /// Ends at a node whose plan keeps to the limit.
        mutating func end(at node: Node) {
            take(node.result)
            // A node whose own search is not certain leaves its bound behind.
            if !node.result.isProven { leastLeft = min(leastLeft, node.result.bound) }
        }

        /// Leaves a node, or a part of it, without having searched it.
        mutating func leave(_ node: Node) {
            leastLeft = min(leastLeft, node.result.bound)
            isCertain = false
        }

        /// The best plan with what the nodes that were left allow.
        var answer: SearchAnswer {
            guard var best else { return isCertain ? .infeasible : .unknown }
            best.bound = min(best.impact, leastLeft)
            best.isProven = best.impact - best.bound <= SumMinimizer.proofTolerance * best.impact
            best.nodeCount = nodeCount
            return .found(best)
        }
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
        // A relaxation's plan is no answer to a target yet, so it is searched to its own end; branching needs time, too.
        let root = method == self.method ? relaxed : makeSearch(problem.isAllowed, method)
        var tree: Tree
        switch root.search(within: budget, goal: .least, clock: clock.share(of: 2)) {
        case .infeasible: return .infeasible
        case .unknown:
            guard var best else { return .unknown }
            best.bound = 0
            best.isProven = false
            return .found(best)
        case .found(let result):
            tree = Tree(root: Node(required: [], excluded: [], result: result), best: best)
        }
        while let node = tree.takeLeast() {
            if let best = tree.best, node.result.cannotBeat(best) { continue }
            if let best = tree.best, let target, best.impact <= target { return .found(best) }
            guard !clock.shouldStop() else {
                tree.leave(node)
                continue
            }
            tree.nodeCount += 1 + node.result.nodeCount
            let used = formats(of: node.result.choices)
            if used.count <= limit {
                tree.end(at: node)
                continue
            }
            if let guess = restricted(to: heaviest(used, of: node), within: budget, method, clock: clock) {
                tree.take(guess)
            }
            guard
                let format = used.subtracting(node.required).min(by: { weight($0, node) > weight($1, node) })
            else {
                continue
            }
            split(node, by: format, in: &tree, within: budget, method, clock: clock)
        }
        return tree.answer
    }

    /// Opens the two children of a node, the one that requires a format and the one that excludes it.
    private func split(
        _ node: Node,
        by format: UInt16,
        in tree: inout Tree,
        within budget: Int,
        _ method: AllocationMethod,
        clock: StopClock
    ) {
        var requiring = node
        requiring.required.insert(format)
        if requiring.required.count < limit {
            // Nothing is excluded yet that was not before, so the relaxation is the same.
            tree.open.append(requiring)
        } else {
            relax(requiring, of: node, in: &tree, within: budget, method, clock: clock)
        }
        var excluding = node
        excluding.excluded.insert(format)
        relax(excluding, of: node, in: &tree, within: budget, method, clock: clock)
    }

    /// Opens a child with the result of its own relaxation, where that has one, and with its parent's bound where that is higher.
    private func relax(
        _ child: Node,
        of parent: Node,
        in tree: inout Tree,
        within budget: Int,
        _ method: AllocationMethod,
        clock: StopClock
    ) {
        switch makeSearch(mask(of: child), method).search(within: budget, goal: .least, clock: clock) {
        case .infeasible: break
        case .unknown: tree.leave(parent)
        case .found(let result):
            var child = child
            child.result = result
            if result.bound < parent.result.bound {
                child.result.bound = parent.result.bound
                child.result.tieBreakBound = parent.result.tieBreakBound
            }
            tree.open.append(child)
        }
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
