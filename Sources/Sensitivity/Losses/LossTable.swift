import Tensors
import Text

/// Losses of single layers, as they were measured, from a file.
///
/// ```
/// # unit: KL divergence, nats per token
/// layer,format,loss,standardError
/// blk.0.attn_q.weight,Q4_0,0.000713,0.000081
/// blk.0.attn_k.weight,Q4_0,-0.000002,0.000009
/// ```
///
/// 1. Lines in front of the header that begin with `#` are comments. One of the form `# key: value` says something of all
///    losses: `unit`, and what `plan calibrate` wrote down to tell one measurement from another.
/// 2. The header is `layer,format,loss`, or that and `standardError`.
/// 3. A row per layer and format, in any order. A layer may have one format or several, and not every layer needs a row. A loss is a decimal
///    number with a point, which noise may make negative; a blank one was not measured. A standard error is such a number from
///    0 up; a blank one is not known. The case of a format's letters does not matter.
public struct LossTable: Hashable, Sendable {
    /// Where it was read from.
    public let path: String
    /// What the comments say, by their keys.
    public let comments: [String: String]
    /// The losses, in the file's order, each layer and format once.
    public let losses: [MeasuredLoss]
    /// Whether the last line does not end, as where a program was ended while it wrote it.
    package let isTorn: Bool
    /// The number of bytes up to the end of the last line that ends.
    package let wholeByteCount: Int

    /// What is measured, and in which unit: the comment `unit`.
    public var unit: String? { comments["unit"] }

    /// Reads a file.
    ///
    /// - Throws: ``SensitivityError`` for a file that cannot be read, and one or all of the lines that are not as they must be.
    public init(path: String) throws(SensitivityError) {
        try self.init(text: try Self.text(path: path), path: path)
    }

    /// The text of a file, which has no more lines than a table may have.
    package static func text(path: String) throws(SensitivityError) -> String {
        let text = try TextFile.read(path: path)
        try TextLine.checkCount(in: text, file: path)
        return text
    }

    /// Reads a text.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - path: What messages call it.
    ///   - droppingTorn: Whether a last line that does not end is left out.
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)`` and ``SensitivityError/badCells(file:_:)``.
    package init(text: String, path: String, droppingTorn: Bool = false) throws(SensitivityError) {
        try TextLine.checkCount(in: text, file: path)
        let end =
            text.utf8.lastIndex(of: UInt8(ascii: "\n")).map { text.utf8.index(after: $0) } ?? text.startIndex
        wholeByteCount = text.utf8.distance(from: text.startIndex, to: end)
        isTorn = end < text.endIndex
        let whole = droppingTorn ? String(text[..<end]) : text
        let leading = TextLine.commentLines(in: whole)
        comments = try Self.comments(leading, file: path)
        let (rows, _) = try CSVText.rows(of: TextLine.blanking(leading.count, of: whole), file: path)
        guard let header = rows.first else {
            throw .badTable(file: path, line: 1, problem: .noLayers)
        }
        try header.checkSeparator(file: path)
        guard Self.isHeader(header) else {
            throw .badTable(file: path, line: header.line, problem: .notLosses(header.excerpt))
        }
        losses = try Self.losses(rows.dropFirst(), columnCount: header.cells.count, file: path)
        self.path = path
    }

    /// Whether a row is the header of a file of losses.
    static func isHeader(_ row: TableRow) -> Bool {
        let columns = row.cells.map { $0.lowercased() }
        return columns == ["layer", "format", "loss"]
            || columns == ["layer", "format", "loss", "standarderror"]
    }

    /// No model loses so much; beyond it what is completed from a loss would no longer be a number.
    private static let largestLoss = 1e100

    private static func losses(
        _ rows: ArraySlice<TableRow>,
        columnCount: Int,
        file: String
    ) throws(SensitivityError) -> [MeasuredLoss] {
        struct Key: Hashable {
            let layer: String
            let format: String
        }
        var losses: [MeasuredLoss] = []
        var lines: [Key: Int] = [:]
        var problems = ProblemList(file: file)
        for row in rows {
            let loss = try problems.collect { () throws(SensitivityError) -> MeasuredLoss? in
                try row.check(cellCount: columnCount, file: file)
                let position = TextPosition(file: file, line: row.line)
                let (layer, written) = (
                    String(row.cells[0]), FormatColumns.name(of: String(row.cells[1]))
                )
                if let problem = TableName.problem(inLayer: layer) ?? TableName.problem(inFormat: written) {
                    throw position.error(problem)
                }
                guard let format = QuantizationFormat(named: written)?.name else {
                    throw position.error(
                        .unexpectedValue(
                            "the format \(written.quoted)",
                            expected: "one that plan formats lists"
                        )
                    )
                }
                if let first = lines.updateValue(row.line, forKey: Key(layer: layer, format: format)) {
                    throw position.error(.lossTwice(layer: layer, format: format, firstLine: first))
                }
                guard !row.cells[2].isEmpty else { return nil }
                let loss = try CellText.number(row.cells[2], .loss, at: position)
                guard abs(loss) <= largestLoss else {
                    throw position.error(
                        .unexpectedValue("the loss \(row.cells[2])", expected: "at most \(largestLoss)")
                    )
                }
                return MeasuredLoss(
                    layer: layer,
                    format: format,
                    loss: loss,
                    standardError: columnCount < 4 || row.cells[3].isEmpty
                        ? nil : try CellText.number(row.cells[3], .standardError, at: position)
                )
            }
            if let loss, let loss { losses.append(loss) }
        }
        try problems.check()
        return losses
    }

    /// The comments of the form `# key: value`.
    private static func comments(
        _ lines: [TextLine],
        file: String
    ) throws(SensitivityError) -> [String: String] {
        var comments: [String: String] = [:]
        for line in lines where !line.isBlank {
            let text = CellText.trimmed(line.text.drop { $0 == "#" })
            guard let colon = text.firstIndex(of: ":") else { continue }
            let key = String(CellText.trimmed(text[..<colon]))
            let value = String(CellText.trimmed(text[text.index(after: colon)...]))
            guard comments.updateValue(value, forKey: key) == nil else {
                throw .badTable(file: file, line: line.number, problem: .keyTwice(key))
            }
        }
        return comments
    }
}
