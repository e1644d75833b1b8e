/// What can go wrong in building or solving an integer program.
///
/// Stopping early is not an error: see ``IntegerProgramSolution/Termination``.
public enum IntegerProgramError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The program is malformed; the text says where.
    case invalidProgram(String)
    /// The package was built without the trait `GLPK`.
    case solverNotBuiltIn
    /// GLPK gave up; the code is its return code (GLPK: `GLP_E…`).
    case solverFailed(code: Int)

    /// The cause, then the remedy where there is one.
    public var description: String {
        switch self {
        case .invalidProgram(let detail): "invalid integer program: \(detail)"
        case .solverNotBuiltIn: "this build has no integer solver; build it with the trait GLPK"
        case .solverFailed(let code): "the integer solver failed with its code \(code)"
        }
    }
}
