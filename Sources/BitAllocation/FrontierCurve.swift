/// The best plans of a problem from the smallest file to the least impact: all of them, or a number of proven ones.
///
/// For sums and roots of sums of squares ``Frontier`` gives every plan, and where the worst layer decides, so do the ceilings on
/// it. Where they cannot, because a second budget or a limit on formats binds, or because there are too many plans, budgets
/// evenly spaced between the smallest and the largest file are solved instead, each with its own proof.
public struct FrontierCurve: Sendable {
    /// One plan of the curve.
    public struct Point: Hashable, Sendable {
        /// The index of the chosen option in the problem's columns, per layer.
        public let choices: [Int]
        /// The size of the whole file, in the bytes that the problem's budget counts.
        public let bytes: Int
        /// The combined impact.
        public let impact: Double
        /// A proven lower limit on the impact of any plan of that size or less.
        public let bound: Double

        /// The relative distance between the impact and its bound; 0 for a plan without impact.
        public var gap: Double {
            impact > 0 ? max(0, (impact - bound) / impact) : 0
        }
    }

    /// The plans, from the smallest to the best; none is beaten by another in both size and impact.
    public let points: [Point]
    /// Whether these are all the plans that no other plan beats.
    public let isComplete: Bool

    /// The most partial plans that are kept at once before the exact programme is given up.
    public static let stateLimit = 50_000
    /// The most options, over all layers, for which the exact programme is tried.
    private static let optionLimit = 5_000

    /// Finds the curve; the problem's budget plays no part.
    ///
    /// - Parameters:
    ///   - problem: The problem.
    ///   - allocator: Solves single budgets where the exact programme does not serve.
    ///   - count: The number of budgets to solve there, at least two.
    /// - Throws: What the allocator throws where there is no plan at any budget; ``AllocationError/limitReached`` where it was asked
    ///   to stop before there were two.
    public init(
        of problem: AllocationProblem,
        allocator: Allocator,
        count: Int = 50
    ) throws(AllocationError) {
        let problem = problem.counted
        if let exact = Self.exactPoints(of: problem, allocator) {
            points = exact
            isComplete = true
            return
        }
        guard !allocator.isStopped else { throw .limitReached }
        var unlimited = problem
        unlimited.budget = .max
        let best = try allocator.plan(for: unlimited)
        let least = unlimited.smallestAllowedBytes ?? unlimited.smallestBytes
        let steps = Self.stepCount(count)
        let span = max(0, best.bytes - least)
        let budgets = (0...steps).map { step in
            least + span / steps * step + span % steps * step / steps
        }
        var found = [best]
        for case .success(let plan) in allocator.plans(for: problem, budgets: budgets) {
            found.append(plan)
        }
        if allocator.isStopped, found.count < 2 { throw .limitReached }
        points = Self.nonDominated(
            found.map { Point(choices: $0.choices, bytes: $0.bytes, impact: $0.impact, bound: $0.bound) }
        )
        isComplete = false
    }

    private init(points: [Point], isComplete: Bool) {
        self.points = points
        self.isComplete = isComplete
    }

    /// The part of the curve whose files have at most so many bytes, or nil where none has.
    public func within(_ bytes: Int) -> FrontierCurve? {
        let points = points.filter { $0.bytes <= bytes }
        return points.isEmpty ? nil : FrontierCurve(points: points, isComplete: isComplete)
    }

    /// The points that no other beats in both size and impact, from the smallest; of those of one impact, the smallest.
    private static func nonDominated(_ points: [Point]) -> [Point] {
        let sorted = points.sorted { $0.bytes != $1.bytes ? $0.bytes < $1.bytes : $0.impact < $1.impact }
        var kept: [Point] = []
        var least = Double.infinity
        for point in sorted {
            if !SameImpact.isAsGood(least, as: point.impact) { kept.append(point) }
            least = min(least, point.impact)
        }
        return kept
    }

    /// All points, or `nil` where there is no exact way to them.
    private static func exactPoints(of problem: AllocationProblem, _ allocator: Allocator) -> [Point]? {
        guard problem.formatLimit == nil, problem.secondBudget == nil,
            problem.optionBytes.count <= optionLimit
        else { return nil }
        let choices: [[Int]]
        if problem.combination == .max {
            // What keeps a layer from every format is for the allocator to say.
            guard let exact = MaximumFrontier(of: problem, shouldStop: { allocator.isStopped }),
                !exact.choices.isEmpty
            else { return nil }
            choices = exact.choices
        } else {
            guard
                let exact = Frontier(
                    of: problem,
                    stateLimit: stateLimit,
                    shouldStop: { allocator.isStopped },
                    progress: allocator.progress
                )
            else { return nil }
            choices = exact.points.indices.map(exact.choices(ofPoint:))
        }
        return choices.map { choices in
            let impact = problem.impact(ofChoices: choices)
            return Point(
                choices: choices,
                bytes: problem.bytes(ofChoices: choices),
                impact: impact,
                bound: impact
            )
        }
    }

    /// The index of the best point within a budget, or `nil` where none fits.
    public func index(within budget: Int) -> Int? {
        var low = 0
        var high = points.count
        while low < high {
            let middle = (low + high) / 2
            if points[middle].bytes <= budget {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low > 0 ? low - 1 : nil
    }

    /// The indices of at most so many points: the best within each of so many budgets evenly spaced in size.
    public func sample(_ count: Int) -> [Int] {
        guard points.count > max(2, count), let first = points.first, let last = points.last else {
            return Array(points.indices)
        }
        let steps = Self.stepCount(count)
        let span = last.bytes - first.bytes
        var result: [Int] = []
        for step in 0...steps {
            let budget = first.bytes + span / steps * step + span % steps * step / steps
            if let index = index(within: budget), index != result.last {
                result.append(index)
            }
        }
        return result
    }

    /// The steps between so many budgets, at least one and few enough to be multiplied.
    private static func stepCount(_ count: Int) -> Int {
        min(max(2, count), 1_000_000) - 1
    }
}
