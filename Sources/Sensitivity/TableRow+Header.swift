import Text

extension TableRow {
    /// Throws where the cells of a header are kept apart by something else than commas.
    func checkSeparator(file: String) throws(SensitivityError) {
        guard let otherSeparator else { return }
        throw TextPosition(file: file, line: line).error(.otherSeparator(otherSeparator))
    }

    /// The rows below a header of two columns, the only one that a file may have.
    ///
    /// - Parameters:
    ///   - rows: All rows of the file.
    ///   - columns: The names of the header, in small letters.
    ///   - line: What a line below it holds, in words.
    ///   - file: What messages call the file.
    /// - Returns: The rows.
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)`` for another header, and for none.
    static func body(
        of rows: [TableRow],
        below columns: [String],
        each line: String,
        file: String
    ) throws(SensitivityError) -> ArraySlice<TableRow> {
        try rows.first?.checkSeparator(file: file)
        guard let header = rows.first, header.cells.map({ $0.lowercased() }) == columns else {
            throw TextPosition(file: file, line: rows.first?.line ?? 1).error(
                .unexpectedValue(
                    rows.first.map { "the first line is \($0.excerpt.quoted)" } ?? "the file is empty",
                    expected: "'\(columns.joined(separator: ","))', and then \(line) per line"
                )
            )
        }
        return rows.dropFirst()
    }
}
