/// An impact table that is read cell by cell.
///
/// It stays sparse until its size is known, as a text of n lines could name n layers and n formats.
struct SparseTable {
    /// What happens to a cell that is there twice.
    enum Repetition {
        /// It is an error.
        case refused
        /// The last value counts, and the lint reports both.
        case lastCounts
    }

    private struct Entry {
        let cell: ImpactCell
        let line: Int
        let byteCount: Int?
        let standardError: Double?
    }

    private let file: String
    private let startLine: Int
    private let repetition: Repetition
    private var columns = FormatColumns()
    /// How each format was written first.
    private var spellings: [String] = []
    private var layers: [String] = []
    private var layerIndices: [String: Int] = [:]
    private var entries: [[Int: Entry]] = []
    private var repetitions: [ImpactFinding] = []
    private var hasErrors = false

    /// Begins a table.
    ///
    /// - Parameters:
    ///   - file: What messages call the text.
    ///   - startLine: The line on which the table begins.
    ///   - repetition: What happens to a cell that is there twice.
    init(file: String, startLine: Int = 1, repetition: Repetition) {
        self.file = file
        self.startLine = startLine
        self.repetition = repetition
    }

    /// The row of a layer, which is added if it is new.
    mutating func row(ofLayer layer: String, line: Int) throws(SensitivityError) -> Int {
        if let known = layerIndices[layer] { return known }
        if let problem = TableName.problem(inLayer: layer) {
            throw TextPosition(file: file, line: line).error(problem)
        }
        layerIndices[layer] = layers.count
        layers.append(layer)
        entries.append([:])
        return layers.count - 1
    }

    /// The column of a format, which is added if it is new.
    ///
    /// - Parameters:
    ///   - format: The canonical name.
    ///   - spelling: The name as it is written; a format has only one.
    ///   - line: The line it stands on.
    /// - Returns: The column.
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)``.
    mutating func column(
        ofFormat format: String,
        spelling: String,
        line: Int
    ) throws(SensitivityError) -> Int {
        let position = TextPosition(file: file, line: line)
        // Only a file type of llama.cpp has to be looked up, and long tables have a cell on every line.
        if let known = columns.indices[format] ?? columns.indices[FormatColumns.name(of: format)] {
            guard spellings[known] == spelling else {
                throw position.error(.formatTwice(spelling, earlier: spellings[known]))
            }
            return known
        }
        if let problem = columns.add(format[...]) { throw position.error(problem) }
        spellings.append(spelling)
        return columns.names.count - 1
    }

    /// Adds a cell.
    mutating func add(
        _ cell: ImpactCell,
        row: Int,
        column: Int,
        line: Int,
        byteCount: Int? = nil,
        standardError: Double? = nil
    ) throws(SensitivityError) {
        let entry = Entry(cell: cell, line: line, byteCount: byteCount, standardError: standardError)
        hasErrors = hasErrors || standardError != nil
        guard let earlier = entries[row].updateValue(entry, forKey: column) else { return }
        let layer = layers[row]
        let format = columns.names[column]
        switch repetition {
        case .refused:
            throw TextPosition(file: file, line: line)
                .error(
                    .cellTwice(
                        layer: layer,
                        format: format,
                        firstLine: earlier.line,
                        first: earlier.cell,
                        second: cell
                    )
                )
        case .lastCounts:
            repetitions.append(
                ImpactFinding(
                    layer: layer,
                    formats: [format],
                    kind: .repeated(earlier: earlier.cell, line: earlier.line, later: cell, laterLine: line)
                )
            )
        }
    }

    /// The table of all cells; a layer and a format that have no cell together are forbidden.
    ///
    /// - Parameters:
    ///   - name: The name of the table.
    ///   - findings: What else the reader met.
    ///   - hasOwnSizes: Whether the cells have sizes, and each layer formats of its own.
    /// - Returns: The table.
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)`` for a table that is too large or empty.
    func table(
        name: String,
        findings: [ImpactFinding],
        hasOwnSizes: Bool = false
    ) throws(SensitivityError) -> ImpactTable {
        let start = TextPosition(file: file, line: startLine)
        guard !layers.isEmpty else { throw start.error(.noLayers) }
        if let problem = ImpactTable.sizeProblem(layers: layers.count, formats: columns.names.count) {
            throw start.error(problem)
        }
        var cells: [[ImpactCell]] = []
        var byteCounts: [[Int?]] = []
        var errors: [[Double?]] = []
        var missing: [ImpactFinding] = []
        for (layer, known) in zip(layers, entries) {
            cells.append(columns.names.indices.map { known[$0]?.cell ?? .forbidden(.blank) })
            if hasErrors { errors.append(columns.names.indices.map { known[$0]?.standardError }) }
            if hasOwnSizes {
                byteCounts.append(columns.names.indices.map { known[$0]?.byteCount })
                continue
            }
            for (column, format) in columns.names.enumerated() where known[column] == nil {
                missing.append(ImpactFinding(layer: layer, formats: [format], kind: .missing))
            }
        }
        return try ImpactTable(
            name: name,
            formats: columns.names,
            layers: layers,
            cells: cells,
            byteCounts: hasOwnSizes ? byteCounts : nil,
            standardErrors: hasErrors ? errors : nil,
            readingFindings: missing + repetitions + columns.findings + findings
        )
    }
}
