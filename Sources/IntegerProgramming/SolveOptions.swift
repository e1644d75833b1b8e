/// Limits and tolerances of one solve.
public struct SolveOptions: Sendable {
    /// The time to spend; checked between nodes, so a target rather than a bound (GLPK: `tm_lim`).
    public var timeLimit: Duration
    /// The nodes to create at most, or `nil`; unlike a time limit it makes an interrupted search repeatable.
    public var nodeLimit: Int?
    /// The relative gap at which to stop (GLPK: `mip_gap`).
    public var relativeGap: Double
    /// Asked between nodes; `true` ends the search with the best point so far.
    public var shouldStop: (@Sendable () -> Bool)?

    /// Creates options; the defaults search until the optimum is proven or ten seconds have passed.
    public init(
        timeLimit: Duration = .seconds(10),
        nodeLimit: Int? = nil,
        relativeGap: Double = 0,
        shouldStop: (@Sendable () -> Bool)? = nil
    ) {
        self.timeLimit = timeLimit
        self.nodeLimit = nodeLimit
        self.relativeGap = relativeGap
        self.shouldStop = shouldStop
    }
}
