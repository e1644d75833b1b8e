/// How many cells the rows of a text have so far, which is refused before they take memory that no table needs.
struct TableCellCount {
    /// The most cells that the rows may have together: those of the largest table, and a name for each of its rows.
    static let limit = ImpactTable.cellLimit + TextLine.limit

    private var count = 0

    /// Counts the cells of a row.
    ///
    /// - Parameters:
    ///   - row: The row.
    ///   - file: What messages call the text.
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)`` for the row with which they are too many.
    mutating func add(_ row: TableRow, file: String) throws(SensitivityError) {
        count += row.cells.count
        guard count <= Self.limit else {
            throw TextPosition(file: file, line: row.line).error(.tooManyCellsInAll(limit: Self.limit))
        }
    }
}
