/// A line of a text, without its ending and without blanks at its ends.
struct TextLine {
    /// The number of the line, from 1.
    let number: Int
    let text: Substring

    var isBlank: Bool { text.isEmpty }

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
