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

    /// The lines in front of all others that are blank or begin with `#`, the others not looked at.
    static func commentLines(in text: String) -> [TextLine] {
        var lines: [TextLine] = []
        var start = text.startIndex
        while start < text.endIndex {
            let end = text.utf8[start...].firstIndex(of: UInt8(ascii: "\n"))
            let line = CellText.trimmed(text[start..<(end ?? text.endIndex)])
            guard line.isEmpty || line.utf8.first == UInt8(ascii: "#") else { break }
            lines.append(TextLine(number: lines.count + 1, text: line))
            guard let end else { break }
            start = text.utf8.index(after: end)
        }
        return lines
    }

    /// A text with its first lines blank, so that every other line keeps its number.
    static func blanking(_ count: Int, of text: String) -> String {
        guard count > 0 else { return text }
        let rest = text.utf8.split(
            separator: UInt8(ascii: "\n"),
            maxSplits: count,
            omittingEmptySubsequences: false
        )
        return String(repeating: "\n", count: count)
            + (rest.count > count ? String(Substring(rest[count])) : "")
    }

    /// The lines of a text, which end with a line feed, before which a carriage return may stand.
    static func lines(of text: String) -> [TextLine] {
        var text = text
        // Indices of a text in native storage are counted in bytes.
        text.makeContiguousUTF8()
        let ends = text.utf8.withContiguousStorageIfAvailable { bytes in
            bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }
        }
        var lines: [TextLine] = []
        var start = text.startIndex
        for end in ends ?? [] {
            let index = text.utf8.index(text.startIndex, offsetBy: end)
            lines.append(TextLine(number: lines.count + 1, text: CellText.trimmed(text[start..<index])))
            start = text.utf8.index(after: index)
        }
        lines.append(TextLine(number: lines.count + 1, text: CellText.trimmed(text[start...])))
        return lines
    }
}
