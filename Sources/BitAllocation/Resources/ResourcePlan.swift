/// A choice of one option per layer within several limits, with the proof of how good it is.
public struct ResourcePlan: Hashable, Sendable {
    /// The index of the chosen option in the problem's columns, per layer.
    public let choices: [Int]
    /// What the choice costs.
    public let cost: Double
    /// A proven lower limit on the cost of any choice within the limits; GLPK has no part in it.
    public let bound: Double
    /// What each resource would save per unit, at the prices that give the bound.
    public let prices: [Double]
    /// How much is known about the choice.
    public let status: AllocationPlan.Status
    /// What found the choice.
    public let solver: AllocationPlan.Solver

    /// The relative distance between the cost and the bound; 0 for a choice without cost.
    public var gap: Double { cost > 0 ? max(0, (cost - bound) / cost) : 0 }
}

/// What a search within several limits comes to.
public enum ResourceAnswer: Hashable, Sendable {
    /// A plan.
    case plan(ResourcePlan)
    /// No choice keeps to the limits, which a bound proves.
    case infeasible
    /// The search ended before it found a plan or the proof that there is none.
    case unknown
}
