public import Text

/// Rows of cells under named columns, to be shown to a person or given to a program.
///
/// ```swift
/// var table = Table(columns: [
///     Table.Column("Layer", key: "layer"),
///     Table.Column("Size (GB)", .right, key: "bytes"),
/// ])
/// table.append(["layer05.txt", Table.Cell("0.18", value: .integer(180_486_144))])
/// print(try table.rendered(as: .text), terminator: "")
/// ```
public struct Table: Hashable, Sendable {
    /// The columns, from left to right.
    public private(set) var columns: [Column]
    /// The rows from top to bottom, each with one cell per column.
    public private(set) var rows: [[Cell]] = []

    /// How many columns from the left tell the rows apart; each part of a table that is too wide begins with them.
    let keyColumnCount: Int

    /// Creates a table.
    ///
    /// - Parameters:
    ///   - columns: The columns.
    ///   - rows: The first rows.
    ///   - keyColumnCount: How many columns from the left tell the rows apart.
    public init(columns: [Column], rows: [[Cell]] = [], keyColumnCount: Int = 1) {
        self.columns = columns
        self.keyColumnCount = keyColumnCount
        for row in rows {
            append(row)
        }
    }

    /// Adds a row at the bottom.
    ///
    /// A row with too few cells is filled with empty ones. A row with too many loses none of them: the table gets
    /// untitled columns, with keys such as `column4`.
    public mutating func append(_ row: [Cell]) {
        while columns.count < row.count {
            columns.append(Column("", key: "column\(columns.count + 1)"))
            for index in rows.indices {
                rows[index].append(.empty)
            }
        }
        rows.append(row + Array(repeating: .empty, count: columns.count - row.count))
    }

    /// The table in a format, ending with a newline.
    ///
    /// - Parameters:
    ///   - format: What the table is written as.
    ///   - style: How headings are emphasised where the format is `text`.
    /// - Returns: The table as text.
    /// - Throws: An error if the format is `json` and a cell's number is not finite.
    public func rendered(
        as format: OutputFormat,
        style: TerminalStyle = .plain
    ) throws(JSONWritingError) -> String {
        switch format {
        case .text: text(style: style)
        case .json: try json()
        case .csv: csv()
        case .markdown: markdown()
        }
    }
}
