import Tensors

/// The cells of one layer, as JSON and YAML nest them: a mapping of formats to impacts.
struct NestedCells {
    /// The name of the layer.
    let layer: String
    /// The line on which it stands.
    let line: Int
    /// The formats as they are written, each with its cell.
    let cells: [(format: String, cell: ImpactCell, line: Int)]
}

extension ImpactTable {
    /// Makes a table of nested cells.
    ///
    /// - Parameters:
    ///   - name: The name of the table.
    ///   - file: What messages call the text.
    ///   - nested: The layers in order.
    ///   - importsFormats: Whether formats may have the names that other programs give them.
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)``.
    init(
        name: String,
        file: String,
        nested: [NestedCells],
        importsFormats: Bool
    ) throws(SensitivityError) {
        var table = SparseTable(file: file, repetition: .lastCounts)
        var lines: [String: Int] = [:]
        var fileTypes: [ImpactFinding] = []
        var known: Set<String> = []
        for layer in nested {
            if let first = lines.updateValue(layer.line, forKey: layer.layer) {
                throw TextPosition(file: file, line: layer.line)
                    .error(.layerTwice(layer.layer, firstLine: first))
            }
            let row = try table.row(ofLayer: layer.layer, line: layer.line)
            for entry in layer.cells {
                var format = Self.canonicalFormat(entry.format)
                var spelling = format
                if importsFormats {
                    let imported = ImportedFormat(entry.format)
                    format = imported.name
                    spelling = entry.format
                    if let fileType = imported.fileType, known.insert(fileType).inserted {
                        fileTypes.append(
                            ImpactFinding(layer: nil, formats: [format], kind: .fileType(written: fileType))
                        )
                    }
                }
                let column = try table.column(ofFormat: format, spelling: spelling, line: entry.line)
                try table.add(entry.cell, row: row, column: column, line: entry.line)
            }
        }
        self = try table.table(name: name, findings: fileTypes)
    }
}
