import Tensors
import Text

/// What an element costs in each format besides its bytes, such as the time to read and decode it, in any unit.
///
/// As CSV, a header and a line per format:
///
/// ```csv
/// format,cost
/// BF16,1
/// Q8_0,1.12
/// Q4_1,1.31
/// ```
public struct FormatCosts: Hashable, Sendable {
    /// The cost of an element, by the name of the format, which of a known one is its own: finite and not negative.
    public let costs: [String: Double]

    /// The cost of an element in a format, or nil where there is none.
    ///
    /// - Parameter format: Its name; the case of a known format's letters does not matter.
    /// - Returns: The cost.
    public func cost(of format: String) -> Double? { costs[format] ?? costs[Self.name(of: format)] }

    /// The name that a format has in ``costs``.
    private static func name(of written: String) -> String {
        let name = FormatColumns.name(of: written)
        return QuantizationFormat(named: name)?.name ?? name
    }

    /// A fingerprint of the formats and their costs; the order of the rows is not part of it.
    public var digest: String {
        var digest = ContentDigest()
        for (format, cost) in costs.sorted(by: { $0.key < $1.key }) {
            digest.update(field: format)
            digest.update(field: Int(bitPattern: UInt(cost.bitPattern)))
        }
        return digest.text
    }

    /// What a model costs as a multiple of what it costs in its source format.
    ///
    /// - Parameters:
    ///   - layers: The format of each layer, and the number of its elements.
    ///   - source: The name of the source format.
    /// - Returns: The factor.
    /// - Throws: ``SensitivityError/noCost(format:)`` for a format without a row, and for a source format without a cost
    ///   above zero.
    public func slowdown(
        of layers: [(format: String, elements: Int)],
        source: String
    ) throws(SensitivityError) -> Double {
        guard let sourceCost = cost(of: source), sourceCost > 0 else { throw .noCost(format: source) }
        let total = Double(layers.reduce(0) { $0 + $1.elements })
        var factor = 0.0
        for layer in layers {
            guard let cost = cost(of: layer.format) else { throw .noCost(format: layer.format) }
            factor += Double(layer.elements) / total * cost / sourceCost
        }
        return factor
    }

    /// Reads costs from a CSV file.
    ///
    /// - Throws: ``SensitivityError`` for a file that cannot be read, another header, a row with another number of cells than
    ///   two, a format that stands twice, and a cost that is no finite number or is negative.
    public static func read(path: String) throws(SensitivityError) -> FormatCosts {
        try read(text: try TextFile.read(path: path), name: path)
    }

    /// Reads costs from CSV text; see ``read(path:)``.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - name: What errors call it.
    /// - Returns: The costs.
    /// - Throws: ``SensitivityError`` as ``read(path:)``, but for a file that cannot be read.
    public static func read(text: String, name: String) throws(SensitivityError) -> FormatCosts {
        let rows = try CSVText.rows(of: text, file: name).rows
        let body = try TableRow.body(
            of: rows,
            below: ["format", "cost"],
            each: "a format and its cost",
            file: name
        )
        var costs: [String: Double] = [:]
        for row in body {
            let position = TextPosition(file: name, line: row.line)
            guard row.cells.count == 2 else {
                throw position.error(.cellCount(found: row.cells.count, expected: 2))
            }
            let format = Self.name(of: String(row.cells[0]))
            guard !format.isEmpty else { throw position.error(.namelessFormat) }
            guard costs[format] == nil else { throw position.error(.formatTwice(format, earlier: format)) }
            costs[format] = try cost(row.cells[1], at: position)
        }
        guard !costs.isEmpty else {
            throw TextPosition(file: name, line: rows.first?.line ?? 1)
                .error(.unexpectedValue("there is no cost", expected: "a format and its cost per line"))
        }
        return FormatCosts(costs: costs)
    }

    /// A cost: nothing, `inf` and `nan` forbid no format here, and none of them is a cost.
    private static func cost(_ cell: Substring, at position: TextPosition) throws(SensitivityError) -> Double
    {
        do throws(SensitivityError) {
            return try CellText.number(cell, at: position)
        } catch {
            guard case .badTable(_, _, let problem) = error else { throw error }
            switch problem {
            case .unreadableNumber, .notANumber, .outOfRange:
                let found = cell.isEmpty ? "the line has no cost" : "the cost is \(String(cell).quoted)"
                throw position.error(
                    .unexpectedValue(found, expected: "0 or a finite number above it, such as 1.25")
                )
            default: throw error
            }
        }
    }
}
