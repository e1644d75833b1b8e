/// A row of a table in a text.
struct TableRow {
    /// The number of the line it stands on, from 1.
    let line: Int
    /// The cells, without blanks at their ends.
    let cells: [Substring]

    /// Whether no cell has any text.
    var isEmpty: Bool { cells.allSatisfy(\.isEmpty) }

    /// What keeps the cells apart in a row that no comma does, or nil.
    var otherSeparator: String? {
        guard cells.count == 1, let text = cells.first else { return nil }
        return text.contains(";") ? "semicolons" : text.contains("\t") ? "tabs" : nil
    }

    /// The row as messages show it.
    var excerpt: String { cells.joined(separator: ",") }
}
