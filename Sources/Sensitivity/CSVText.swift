import Text

/// Reading the rows of a CSV text.
enum CSVText {
    /// The rows of a text, with the lines of the empty ones kept apart.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - file: What messages call it.
    /// - Returns: The rows, in their order, and the numbers of the lines without text.
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)`` where a quote or a control character makes the cells of a line
    ///   uncertain, and for a line of more cells, and a text of more lines or cells, than any table has.
    static func rows(
        of text: String,
        file: String
    ) throws(SensitivityError) -> (rows: [TableRow], emptyRows: [Int]) {
        try TextLine.checkCount(in: text, file: file)
        var reader = CSVReader(text)
        var rows: [TableRow] = []
        var emptyRows: [Int] = []
        var cellCount = TableCellCount()
        func next() throws(SensitivityError) -> CSVRow? {
            do throws(CSVDefect) {
                return try reader.next()
            } catch {
                throw TextPosition(file: file, line: error.line).error(problem(of: error))
            }
        }
        while let found = try next() {
            guard !found.isEmpty else {
                emptyRows.append(found.line)
                continue
            }
            let row = TableRow(line: found.line, cells: found.cells)
            try cellCount.add(row, file: file)
            rows.append(row)
        }
        return (rows, emptyRows)
    }

    private static func problem(of defect: CSVDefect) -> TableProblem {
        switch defect.problem {
        case .unbalancedQuote: .unbalancedQuote
        case .controlCharacter(let code): .controlCharacter(code)
        case .tooManyCells(let limit): .tooManyCells(limit: limit)
        }
    }
}
