import Dispatch
import Synchronization

/// The search under a limit on the number of different formats, set of formats by set of formats.
///
/// A greedy search of every set gives a plan and a bound. In the order of those bounds, every set that could have a better plan
/// than the best so far is then searched for one. What the bounds rule out is not searched, so that the result is proven once
/// the sets that are left have been.
struct FormatSubsetSearch: BudgetSearch {
    /// Makes the search of a set, given which options may be chosen there, and what may be used.
    typealias MakeSearch = @Sendable (_ isAllowed: [Bool]?, _ method: AllocationMethod) -> any BudgetSearch

    private let problem: AllocationProblem
    private let subsets: FormatSubsets
    private let method: AllocationMethod
    private let makeSearch: MakeSearch
    private let relaxed: any BudgetSearch

    /// The sets that are bounded at a time, on all cores, before the time is looked at.
    private static let chunk = 64

    /// Prepares a problem.
    ///
    /// - Parameters:
    ///   - problem: The problem.
    ///   - subsets: The sets of formats.
    ///   - method: What may be used.
    ///   - makeSearch: Makes the search of a set.
    init(
        _ problem: AllocationProblem,
        subsets: FormatSubsets,
        method: AllocationMethod,
        makeSearch: @escaping MakeSearch
    ) {
        self.problem = problem
        self.subsets = subsets
        self.method = method
        self.makeSearch = makeSearch
        relaxed = makeSearch(problem.isAllowed, .greedy)
    }

    var emptyLayer: Int? { relaxed.emptyLayer }
    var smallestBytes: Int { relaxed.smallestBytes }
    var findsSmallest: Bool { relaxed.findsSmallest }

    func isFeasible(within budget: Int, clock: StopClock) -> Bool? {
        switch search(within: budget, goal: .target(.infinity), clock: clock) {
        case .found: true
        case .infeasible: false
        case .unknown: nil
        }
    }

    /// A set that may have the best plan.
    private struct Open {
        /// The place in the order in which the sets are surveyed.
        var place: Int
        var bound: Double
        var tieBreakBound: Double
    }

    /// What is known of all sets.
    private struct Survey {
        var open: [Open] = []
        var best: SearchResult?
        var nodeCount = 0
        /// The sets by their indices, in the order in which they are surveyed.
        var order: [Int]
    }

    func search(within budget: Int, goal: SearchGoal, clock: StopClock) -> SearchAnswer {
        guard emptyLayer == nil, smallestBytes <= budget else { return .infeasible }
        let target = goal.target
        var survey: Survey
        switch self.survey(within: budget, target: target, clock) {
        case .none: return .infeasible
        case .some(let found): survey = found
        }
        survey.open.sort { ($0.bound, $0.tieBreakBound, $0.place) < ($1.bound, $1.tieBreakBound, $1.place) }
        if method != .greedy { improve(&survey, within: budget, target: target, clock) }
        guard var best = survey.best else {
            return survey.open.allSatisfy { $0.bound == .infinity } ? .infeasible : .unknown
        }
        best.bound = min(best.impact, survey.open.reduce(.infinity) { min($0, $1.bound) })
        best.isProven = best.impact - best.bound <= SumMinimizer.proofTolerance * best.impact
        best.nodeCount = survey.nodeCount
        if case .smallestOfLeast = goal, best.isProven, findsSmallest {
            best = smallest(asGoodAs: best, among: survey, clock)
        }
        return .found(best)
    }

    /// Bounds every set, and finds a plan in it where there is one; `nil` where no plan keeps to the budgets even without the limit.
    private func survey(within budget: Int, target: Double?, _ clock: StopClock) -> Survey? {
        let relaxation: SearchResult?
        switch relaxed.search(within: budget, goal: .least, clock: clock) {
        case .infeasible: return nil
        case .unknown: relaxation = nil
        case .found(let result): relaxation = result
        }
        let floor = relaxation?.bound ?? 0
        let order = order(like: relaxation?.choices)
        var survey = Survey(order: order)
        for start in stride(from: 0, to: order.count, by: Self.chunk) {
            // A search that is late still has to find a plan; where someone asks for an end, it need not.
            let isEnough = target.flatMap { target in survey.best.map { $0.impact <= target } } ?? false
            if isEnough || clock.isStopped || clock.isLate && survey.best != nil {
                survey.open += (start..<order.count).map {
                    Open(place: $0, bound: floor, tieBreakBound: 0)
                }
                break
            }
            let chunk = start..<min(start + Self.chunk, order.count)
            let answers = Mutex([SearchAnswer](repeating: .unknown, count: chunk.count))
            DispatchQueue.concurrentPerform(iterations: chunk.count) { index in
                let answer = makeSearch(mask(ofSet: order[start + index]), .greedy)
                    .search(within: budget, goal: .least, clock: clock)
                answers.withLock { $0[index] = answer }
            }
            for (place, answer) in zip(chunk, answers.withLock({ $0 })) {
                var open = Open(place: place, bound: floor, tieBreakBound: 0)
                switch answer {
                case .infeasible: continue
                case .unknown: break
                case .found(let result):
                    survey.nodeCount += 1
                    open.bound = max(floor, result.bound)
                    open.tieBreakBound = result.tieBreakBound
                    if result.isBetter(than: survey.best) { survey.best = result }
                }
                survey.open.append(open)
            }
        }
        return survey
    }

