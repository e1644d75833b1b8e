import Text

/// A table in Markdown: a header, a row of dashes, and rows up to the first line that is none.
///
/// Rows begin and end with a bar where the header does, or have bars only between cells where the header
/// has. A bar inside a cell is not known.
struct MarkdownTable {
    let header: TableRow
    /// The rows below the dashes, except empty ones at the end.
    let rows: [TableRow]
    /// The lines of empty rows at the end.
    let emptyRows: [Int]
    /// The position after the last line of the table.
    let end: Int

    /// Reads the table whose header is the line at a position.
    init(lines: [TextLine], at start: Int, file: String) throws(SensitivityError) {
        let bar = UInt8(ascii: "|")
        let begins = lines[start].text.utf8.first == bar
        let ends = lines[start].text.utf8.last == bar
        func row(_ line: TextLine) throws(SensitivityError) -> TableRow {
            var text = line.text
            if begins {
                guard text.utf8.first == bar else { throw Self.missingPipe(line, file: file) }
                text = text[text.utf8.index(after: text.startIndex)...]
            }
            if ends {
                guard text.utf8.last == bar else { throw Self.missingPipe(line, file: file) }
                text = text[..<text.utf8.index(before: text.endIndex)]
            }
            guard text.utf8.count(where: { $0 == bar }) < CSVReader.cellLimit else {
                throw TextPosition(file: file, line: line.number)
                    .error(.tooManyCells(limit: CSVReader.cellLimit))
            }
            let cells = text.utf8.split(separator: bar, omittingEmptySubsequences: false)
            return TableRow(line: line.number, cells: cells.map { CellText.trimmed(Substring($0)) })
        }

        header = try row(lines[start])
        guard start + 1 < lines.count else {
            throw TextPosition(file: file, line: lines[start].number).error(.noLayers)
        }
        let separator = try Self.isRow(lines[start + 1]) ? row(lines[start + 1]) : nil
        guard let separator, separator.cells.allSatisfy(Self.isDashes) else {
            throw TextPosition(file: file, line: lines[start + 1].number)
                .error(.noSeparator(String(lines[start + 1].text)))
        }
        try separator.check(cellCount: header.cells.count, file: file)

        var rows: [TableRow] = []
        var cellCount = TableCellCount()
        var position = start + 2
        while position < lines.count, Self.isRow(lines[position]) {
            let next = try row(lines[position])
            try cellCount.add(next, file: file)
            rows.append(next)
            position += 1
        }
        var emptyRows: [Int] = []
        while let last = rows.last, last.isEmpty {
            emptyRows.append(last.line)
            rows.removeLast()
        }
        self.rows = rows
        self.emptyRows = emptyRows.reversed()
        end = position
    }

    /// Whether a line is a row of a table.
    static func isRow(_ line: TextLine) -> Bool {
        line.text.utf8.contains(UInt8(ascii: "|"))
    }

    private static func isDashes(_ cell: Substring) -> Bool {
        var dashes = cell.utf8
        if dashes.first == UInt8(ascii: ":") { dashes.removeFirst() }
        if dashes.last == UInt8(ascii: ":") { dashes.removeLast() }
        return !dashes.isEmpty && dashes.allSatisfy { $0 == UInt8(ascii: "-") }
    }

    private static func missingPipe(_ line: TextLine, file: String) -> SensitivityError {
        TextPosition(file: file, line: line.number).error(.missingPipe(String(line.text)))
    }
}

extension TableRow {
    /// Throws unless the row has as many cells as it must.
    func check(cellCount expected: Int, file: String) throws(SensitivityError) {
        guard cells.count == expected else {
            throw TextPosition(file: file, line: line)
                .error(.cellCount(found: cells.count, expected: expected))
        }
    }
}
