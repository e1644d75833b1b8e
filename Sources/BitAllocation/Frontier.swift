/// Every plan that no other plan beats in both size and impact, found by an exact dynamic programme over bytes.
///
/// Layer by layer, the partial plans are kept in order of size, and a partial plan that is no smaller and no better than
/// another is dropped. For the 76 layers of FLUX.1-dev 1,213 plans remain. The programme knows nothing of budgets,
/// relaxations or GLPK, which makes it the judge of all of them.
public struct Frontier: Sendable {
    /// One plan of the frontier.
    public struct Point: Hashable, Sendable {
        /// The size of the whole file, in bytes.
        public let bytes: Int
        /// The combined impact.
        public let impact: Double
    }

    /// The plans, from the smallest to the best.
    ///
    /// None is there whose impact is the same as that of the one before, see ``SameImpact``.
    public let points: [Point]

    /// The last stage's state of each point.
    private let states: [Int]

    private let stages: [Stage]
    private let candidates: Candidates

    /// The states after one layer: where each came from, and the candidate it took.
    private struct Stage: Sendable {
        var parent: [Int32] = []
        var candidate: [Int32] = []
    }

    /// Finds the frontier, or returns `nil` where more than `stateLimit` partial plans would have to be kept at once, or the
    /// programme was asked to stop.
    ///
    /// For ``ImpactCombination/max`` a point's plan has the least maximum for its size, but not always the least sum;
    /// `MaximumFrontier` has both.
    /// Ties and forbidden options are kept to; the budgets and
    /// the limit on formats play no part.
    ///
    /// - Parameters:
    ///   - problem: The problem.
    ///   - stateLimit: The most partial plans that are kept at once.
    ///   - shouldStop: Asked again and again; `true` ends the programme without a result.
    ///   - progress: Told how many of the units of decision are done, of how many.
    public init?(
        of problem: AllocationProblem,
        stateLimit: Int = 200_000,
        shouldStop: () -> Bool = { false },
        progress: (_ done: Int, _ count: Int) -> Void = { _, _ in }
    ) {
        let scale = ImpactScale(problem)
        let rule = problem.combination
        let candidates = Candidates(problem, units: Units(problem), isAllowed: problem.isAllowed) {
            scale.cost(ofImpact: problem.optionImpact[$0])
        }
        guard candidates.emptyUnit == nil else { return nil }
        var weight = [0]
        var cost = [0.0]
        var stages: [Stage] = []
        for unit in 0..<candidates.unitCount {
            guard !shouldStop() else { return nil }
            progress(unit, candidates.unitCount)
            let options = candidates.range(ofUnit: unit)
            var heads = options.map { candidates.weight[$0] }
            var cursors = [Int](repeating: 0, count: options.count)
            var stage = Stage()
            var nextWeight: [Int] = []
            var nextCost: [Double] = []
            var least = Double.infinity
            while true {
                var pick = -1
                var lightest = Int.max
                for index in heads.indices where heads[index] < lightest {
                    lightest = heads[index]
                    pick = index
                }
                guard pick >= 0 else { break }
                let candidate = options.lowerBound + pick
                let cursor = cursors[pick]
                let own = candidates.cost[candidate]
                let total = rule == .max ? max(cost[cursor], own) : cost[cursor] + own
                cursors[pick] += 1
                heads[pick] =
                    cursor + 1 < weight.count ? weight[cursor + 1] + candidates.weight[candidate] : Int.max
                guard total < least else { continue }
                least = total
                if nextWeight.last == lightest {
                    nextCost[nextCost.count - 1] = total
                    stage.parent[stage.parent.count - 1] = Int32(cursor)
                    stage.candidate[stage.candidate.count - 1] = Int32(candidate)
                } else {
                    nextWeight.append(lightest)
                    nextCost.append(total)
                    stage.parent.append(Int32(cursor))
                    stage.candidate.append(Int32(candidate))
                    guard nextWeight.count <= stateLimit else { return nil }
                }
            }
            weight = nextWeight
            cost = nextCost
            stages.append(stage)
        }
        self.stages = stages
        self.candidates = candidates
        let fixed = problem.fixedBytes + candidates.smallestBytes
        var points: [Point] = []
        var states: [Int] = []
        var before = Double.infinity
        for index in weight.indices {
            guard index % 64 != 0 || !shouldStop() else { return nil }
            let choices = Self.choices(ofPoint: index, stages, candidates)
            let impact = problem.impact(ofChoices: choices)
            if !SameImpact.isAsGood(before, as: impact) {
                points.append(Point(bytes: fixed + weight[index], impact: impact))
                states.append(index)
            }
            before = impact
        }
        self.points = points
        self.states = states
    }

    /// The index of the chosen option in the problem's columns, per layer, for one of ``points``.
    public func choices(ofPoint index: Int) -> [Int] {
        Self.choices(ofPoint: states[index], stages, candidates)
    }

    /// The index of the best point within a budget, or `nil` where none fits.
    public func point(within budget: Int) -> Int? {
        points.lastIndex { $0.bytes <= budget }
    }

    private static func choices(ofPoint index: Int, _ stages: [Stage], _ candidates: Candidates) -> [Int] {
        var choice = [Int32](repeating: 0, count: stages.count)
        var state = index
        for unit in stages.indices.reversed() {
            choice[unit] = stages[unit].candidate[state]
            state = Int(stages[unit].parent[state])
        }
        return candidates.choices(choice)
    }
}
