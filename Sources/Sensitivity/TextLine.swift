/// A line of a text, without its ending and without blanks at its ends.
struct TextLine {
    /// The number of the line, from 1.
    let number: Int
    let text: Substring

    var isBlank: Bool { text.isEmpty }

    /// The most lines that a text may have: a row for each of a million tensors and more.
    static let limit = 2_000_000

    /// Refuses a text of more lines than any table has, before each of them takes memory.
    ///
    /// - Throws: ``SensitivityError/badTable(file:line:problem:)``.
    static func checkCount(in text: String, file: String) throws(SensitivityError) {
        var count = 0
        let isCounted: Void? = text.utf8.withContiguousStorageIfAvailable { bytes in
            for byte in bytes where byte == UInt8(ascii: "\n") { count += 1 }
        }
        if isCounted == nil { count = text.utf8.count { $0 == UInt8(ascii: "\n") } }
        guard count <= limit else {
            throw .badTable(file: file, line: limit + 1, problem: .tooManyLines(limit: limit))
        }
    }

    /// The lines of a text, which end with a line feed, before which a carriage return may stand.
    static func lines(of text: String) -> [TextLine] {
        var lines: [TextLine] = []
        var start = text.startIndex
        let bytes = text.utf8
        while true {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n"))
            let line = text[start..<(end ?? text.endIndex)]
            lines.append(TextLine(number: lines.count + 1, text: CellText.trimmed(line)))
            guard let end else { return lines }
            start = bytes.index(after: end)
        }
    }
}
