import Tensors

/// What casting each layer of a model to each format costs.
///
/// Layers are the units of decision, named as the table names them (`layer05.img`); formats are named
/// canonically (`float8_e4m3fn` where the source says `torch.float8_e4m3fn`). The model's own 16-bit format
/// need not be in the table, as it costs nothing; a column for it is used as given.
///
/// A table has at least one layer and one format, no name twice, at most 256 formats and ten million cells,
/// and its impacts are finite and not negative.
public struct ImpactTable: Hashable, Sendable {
    /// The name of the table, which recipes give as their source.
    public let name: String
    /// The canonical names of the formats, in the order of the columns.
    public let formats: [String]
    /// The names of the layers, in the order of the rows.
    public let layers: [String]
    /// The cells: one array per layer, with one cell per format.
    public let cells: [[ImpactCell]]
    /// The sizes in bytes of the cells, where the source measured them and its formats have no size of their own;
    /// nil for most tables.
    ///
    /// A layer of such a table has only the formats that have a size there; the lint does not report the others.
    public let byteCounts: [[Int?]]?
    /// The standard errors of the impacts, finite and from 0 up, nil for a cell whose error is not known; nil for a table
    /// that knows none.
    public let standardErrors: [[Double?]]?
    /// What the table says of its cells besides their numbers: whether they are amplitudes or losses, and of what.
    public let meaning: ImpactMeaning
    /// What the reader met in the source that is no cell: empty rows, missing cells, repeated ones and so on.
    ///
    /// Only ``lint(bitsPerWeight:)`` uses them; a table made in code has none.
    public let readingFindings: [ImpactFinding]

    private let layerIndices: [String: Int]
    private let formatIndices: [String: Int]

    /// The largest number of formats in a table.
    static let formatLimit = 256
    /// The largest number of cells in a table.
    static let cellLimit = 10_000_000

    /// Creates a table.
    ///
    /// Format names are made canonical, see ``canonicalFormat(_:)``, and an impact of -0 becomes 0.
    ///
    /// - Parameters:
    ///   - name: The name of the table.
    ///   - formats: The formats in the order of the columns.
    ///   - layers: The layers in the order of the rows.
    ///   - cells: One array per layer, with one cell per format.
    ///   - standardErrors: The standard errors of the impacts, in the shape of the cells.
    ///   - meaning: What the cells are.
    /// - Throws: ``SensitivityError/unusableTable(name:problem:)``.
    public init(
        name: String,
        formats: [String],
        layers: [String],
        cells: [[ImpactCell]],
        standardErrors: [[Double?]]? = nil,
        meaning: ImpactMeaning = .unknown
    ) throws(SensitivityError) {
        try self.init(
            name: name,
            formats: formats,
            layers: layers,
            cells: cells,
            standardErrors: standardErrors,
            meaning: meaning,
            readingFindings: []
        )
    }

    /// The same table with another account of what its cells are.
    public func with(meaning: ImpactMeaning) -> ImpactTable {
        ImpactTable(self, meaning: meaning)
    }

    private init(_ table: ImpactTable, meaning: ImpactMeaning) {
        name = table.name
        formats = table.formats
        layers = table.layers
        cells = table.cells
        byteCounts = table.byteCounts
        standardErrors = table.standardErrors
        readingFindings = table.readingFindings
        layerIndices = table.layerIndices
        formatIndices = table.formatIndices
        self.meaning = meaning
    }

    /// Creates a table that was read from text, with what the reader met.
    init(
        name: String,
        formats: [String],
        layers: [String],
        cells: [[ImpactCell]],
        byteCounts: [[Int?]]? = nil,
        standardErrors: [[Double?]]? = nil,
        meaning: ImpactMeaning = .unknown,
        readingFindings: [ImpactFinding]
    ) throws(SensitivityError) {
        var columns = FormatColumns()
        for format in formats {
            if let problem = columns.add(format[...]) {
                throw .unusableTable(name: name, problem: problem)
            }
        }
        var layerIndices: [String: Int] = [:]
        layerIndices.reserveCapacity(layers.count)
        for (index, layer) in layers.enumerated() {
            if let problem = TableName.problem(inLayer: layer) {
                throw .unusableTable(name: name, problem: problem)
            }
            guard layerIndices.updateValue(index, forKey: layer) == nil else {
                throw .unusableTable(name: name, problem: .layerTwice(layer, firstLine: nil))
            }
        }
        if let problem = Self.sizeProblem(layers: layers.count, formats: formats.count) {
            throw .unusableTable(name: name, problem: problem)
        }
        guard cells.count == layers.count else {
            throw .unusableTable(name: name, problem: .rowCount(found: cells.count, expected: layers.count))
        }

        self.name = name
        self.formats = columns.names
        self.layers = layers
        self.cells = try Self.checked(cells, name: name, formatCount: formats.count)
        self.byteCounts = byteCounts
        self.standardErrors = try Self.checked(
            standardErrors,
            name: name,
            rowCount: layers.count,
            formatCount: formats.count
        )
        self.meaning = meaning
        self.readingFindings = readingFindings
        self.layerIndices = layerIndices
        formatIndices = columns.indices
    }

