extension Table {
    /// The table for a terminal: aligned columns, two spaces apart, under headings with a line below them.
    ///
    /// Widths are counted in user-perceived characters. Control characters are shown as escapes such as `\n`. No
    /// line ends with a space.
    public func text(style: TerminalStyle = .plain) -> String {
        let headings = columns.map(\.title.withVisibleControls)
        let cells = rows.map { row in row.map(\.text.withVisibleControls) }
        let widths = columnWidths(headings: headings, cells: cells)

        var lines = [style.bold(line(headings, widths: widths))]
        lines.append(line(widths.map { String(repeating: "-", count: $0) }, widths: widths))
        for row in cells {
            lines.append(line(row, widths: widths))
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// The number of characters of the widest text in each column.
    func columnWidths(headings: [String], cells: [[String]]) -> [Int] {
        var widths = headings.map(\.count)
        for row in cells {
            for (index, text) in row.enumerated() {
                widths[index] = max(widths[index], text.count)
            }
        }
        return widths
    }

    /// A text filled up to a width.
    static func padded(_ text: String, to width: Int, _ alignment: Alignment) -> String {
        let fill = String(repeating: " ", count: max(0, width - text.count))
        return alignment == .left ? text + fill : fill + text
    }

    private func line(_ texts: [String], widths: [Int]) -> String {
        var line = ""
        for (index, text) in texts.enumerated() {
            line += index == 0 ? "" : "  "
            line += Self.padded(text, to: widths[index], columns[index].alignment)
        }
        while line.hasSuffix(" ") {
            line.removeLast()
        }
        return line
    }
}
