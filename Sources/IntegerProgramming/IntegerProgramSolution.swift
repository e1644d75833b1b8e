/// What a solve returned: the best point found, why the search ended, and the solver's own view of how good it is.
public struct IntegerProgramSolution: Hashable, Sendable {
    /// Why the search ended.
    ///
    /// | termination | values present | the solver's claim |
    /// |---|---|---|
    /// | `optimal` | yes | no point is better, within its tolerances |
    /// | `infeasible` | no | no point satisfies every constraint |
    /// | `gapReached` | yes | no point is better by more than the gap asked for |
    /// | `timeLimit`, `nodeLimit`, `workLimit`, `stopped` | perhaps | none |
    public enum Termination: String, Hashable, Sendable {
        /// The search was exhausted.
        case optimal
        /// The gap that was asked for is reached.
        case gapReached
        /// The time limit was reached.
        case timeLimit
        /// The limit of nodes was reached.
        case nodeLimit
        /// The limit of steps was reached.
        case workLimit
        /// The caller asked to stop.
        case stopped
        /// No point satisfies every constraint.
        case infeasible
    }

    /// Why the search ended.
    public let termination: Termination
    /// A value per variable, or `nil` where no point was found.
    public let values: [Double]?
    /// The objective at ``values``, recomputed from the program's own coefficients.
    public let objective: Double?
    /// The nodes of the search tree that were created.
    public let nodeCount: Int
}