    /// The cell of a layer and a format, or nil if the table has no such layer or format.
    public func cell(layer: String, format: String) -> ImpactCell? {
        guard let row = layerIndices[layer], let column = formatIndices[Self.canonicalFormat(format)] else {
            return nil
        }
        return cells[row][column]
    }

    /// The impact of casting a layer to a format, or nil if it is forbidden or not in the table.
    public func impact(layer: String, format: String) -> Double? {
        cell(layer: layer, format: format)?.impact
    }

    /// The standard error of the impact of casting a layer to a format, or nil if it is not known.
    public func standardError(layer: String, format: String) -> Double? {
        guard let standardErrors, let row = layerIndices[layer],
            let column = formatIndices[Self.canonicalFormat(format)]
        else { return nil }
        return standardErrors[row][column]
    }

    /// The size in bytes that the source gives the layer in a format, or nil if it gives none.
    public func byteCount(layer: String, format: String) -> Int? {
        guard let byteCounts, let row = layerIndices[layer],
            let column = formatIndices[Self.canonicalFormat(format)]
        else { return nil }
        return byteCounts[row][column]
    }

    /// The position of a layer in ``layers``, or nil if the table has no such layer.
    public func index(ofLayer layer: String) -> Int? {
        layerIndices[layer]
    }

    /// The position of a format in ``formats``, or nil if the table has no such format.
    public func index(ofFormat format: String) -> Int? {
        formatIndices[Self.canonicalFormat(format)]
    }

    /// A digest of the content: layers, formats, the bits of every cell, its size and its standard error if it has one, but neither the
    /// name nor the meaning, which recipes state beside it.
    ///
    /// The text names its algorithm (`fnv1a64:…`). Two tables with the same digest were read from the same
    /// numbers, however they were written down.
    public var digest: String {
        var digest = ContentDigest()
        digest.update(field: layers.count)
        for layer in layers {
            digest.update(field: layer)
        }
        digest.update(field: formats.count)
        for format in formats {
            digest.update(field: format)
        }
        for row in cells {
            for cell in row {
                digest.update(field: Int(truncatingIfNeeded: Self.bits(of: cell)))
            }
        }
        for row in byteCounts ?? [] {
            for byteCount in row {
                digest.update(field: byteCount ?? -1)
            }
        }
        for row in standardErrors ?? [] {
            for error in row {
                digest.update(field: Int(truncatingIfNeeded: (error ?? .nan).bitPattern))
            }
        }
        return digest.text
    }

    /// The canonical name of a format: without the `torch.` in front.
    public static func canonicalFormat(_ name: String) -> String {
        let prefix = "torch."
        guard name.utf8.count > prefix.utf8.count, name.hasPrefix(prefix) else { return name }
        return String(name.dropFirst(prefix.count))
    }

    /// What is wrong with the size of a table, or nil.
    static func sizeProblem(layers: Int, formats: Int) -> TableProblem? {
        guard formats > 0 else { return .noFormats }
        guard layers > 0 else { return .noLayers }
        let (cellCount, overflow) = layers.multipliedReportingOverflow(by: formats)
        guard formats <= formatLimit, !overflow, cellCount <= cellLimit else {
            return .tooLarge(layers: layers, formats: formats)
        }
        return nil
    }

    private static func checked(
        _ cells: [[ImpactCell]],
        name: String,
        formatCount: Int
    ) throws(SensitivityError) -> [[ImpactCell]] {
        var checked = cells
        for (row, line) in cells.enumerated() {
            guard line.count == formatCount else {
                throw .unusableTable(
                    name: name,
                    problem: .cellCount(found: line.count, expected: formatCount)
                )
            }
            for (column, cell) in line.enumerated() {
                guard let value = cell.impact else { continue }
                guard !value.isNaN else { throw .unusableTable(name: name, problem: .notANumber("nan")) }
                guard value >= 0 else { throw .unusableTable(name: name, problem: .negative("\(value)")) }
                guard value.isFinite else { throw .unusableTable(name: name, problem: .outOfRange("inf")) }
                if value == 0 {
                    checked[row][column] = .impact(0)
                }
            }
        }
        return checked
    }

    private static func checked(
        _ errors: [[Double?]]?,
        name: String,
        rowCount: Int,
        formatCount: Int
    ) throws(SensitivityError) -> [[Double?]]? {
        guard let errors else { return nil }
        guard errors.count == rowCount else {
            throw .unusableTable(name: name, problem: .rowCount(found: errors.count, expected: rowCount))
        }
        for row in errors {
            guard row.count == formatCount else {
                throw .unusableTable(
                    name: name,
                    problem: .cellCount(found: row.count, expected: formatCount)
                )
            }
            for case let error? in row {
                guard error >= 0 || error.isNaN else {
                    throw .unusableTable(name: name, problem: .negative("\(error)"))
                }
                guard error.isFinite else {
                    throw .unusableTable(name: name, problem: .unusableNumber("\(error)", of: .standardError))
                }
            }
        }
        return errors
    }

    /// The bits of an impact; for a forbidden cell those of a number that no impact is.
    private static func bits(of cell: ImpactCell) -> UInt64 {
        switch cell {
        case .impact(let value): value.bitPattern
        case .forbidden(.infinite): Double.infinity.bitPattern
        case .forbidden(.blank): Double.nan.bitPattern
        }
    }
}
