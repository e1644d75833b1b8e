import Text

/// Reads impact tables, and recognises by the content how they are written down.
///
/// 1. JSON: the first character is `{` or `[`. The project's own has an object per cell or per layer,
///    `{"layers": {"layer00.img": {"Q4_1": 0.46, "Q8_0": null}}}`; the sensitivities of `mlx_lm.dynamic_quant` are
///    pairs, `[["path", 0.1], …]`, and need ``ImpactImportOptions``; a `measurement.json` of exllamav2 has
///    `"measurement"`, one of exllamav3 `"groups"`.
/// 2. A table in Markdown: the first line that is not blank begins with a bar, or with `layer` before a bar.
/// 3. A page of the sensitivity analysis: a heading `Table 3` stands somewhere.
/// 4. YAML: the first line with content has a colon that ends a key, as in `0:`. It maps layers to formats to
///    impacts.
/// 5. CSV: the first row is `layer,format,impact` (long, which `standardError` may follow), `layer` and one column per format (wide), or `QTYPE` and
///    one column per tensor (results of GGUF-Tool-Suite, `kld_results.csv`). Lines in front of it that begin with `#` are
///    comments, which may say what the cells are, see ``ImpactMeaning``.
///
/// In all of them a blank cell or `inf` (also `+inf`, `infinity`, `+infinity`, in any case) forbids the
/// format; every other cell is a decimal number with a point, finite and not negative; `-0` counts as 0.
/// Only what other programs measured may be a little below zero, is then 0, and is reported by the lint.
/// Blanks around cells do not count, nor does a byte order mark in front. Empty rows are passed over and
/// reported by the lint; in Markdown only at the end of the table.
public enum ImpactTableReader {
    /// Reads the impact table in a file of at most 100 MB.
    ///
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - name: The name of the table; nil for the name of the file without folders and extension.
    ///   - options: What tables of other programs leave out.
    /// - Returns: The table and its shape.
    /// - Throws: ``SensitivityError/file(_:)``, and the errors of ``read(text:name:options:)`` with the path.
    public static func read(
        path: String,
        name: String? = nil,
        options: ImpactImportOptions = ImpactImportOptions()
    ) throws(SensitivityError) -> ImpactTableReading {
        let text = try TextFile.read(path: path)
        return try read(
            text: text,
            name: name ?? baseName(of: path),
            file: path,
            options: options
        )
    }

    /// Reads the impact table in a text.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - name: The name of the table, which messages also give as the file.
    ///   - options: What tables of other programs leave out.
    /// - Returns: The table and its shape.
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)``,
    ///   ``SensitivityError/missingTable(file:number:)``, ``SensitivityError/formatsNotNamed(file:)``,
    ///   ``SensitivityError/unusableTable(name:problem:)`` for formats that the options name badly, and
    ///   ``SensitivityError/file(_:)`` for YAML of more than 4 MB.
    public static func read(
        text: String,
        name: String,
        options: ImpactImportOptions = ImpactImportOptions()
    ) throws(SensitivityError) -> ImpactTableReading {
        try read(text: text, name: name, file: name, options: options)
    }

    private static func read(
        text: String,
        name: String,
        file: String,
        options: ImpactImportOptions
    ) throws(SensitivityError) -> ImpactTableReading {
        let text = text.withoutMark
        if isJSON(text) {
            return try JSONTable.read(text: text, name: name, file: file, options: options)
        }
        try TextLine.checkCount(in: text, file: file)
        let lines = TextLine.lines(of: text)
        guard let start = lines.firstIndex(where: { !$0.isBlank }) else {
            throw .badTable(file: file, line: 1, problem: .noLayers)
        }
        if isMarkdownHeader(lines[start]) {
            let table = try markdownTable(lines: lines, at: start, name: name, file: file)
            return ImpactTableReading(table: table, shape: .markdownTable)
        }
        if lines.contains(where: { SensitivityAnalysisPage.tableNumber(ofHeading: $0) == 3 }) {
            let page = try SensitivityAnalysisPage(markdown: text, name: name, file: file)
            return ImpactTableReading(table: page.impacts, shape: .seedMarkdown, profile: page.profile)
        }
        if YAMLImpacts.isMapping(lines) {
            let table = try YAMLImpacts.table(text: text, lines: lines, name: name, file: file)
            return ImpactTableReading(table: table, shape: .yaml)
        }
        return try csv(text: text, lines: lines, name: name, file: file)
    }

    private static func isJSON(_ text: String) -> Bool {
        let isBlank = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        guard let first = text.utf8.first(where: { !isBlank($0) }) else { return false }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }

    private static func isMarkdownHeader(_ line: TextLine) -> Bool {
        guard let bar = line.text.utf8.firstIndex(of: UInt8(ascii: "|")) else { return false }
        let before = CellText.trimmed(line.text[..<bar])
        return before.isEmpty || before.lowercased() == "layer"
    }

    private static func markdownTable(
        lines: [TextLine],
        at start: Int,
        name: String,
        file: String
    ) throws(SensitivityError) -> ImpactTable {
        let table = try MarkdownTable(lines: lines, at: start, file: file)
        if let stray = lines[table.end...].first(where: { !$0.isBlank }) {
            throw .badTable(file: file, line: stray.number, problem: .strayRow(String(stray.text)))
        }
        return try ImpactTable(
            name: name,
            file: file,
            wideHeader: table.header,
            rows: table.rows,
            emptyRows: table.emptyRows
        )
    }

    private static func csv(
        text: String,
        lines: [TextLine],
        name: String,
        file: String
    ) throws(SensitivityError) -> ImpactTableReading {
        let comments = ImpactMeaning.leadingComments(in: lines)
        let (rows, found) = try CSVText.rows(
            of: TextLine.blanking(comments.last?.number ?? 0, of: text),
            file: file
        )
        let emptyRows = found.filter { row in !comments.contains { $0.number == row } }
        guard let header = rows.first else {
            throw .badTable(file: file, line: 1, problem: .noLayers)
        }
        guard !LossTable.isHeader(header) else {
            throw .badTable(file: file, line: header.line, problem: .lossesNotImpacts)
        }
        let meaning = try ImpactMeaning(comments: comments, file: file)
        try header.checkSeparator(file: file)
        let table: ImpactTable
        let shape: ImpactTableShape
        if ToolSuiteResults.isHeader(header) {
            table = try ToolSuiteResults.table(
                header: header,
                rows: Array(rows.dropFirst()),
                emptyRows: emptyRows,
                name: name,
                file: file
            )
            shape = .ggufToolSuite
        } else if header.cells.prefix(3).map({ $0.lowercased() }) == ["layer", "format", "impact"],
            header.cells.dropFirst(3).map({ $0.lowercased() }) == ["standarderror"] || header.cells.count == 3
        {
            table = try ImpactTable(
                name: name,
                file: file,
                longHeader: header,
                rows: Array(rows.dropFirst()),
                emptyRows: emptyRows
            )
            shape = .csvLong
        } else {
            table = try ImpactTable(
                name: name,
                file: file,
                wideHeader: header,
                rows: Array(rows.dropFirst()),
                emptyRows: emptyRows
            )
            shape = .csvWide
        }
        return ImpactTableReading(table: meaning.map(table.with(meaning:)) ?? table, shape: shape)
    }

    /// The last part of a path without its extension, or where what is read came from.
    private static func baseName(of path: String) -> String {
        let last = InputFile.ownName(of: path, or: path == "-" ? InputFile.name(of: path) : "pipe")
        guard let dot = last.lastIndex(of: "."), dot > last.startIndex else { return last }
        return String(last[..<dot])
    }
}