    /// Searches the sets that could have a better plan than the best so far, or than a target.
    private func improve(_ survey: inout Survey, within budget: Int, target: Double?, _ clock: StopClock) {
        for index in survey.open.indices {
            if let target, let best = survey.best, best.impact <= target { return }
            let open = survey.open[index]
            if let target, open.bound > target { return }
            if let best = survey.best, cannotBeat(open, best) { continue }
            guard !clock.shouldStop() else { return }
            let goal: SearchGoal =
                if let target { .target(target) } else if let best = survey.best {
                    .leastBelow(best.impact)
                } else { .least }
            // One set that cannot be decided must not use up the time of all that follow.
            let answer = makeSearch(mask(ofSet: survey.order[open.place]), method)
                .search(within: budget, goal: goal, clock: clock.share(of: 2))
            switch answer {
            case .infeasible:
                // Of a set without a better plan than the best, one as good may still be the smallest file.
                survey.open[index].bound =
                    if case .leastBelow(let impact) = goal { max(open.bound, impact) } else { .infinity }
            case .unknown: break
            case .found(let result):
                survey.nodeCount += result.nodeCount
                if result.bound >= open.bound {
                    survey.open[index].bound = result.bound
                    survey.open[index].tieBreakBound = result.tieBreakBound
                }
                if result.isBetter(than: survey.best) { survey.best = result }
            }
        }
    }

    /// Whether a set has no plan that counts as better than the best so far.
    private func cannotBeat(_ open: Open, _ best: SearchResult) -> Bool {
        // What decides between plans of one impact is looked for with the smallest file.
        findsSmallest
            ? open.bound >= best.impact
            : (open.bound, open.tieBreakBound) >= (best.impact, best.tieBreak)
    }

    /// The smallest file of all sets that is as good as the best plan.
    private func smallest(
        asGoodAs best: SearchResult,
        among survey: Survey,
        _ clock: StopClock
    ) -> SearchResult {
        let limit = SameImpact.limit(best.impact)
        var smallest = best
        var bytes = problem.bytes(ofChoices: best.choices)
        for open in survey.open where open.bound <= limit && !clock.shouldStop() {
            let search = makeSearch(mask(ofSet: survey.order[open.place]), method)
            guard search.smallestBytes <= bytes,
                case .found(let result) = search.search(
                    within: bytes,
                    goal: .smallest(maximumImpact: limit),
                    clock: clock
                )
            else { continue }
            let found = problem.bytes(ofChoices: result.choices)
            smallest.nodeCount += result.nodeCount
            guard found < bytes || (found == bytes && result.isBetter(than: smallest)) else { continue }
            bytes = found
            smallest.choices = result.choices
            smallest.impact = result.impact
            smallest.tieBreak = result.tieBreak
            smallest.solver = result.solver
            smallest.replaced = best.impact < result.impact ? best.impact : nil
            smallest.bound = min(best.bound, result.impact)
        }
        return smallest
    }

    /// The sets, those first whose formats have most bytes in a plan without the limit.
    private func order(like choices: [Int]?) -> [Int] {
        var bytes = [Int](repeating: 0, count: problem.formatNames.count)
        for choice in choices ?? [] {
            bytes[Int(problem.optionFormat[choice])] += problem.optionBytes[choice]
        }
        let weights = subsets.sets.map { set in
            zip(set, bytes).reduce(0) { $0 + ($1.0 ? $1.1 : 0) }
        }
        return weights.indices.sorted { (-weights[$0], $0) < (-weights[$1], $1) }
    }

    /// Which options a set leaves.
    private func mask(ofSet index: Int) -> [Bool] {
        let set = subsets.sets[index]
        return problem.optionFormat.indices.map {
            set[Int(problem.optionFormat[$0])] && problem.isAllowed?[$0] ?? true
        }
    }
}
