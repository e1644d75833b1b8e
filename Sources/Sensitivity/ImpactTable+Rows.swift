extension ImpactTable {
    /// Reads a table in wide form: `layer` and a column per format, then a row per layer.
    ///
    /// - Parameters:
    ///   - name: The name of the table.
    ///   - file: What messages call the text.
    ///   - header: The first row.
    ///   - rows: The rows below it, none of them empty.
    ///   - emptyRows: The lines of the empty rows.
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)``.
    init(
        name: String,
        file: String,
        wideHeader header: TableRow,
        rows: [TableRow],
        emptyRows: [Int]
    ) throws(SensitivityError) {
        let start = TextPosition(file: file, line: header.line)
        guard header.cells.first?.lowercased() == "layer" else {
            throw start.error(.unknownHeader(header.excerpt))
        }
        var columns = FormatColumns()
        for cell in header.cells.dropFirst() {
            if let problem = columns.add(cell) { throw start.error(problem) }
        }
        if let problem = Self.sizeProblem(layers: rows.count, formats: columns.names.count) {
            throw start.error(problem)
        }

        var layers: [String] = []
        var lines: [String: Int] = [:]
        var cells: [[ImpactCell]] = []
        layers.reserveCapacity(rows.count)
        lines.reserveCapacity(rows.count)
        cells.reserveCapacity(rows.count)
        var problems = ProblemList(file: file)
        for row in rows {
            let position = TextPosition(file: file, line: row.line)
            let layer = try problems.collect { () throws(SensitivityError) in
                try row.check(cellCount: header.cells.count, file: file)
                let layer = String(row.cells[0])
                if let problem = TableName.problem(inLayer: layer) { throw position.error(problem) }
                if let first = lines.updateValue(row.line, forKey: layer) {
                    throw position.error(.layerTwice(layer, firstLine: first))
                }
                return layer
            }
            guard let layer else { continue }
            layers.append(layer)
            var line: [ImpactCell] = []
            line.reserveCapacity(columns.names.count)
            for cell in row.cells.dropFirst() {
                let read = try problems.collect { () throws(SensitivityError) in
                    try CellText.impact(cell, at: position)
                }
                line.append(read ?? .forbidden(.blank))
            }
            cells.append(line)
        }
        try problems.check()
        try self.init(
            name: name,
            formats: columns.names,
            layers: layers,
            cells: cells,
            readingFindings: Self.findings(emptyRows: emptyRows) + columns.findings
        )
    }

    /// Reads a table in long form: `layer,format,impact`, which `standardError` may follow, then a row per cell.
    ///
    /// Layers and formats come in the order in which they are first met. A layer and a format that have no
    /// row together are forbidden, and found by the lint.
    ///
    /// - Parameters:
    ///   - name: The name of the table.
    ///   - file: What messages call the text.
    ///   - header: The first row, which the caller has recognised.
    ///   - rows: The rows below it, none of them empty.
    ///   - emptyRows: The lines of the empty rows.
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)``.
    init(
        name: String,
        file: String,
        longHeader header: TableRow,
        rows: [TableRow],
        emptyRows: [Int]
    ) throws(SensitivityError) {
        let start = TextPosition(file: file, line: header.line)
        guard !rows.isEmpty else { throw start.error(.noLayers) }
        var table = SparseTable(file: file, startLine: header.line, repetition: .refused)
        var problems = ProblemList(file: file)
        for row in rows {
            _ = try problems.collect { () throws(SensitivityError) in
                try row.check(cellCount: header.cells.count, file: file)
                let layer = try table.row(ofLayer: String(row.cells[0]), line: row.line)
                let format = Self.canonicalFormat(String(row.cells[1]))
                let column = try table.column(ofFormat: format, spelling: format, line: row.line)
                let position = TextPosition(file: file, line: row.line)
                let cell = try CellText.impact(row.cells[2], at: position)
                let error =
                    row.cells.count < 4 || row.cells[3].isEmpty
                    ? nil : try CellText.number(row.cells[3], .standardError, at: position)
                try table.add(cell, row: layer, column: column, line: row.line, standardError: error)
            }
        }
        try problems.check()
        self = try table.table(name: name, findings: Self.findings(emptyRows: emptyRows))
    }

    private static func findings(emptyRows: [Int]) -> [ImpactFinding] {
        emptyRows.map { ImpactFinding(layer: nil, formats: [], kind: .emptyRow(line: $0)) }
    }
}
