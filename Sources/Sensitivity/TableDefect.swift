/// A problem of a table, and the line it stands on.
public struct TableDefect: Hashable, Sendable {
    /// The number of the line, from 1.
    public let line: Int
    /// What is wrong there.
    public let problem: TableProblem

    /// Creates a defect.
    public init(line: Int, problem: TableProblem) {
        self.line = line
        self.problem = problem
    }
}
