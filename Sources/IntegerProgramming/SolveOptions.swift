/// Limits and tolerances of one solve.
public struct SolveOptions: Sendable {
    /// The time to spend, or `nil`; checked between nodes, so a target rather than a bound (GLPK: `tm_lim`).
    public var timeLimit: Duration?
    /// The nodes to create at most, or `nil`; unlike a time limit it makes an interrupted search repeatable.
    public var nodeLimit: Int?
    /// The steps of the search and of the simplex method to make at most, or `nil`; as repeatable as a limit of nodes, and kept
    /// within a node as well.
    ///
    /// A search that spends ``backstop`` of processor time between two steps that are counted is ended all the same.
    public var workLimit: Int?
    /// The relative gap at which to stop (GLPK: `mip_gap`).
    public var relativeGap: Double
    /// Asked between nodes; `true` ends the search with the best point so far.
    public var shouldStop: (@Sendable () -> Bool)?

    /// The processor time after which a search that is limited in work ends whatever it does: many times what any such work takes.
    ///
    /// GLPK has been seen to stall where it asks nobody whether to go on.
    public static let backstop = Duration.seconds(5)

    /// Creates options; the defaults search until the optimum is proven or ten seconds have passed.
    public init(
        timeLimit: Duration? = .seconds(10),
        nodeLimit: Int? = nil,
        workLimit: Int? = nil,
        relativeGap: Double = 0,
        shouldStop: (@Sendable () -> Bool)? = nil
    ) {
        self.timeLimit = timeLimit
        self.nodeLimit = nodeLimit
        self.workLimit = workLimit
        self.relativeGap = relativeGap
        self.shouldStop = shouldStop
    }
}
