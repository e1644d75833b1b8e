/// One option per layer, with the proof of how good the choice is.
public struct AllocationPlan: Hashable, Sendable {
    /// The share by which a plan's impact may exceed the greatest impact that was asked for: the rounding of its sum.
    public static let impactTolerance = 1e-12

    /// How much is known about a plan.
    public enum Status: String, Hashable, Sendable {
        /// No admissible plan is better: a bound computed without the integer solver agrees with the plan
        /// to within 1e-9.
        case optimal
        /// The plan is admissible; how far it may be from the best is its ``AllocationPlan/gap``.
        case feasible
    }

    /// What found the plan.
    public enum Solver: String, Hashable, Sendable {
        /// GLPK's integer optimizer.
        case glpk
        /// The dominance dynamic programme over the layers that the bounds leave open.
        case dominance
        /// Greedy steps along the lower convex hulls.
        case greedy
    }

    /// What a plan minimises.
    public enum Objective: String, Hashable, Sendable {
        /// The combined impact, within a budget.
        case impact
        /// The size of the file, within a combined impact.
        case bytes
        /// The time per token, within a combined impact.
        case time
    }

    /// Why the search ended.
    public enum Ending: String, Hashable, Sendable {
        /// The plan is proven to be the best.
        case proven
        /// Proving was not asked for.
        case greedyOnly
        /// The time limit was reached, or the steps that it stands for were made.
        case timeLimit
        /// The caller asked to stop, or the task was cancelled.
        case stopped
        /// The states that the search may hold were used up; more time would not help.
        case stateLimit
    }

    /// The index of the chosen option in the problem's columns, per layer.
    public let choices: [Int]
    /// The size of the whole file, in bytes.
    public let bytes: Int
    /// The combined impact.
    public let impact: Double
    /// What the plan minimises.
    public let objective: Objective
    /// A proven lower limit on what the plan minimises: the combined impact of any plan within the budget, or the
    /// bytes or the time of any plan within the combined impact.
    public let bound: Double
    /// How much is known about the plan.
    public let status: Status
    /// What found the plan.
    public let solver: Solver
    /// Why the search ended.
    public let ending: Ending
    /// The states that the dynamic programme kept and the nodes that GLPK created.
    public let nodeCount: Int
    /// The time it took; not part of a recipe.
    public let duration: Duration
    /// The time per token in seconds, where it is what the plan minimises.
    public var seconds: Double?

    /// The relative distance between what the plan minimises and the bound: `(impact − bound) / impact`, 0 for a plan
    /// without impact.
    public var gap: Double {
        let value =
            switch objective {
            case .impact: impact
            case .bytes: Double(bytes)
            case .time: seconds ?? 0
            }
        return value > 0 ? Swift.max(0, (value - bound) / value) : 0
    }

    /// The name of the format that a layer takes.
    public func format(ofLayer layer: Int, in problem: AllocationProblem) -> String {
        problem.formatNames[Int(problem.optionFormat[choices[layer]])]
    }
}
