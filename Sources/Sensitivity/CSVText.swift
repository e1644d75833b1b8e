import SwiftCSV

/// Reading the rows of a CSV text.
///
/// SwiftCSV splits the cells. It fills short rows up, drops an empty last cell where the text does not end
/// with a line ending, takes a quote that is never closed, and its errors name no line; so the quotes are
/// checked before, and every row is handed out as it was written.
enum CSVText {
    /// The rows of a text, with the lines of the empty ones kept apart.
    static func rows(
        of text: String,
        file: String
    ) throws(SensitivityError) -> (rows: [TableRow], emptyRows: [Int]) {
        try check(text, file: file)
        let isEnded = text.utf8.last == UInt8(ascii: "\n") || text.utf8.last == UInt8(ascii: "\r")
        var rows: [TableRow] = []
        var emptyRows: [Int] = []
        var line = 0
        do {
            // A limit of no rows keeps the initialiser from reading everything once in vain.
            let csv = try EnumeratedCSV(
                string: isEnded ? text : text + "\n",
                delimiter: .comma,
                loadColumns: false,
                rowLimit: 0
            )
            try csv.enumerateAsArray(startAt: 0, rowLimit: nil) { fields in
                line += 1
                let row = TableRow(line: line, cells: fields.map { CellText.trimmed($0[...]) })
                if row.isEmpty {
                    emptyRows.append(line)
                } else {
                    rows.append(row)
                }
            }
        } catch {
            throw TextPosition(file: file, line: line + 1).error(.unbalancedQuote)
        }
        return (rows, emptyRows)
    }

    /// Throws where a quote or a control character makes the cells of a line uncertain.
    ///
    /// A quoted cell begins and ends with a quote, has those in it doubled (RFC 4180, section 2), and ends
    /// in the line it begins in, as no name has a line ending.
    private static func check(_ text: String, file: String) throws(SensitivityError) {
        enum Place { case start, plain, quoted, closed }
        var place = Place.start
        var position = TextPosition(file: file, line: 1)
        var previous: Unicode.Scalar = "\n"
        for scalar in text.unicodeScalars {
            defer { previous = scalar }
            switch scalar {
            case "\n" where previous == "\r":
                break
            case "\n", "\r":
                guard place != .quoted else { throw position.error(.unbalancedQuote) }
                place = .start
                position = TextPosition(file: file, line: position.line + 1)
            case "\"":
                switch place {
                case .start: place = .quoted
                case .plain: throw position.error(.unbalancedQuote)
                case .quoted: place = .closed
                case .closed where previous == "\"": place = .quoted
                case .closed: throw position.error(.unbalancedQuote)
                }
            case "," where place != .quoted:
                place = .start
            case " ", "\t":
                break
            default:
                guard !TableName.isControl(scalar) else {
                    throw position.error(.controlCharacter(scalar.value))
                }
                guard place != .closed else { throw position.error(.unbalancedQuote) }
                if place == .start { place = .plain }
            }
        }
        guard place != .quoted else { throw position.error(.unbalancedQuote) }
    }
}
