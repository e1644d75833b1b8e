/// A choice for an ordered problem, with the proof of how good it is.
public struct OrderedResourcePlan: Hashable, Sendable {
    /// The place of each segment.
    public let places: [Int]
    /// The chosen option of each free layer, by its number in the layer.
    public let freeChoices: [Int]
    /// The chosen option of each layer of each segment, by its number in the layer.
    public let segmentChoices: [[Int]]
    /// What the choice costs.
    public let cost: Double
    /// A proven lower limit on the cost of any choice within the limits, wherever the segments are; GLPK has no part in it.
    public let bound: Double
    /// What each resource would save per unit, at the prices that give the bound for all ways to place the segments.
    public let prices: [Double]
    /// How much is known about the choice.
    public let status: AllocationPlan.Status
    /// What found the choice.
    public let solver: AllocationPlan.Solver
    /// Why the search ended.
    public let ending: AllocationPlan.Ending

    /// The relative distance between the cost and the bound; 0 for a choice without cost.
    public var gap: Double { cost > 0 ? max(0, (cost - bound) / cost) : 0 }
}

/// What a search of an ordered problem comes to.
public enum OrderedResourceAnswer: Hashable, Sendable {
    /// A plan.
    case plan(OrderedResourcePlan)
    /// No choice keeps to the limits, which a bound proves.
    case infeasible
    /// The search ended before it found a plan or the proof that there is none.
    case unknown
}
