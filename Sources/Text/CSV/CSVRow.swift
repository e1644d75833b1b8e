/// A row of a table in a text.
package struct CSVRow: Hashable, Sendable {
    /// The number of the line it stands on, from 1.
    package let line: Int
    /// The cells, without blanks at their ends.
    package let cells: [Substring]

    /// Creates a row.
    package init(line: Int, cells: [Substring]) {
        self.line = line
        self.cells = cells
    }

    /// Whether no cell has any text.
    package var isEmpty: Bool { cells.allSatisfy(\.isEmpty) }
}
