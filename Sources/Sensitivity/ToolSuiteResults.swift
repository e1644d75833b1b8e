import Tensors

/// Reads the results of Thireus' GGUF-Tool-Suite: `kld_results.csv` and its kin.
///
/// ```
/// QTYPE,blk.0.attn_k.weight,blk.0.ffn_down.weight,output.weight
/// iq1_m_r4,0.0054,404,0.144
/// q4_K,0.0011,,0.012
/// ```
///
/// The shape was verified against files of Thireus/GGUF-Tool-Suite (`models/*/kld_results.csv`,
/// `models/*/ppl_results_partial.csv`, `models/*/group0/kld_results.csv`) and against `collect_ppl_results.sh`, which
/// writes them:
///
/// 1. The header is `QTYPE` and a column per tensor, or per group of tensors (`group0`); each becomes a layer.
/// 2. A row is a format, named as ggml and ik_llama.cpp name it: `q4_K` is read as `Q4_K`, and a name that ggml does
///    not know, such as `iq1_m_r4`, is kept.
///    A column `bpw`, the bits per weight of the whole model, is passed over.
/// 3. A cell is a decimal number, or a change in percent of the baseline such as `+0.12%`, which is read as 0.0012.
///    Blank, `404` and `404%` say that nothing was measured and forbid the format; the lint reports them as missing.
///
/// The Kullback-Leibler divergence of a cast that changes nothing may come out a little below zero, and the
/// perplexity may even fall: such a cell is read as 0 and reported. Where chance does not explain that, as a cell is
/// below -0.05 and more than half of all are below zero or none is as far above, the cells are no losses, and the table is refused. `ppl_results.csv` has the same header and may hold
/// perplexities themselves: they are then read as they are, although only their distance to the baseline is an impact.
///
/// Impacts are losses, those of a whole model of which one tensor is cast: without percent signs `llama-perplexity`'s mean
/// Kullback-Leibler divergence per token in nats, or a perplexity where the file is named so; with them the change of the
/// perplexity as a share of the baseline's.
enum ToolSuiteResults {
    /// Whether a row is the header of such a file.
    static func isHeader(_ row: TableRow) -> Bool {
        row.cells.first == "QTYPE"
    }

    static func table(
        header: TableRow,
        rows: [TableRow],
        emptyRows: [Int],
        name: String,
        file: String
    ) throws(SensitivityError) -> ImpactTable {
        let start = TextPosition(file: file, line: header.line)
        let columns = Columns(header)
        let layers = columns.layers
        if let problem = ImpactTable.sizeProblem(layers: layers.count, formats: rows.count) {
            throw start.error(problem)
        }
        var table = SparseTable(file: file, startLine: header.line, repetition: .refused)
        var seen: Set<String> = []
        for layer in layers {
            guard seen.insert(layer).inserted else {
                throw start.error(.layerTwice(layer, firstLine: header.line))
            }
            _ = try table.row(ofLayer: layer, line: header.line)
        }
        var findings: [ImpactFinding] = []
        var problems = ProblemList(file: file)
        var formatLines: [String: String] = [:]
        var signs = Signs()
        for row in rows {
            let position = TextPosition(file: file, line: row.line)
            try row.check(cellCount: header.cells.count, file: file)
            let written = String(row.cells[0])
            let format = ImportedFormat(written).name
            if let earlier = formatLines.updateValue(written, forKey: format) {
                throw position.error(.formatTwice(written, earlier: earlier))
            }
            let column = try table.column(ofFormat: format, spelling: written, line: row.line)
            for (index, cell) in columns.cells(of: row).enumerated() {
                // What is not measured stays out of the table, so that the lint finds it missing.
                let read = try problems.collect { () throws(SensitivityError) in
                    try measured(cell, at: position)
                }
                guard let read, let value = read else { continue }
                signs.add(value, written: cell)
                if value.depth > 0 {
                    findings.append(
                        ImpactFinding(
                            layer: layers[index],
                            formats: [format],
                            kind: .belowZero(written: String(cell))
                        )
                    )
                }
                try table.add(.impact(value.value), row: index, column: column, line: row.line)
            }
        }
        try problems.check()
        if let problem = signs.problem { throw start.error(problem) }
        findings += emptyRows.map { ImpactFinding(layer: nil, formats: [], kind: .emptyRow(line: $0)) }
        return try table.table(name: name, findings: findings)
            .with(meaning: ImpactMeaning(kind: .loss, unit: unit(name, rows), method: "measured"))
    }

    /// Which columns are layers.
    private struct Columns {
        /// The layers' names.
        let layers: [String]
        private let isLayer: [Bool]

        init(_ header: TableRow) {
            let names = header.cells.dropFirst().map { String($0) }
            // What a whole model of the format takes stands beside groups of tensors, and is none of them.
            isLayer = names.map { $0.lowercased() != "bpw" }
            layers = zip(names, isLayer).filter(\.1).map(\.0)
        }

        /// The cells of the layers.
        func cells(of row: TableRow) -> [Substring] {
            zip(row.cells.dropFirst(), isLayer).filter(\.1).map(\.0)
        }
    }

    /// How many cells are above and below zero, and how far.
    private struct Signs {
        /// No chance makes a divergence, or a change of the perplexity as a share, so far below zero.
        private static let noise = 0.05
        private var (count, below, highest, lowest, lowestText) = (0, 0, 0.0, 0.0, "")

        mutating func add(_ cell: (value: Double, depth: Double), written: Substring) {
            count += 1
            highest = max(highest, cell.value)
            guard cell.depth > 0 else { return }
            below += 1
            if cell.depth > lowest { (lowest, lowestText) = (cell.depth, String(written)) }
        }

        /// Why the cells are no losses that chance makes a little negative, or nil.
        var problem: TableProblem? {
            guard lowest > Self.noise, 2 * below > count || lowest > highest else { return nil }
            return .belowZero(count: below, of: count, lowest: lowestText)
        }
    }

    /// What a file's values are, by its name and whether they are in percent.
    private static func unit(_ name: String, _ rows: [TableRow]) -> String {
        let isShare = rows.contains { $0.cells.dropFirst().contains { $0.utf8.last == UInt8(ascii: "%") } }
        if isShare { return "change of perplexity, as a share" }
        return name.lowercased().contains("ppl") ? "perplexity" : "KL divergence, nats per token"
    }

    /// The value of a cell and how far it was below zero, or nil where nothing was measured.
    private static func measured(
        _ cell: Substring,
        at position: TextPosition
    ) throws(SensitivityError) -> (value: Double, depth: Double)? {
        if cell.isEmpty || cell == "404" || cell == "404%" { return nil }
        guard cell.utf8.last == UInt8(ascii: "%") else {
            let measured = try MeasuredValue(cell, at: position)
            return (measured.value, measured.depth)
        }
        let measured = try MeasuredValue(cell.dropLast(), at: position)
        return (measured.value / 100, measured.depth / 100)
    }
}
