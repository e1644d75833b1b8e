/// Reads impact tables, and recognises by the content how they are written down.
///
/// 1. A table in Markdown: the first line that is not blank begins with a bar, or with `layer` before a bar.
/// 2. A page of the sensitivity analysis: a heading `Table 3` stands somewhere.
/// 3. CSV: the first row is `layer,format,impact` (long), or `layer` and one column per format (wide).
///
/// In all of them a blank cell or `inf` (also `+inf`, `infinity`, `+infinity`, in any case) forbids the
/// format; every other cell is a decimal number with a point, finite and not negative; `-0` counts as 0.
/// Blanks around cells do not count, nor does a byte order mark in front. Empty rows are passed over and
/// reported by the lint; in Markdown only at the end of the table.
public enum ImpactTableReader {
    /// Reads the impact table in a file of at most 100 MB.
    ///
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - name: The name of the table; nil for the name of the file without folders and extension.
    /// - Returns: The table and its shape.
    /// - Throws: ``SensitivityError/noSuchFile(path:)``, ``SensitivityError/unreadableFile(path:reason:)``,
    ///   ``SensitivityError/fileTooLarge(path:limit:)``, ``SensitivityError/notUTF8(path:)``, and the errors
    ///   of ``read(text:name:)`` with the path.
    public static func read(path: String, name: String? = nil) throws(SensitivityError) -> ImpactTableReading
    {
        let text = try TextFile.read(path: path)
        return try read(text: text, name: name ?? baseName(of: path), file: path)
    }

    /// Reads the impact table in a text.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - name: The name of the table, which messages also give as the file.
    /// - Returns: The table and its shape.
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)`` or
    ///   ``SensitivityError/missingTable(file:number:)``.
    public static func read(text: String, name: String) throws(SensitivityError) -> ImpactTableReading {
        try read(text: text, name: name, file: name)
    }

    private static func read(
        text: String,
        name: String,
        file: String
    ) throws(SensitivityError) -> ImpactTableReading {
        let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
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
            return ImpactTableReading(table: page.impacts, shape: .seedMarkdown)
        }
        return try csv(text: text, name: name, file: file)
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
        name: String,
        file: String
    ) throws(SensitivityError) -> ImpactTableReading {
        let (rows, emptyRows) = try CSVText.rows(of: text, file: file)
        guard let header = rows.first else {
            throw .badTable(file: file, line: 1, problem: .noLayers)
        }
        if header.cells.map({ $0.lowercased() }) == ["layer", "format", "impact"] {
            let table = try ImpactTable(
                name: name,
                file: file,
                longHeader: header,
                rows: Array(rows.dropFirst()),
                emptyRows: emptyRows
            )
            return ImpactTableReading(table: table, shape: .csvLong)
        }
        let table = try ImpactTable(
            name: name,
            file: file,
            wideHeader: header,
            rows: Array(rows.dropFirst()),
            emptyRows: emptyRows
        )
        return ImpactTableReading(table: table, shape: .csvWide)
    }

    /// The last part of a path without its extension.
    private static func baseName(of path: String) -> String {
        let last = path.split(separator: "/").last.map(String.init) ?? path
        guard let dot = last.lastIndex(of: "."), dot > last.startIndex else { return last }
        return String(last[..<dot])
    }
}
