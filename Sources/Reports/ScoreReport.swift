import BitAllocation
import Sensitivity
import Text

/// Finished files and recipes measured on a table: size, impact, and how far each is from the best plan of its size.
public struct ScoreReport: Sendable {
    /// One file.
    public struct Row: Sendable {
        /// Its path.
        public let name: String
        /// What kind of file it is.
        public let kind: ComparedPlan.Kind
        /// The size of the whole file, in bytes.
        public let bytes: Int
        /// The formats and how many layers have each.
        public let formats: String
        /// Its place among the plans, or nil where the table does not say what it costs.
        public var plan: ComparedPlan?
        /// What the figures do not cover, in clauses.
        public let remarks: [String]

        /// Creates a row.
        public init(
            name: String,
            kind: ComparedPlan.Kind,
            bytes: Int,
            formats: String,
            plan: ComparedPlan?,
            remarks: [String]
        ) {
            self.name = name
            self.kind = kind
            self.bytes = bytes
            self.formats = formats
            self.plan = plan
            self.remarks = remarks
        }
    }

    private let rows: [Row]
    private let parameters: Int
    private let word: String
    private let line: TableLine?

    /// Creates a report.
    ///
    /// - Parameters:
    ///   - rows: The files, in the order in which they are shown.
    ///   - parameters: The model's parameters.
    ///   - word: What impacts are on the table: `loss`, or `error`.
    ///   - line: What the table holds and how its impacts combine; nil where that is not said.
    public init(_ rows: [Row], parameters: Int, word: String, line: TableLine? = nil) {
        self.line = line
        self.rows = rows
        self.parameters = parameters
        self.word = word
    }

    /// The files, a row each.
    ///
    /// - Parameter isForPrograms: Whether each row says what impacts are and how they combine, as a line below does for people.
    /// - Returns: The table.
    public func table(forPrograms isForPrograms: Bool = false) -> Table {
        let line = isForPrograms ? line : nil
        let columns = [
            Table.Column("File", key: "name"), Table.Column("Kind", key: "kind"),
            Table.Column("Size", .right, key: "bytes"), Table.Column("bpw", .right, key: "bitsPerWeight"),
            Table.Column("Impact", .right, key: "impact"),
            Table.Column("Best of that size", .right, key: "bestImpact"),
            Table.Column("Which is", key: "ratio"), Table.Column("Formats", key: "formats"),
            Table.Column("Remarks", key: "remarks"),
        ]
        var table = Table(columns: columns + (line == nil ? [] : Self.lineColumns))
        for row in rows {
            let plan = row.plan
            let ratio = plan.flatMap { plan in
                plan.bestImpact.flatMap { $0 > 0 ? plan.impact / $0 : nil }
            }
            let remarks =
                row.remarks + (plan?.breach.map { ["not allowed by the restrictions: \($0)"] } ?? [])
            let cells = [
                Table.Cell(row.name),
                Table.Cell(row.kind.text, value: .string(row.kind.rawValue)),
                Table.Cell.size(row.bytes),
                Table.Cell.bitsPerWeight(bytes: row.bytes, parameters: parameters),
                plan.map { Table.Cell.impact($0.impact) }
                    ?? Table.Cell("not known", value: .null),
                plan?.bestImpact.map(Table.Cell.impact) ?? .empty,
                Table.Cell(plan?.verdict(word) ?? "", value: ratio.map { .number($0) } ?? .null),
                Table.Cell(row.formats),
                Table.Cell(remarks.joined(separator: "; ")),
            ]
            table.append(cells + (line.map(Self.cells) ?? []))
        }
        return table
    }

    private static let lineColumns = [
        Table.Column("Combined by", key: "combine"), Table.Column("Impacts", key: "impactKind"),
        Table.Column("Unit", key: "unit"),
    ]

    /// What impacts are, under the columns that programs read.
    private static func cells(_ line: TableLine) -> [Table.Cell] {
        let meaning = line.table.meaning
        return [
            Table.Cell(line.combination.rawValue), Table.Cell(meaning.kind.rawValue),
            meaning.unit.map { Table.Cell($0) } ?? Table.Cell("", value: .null),
        ]
    }

    /// The files for a terminal: the figures as a table, the remarks below it, a line each, and what the table of impacts holds.
    public func text(style: TerminalStyle) -> String {
        let all = table()
        let shown = Table(
            columns: Array(all.columns.dropLast()),
            rows: all.rows.map { Array($0.dropLast()) }
        )
        var text = shown.text(style: style)
        let remarks = zip(rows, all.rows).compactMap { row, cells -> String? in
            guard let remark = cells.last?.text, !remark.isEmpty else { return nil }
            return style.fitted("\(row.name.visible): \(remark)") + "\n"
        }
        if !remarks.isEmpty { text += "\n" + remarks.joined() }
        if let line { text += "\n" + style.fitted("Table   \(line.text)") + "\n" }
        return text
    }
}
