/// A line of a text, for errors.
struct TextPosition {
    /// The name by which messages call the text.
    let file: String
    /// The number of the line, from 1.
    let line: Int

    /// The error that a problem in this line is.
    func error(_ problem: TableProblem) -> SensitivityError {
        .badTable(file: file, line: line, problem: problem)
    }
}
