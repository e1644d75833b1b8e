/// Problems of a table's single cells and rows, collected so that a person hears of all of them at once.
struct ProblemList {
    private let file: String
    private var defects: [TableDefect] = []

    init(file: String) {
        self.file = file
    }

    /// Reads something, and keeps what is wrong with it in mind.
    ///
    /// - Parameter read: What reads it.
    /// - Returns: What was read, or nil where it is wrong.
    /// - Throws: What is no problem of a line.
    mutating func collect<Value>(
        _ read: () throws(SensitivityError) -> Value
    ) throws(SensitivityError) -> Value? {
        do throws(SensitivityError) {
            return try read()
        } catch {
            guard case .badTable(_, let line, let problem) = error else { throw error }
            defects.append(TableDefect(line: line, problem: problem))
            return nil
        }
    }

    /// Throws where anything was wrong.
    func check() throws(SensitivityError) {
        guard let first = defects.first else { return }
        guard defects.count > 1 else {
            throw .badTable(file: file, line: first.line, problem: first.problem)
        }
        throw .badCells(file: file, defects)
    }
}
