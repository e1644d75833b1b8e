import Text
extension Table {
    /// The table for a terminal: aligned columns, two spaces apart, under headings with a line below them.
    ///
    /// Where the style has a width, no line is longer than that but where a word is: columns of words are narrowed, their cells
    /// broken at spaces, and what is too wide still is dealt to several tables, each with the columns that tell the rows apart, an
    /// empty line between. Widths are counted in user-perceived characters. Control characters are shown as escapes such as `\n`. No
    /// line ends with a space.
    public func text(style: TerminalStyle = .plain) -> String {
        let headings = columns.map(\.title.visible)
        let cells = rows.map { row in row.map(\.text.visible) }
        if let width = style.width, let text = stacked(headings, cells, width: width, style) { return text }
        let parts = parts(headings: headings, cells: cells, width: style.width ?? .max)
        return parts.map { part in
            let widths = part.map(\.width)
            var lines = [style.bold(line(part.map { headings[$0.column] }, part))]
            lines.append(line(widths.map { String(repeating: "-", count: $0) }, part))
            // What continues the row above in a column of another part has nothing to show here.
            for row in cells where part.contains(where: { !row[$0.column].isEmpty }) || parts.count == 1 {
                let broken = part.map { place in
                    row[place.column].count > place.width
                        ? TerminalStyle.wrapped(row[place.column], width: place.width) : [row[place.column]]
                }
                for index in 0..<max(1, broken.reduce(0) { max($0, $1.count) }) {
                    lines.append(line(broken.map { index < $0.count ? $0[index] : "" }, part))
                }
            }
            return lines.map { $0 + "\n" }.joined()
        }.joined(separator: "\n")
    }

    /// The table with the text of the first column above the rest of each row, where it leaves no room for another beside it; `nil`
    /// where there is room, and where neither form keeps to the width.
    private func stacked(
        _ headings: [String],
        _ cells: [[String]],
        width: Int,
        _ style: TerminalStyle
    ) -> String? {
        let natural = columnWidths(headings: headings, cells: cells)
        let indent = "  "
        guard let first = natural.first, first <= width,
            let next = natural.dropFirst().filter({ $0 > 0 }).max(), first + indent.count + next > width,
            !cells.contains(where: { $0[0].contains(" ") }),
            natural.dropFirst().reduce(0, { $0 + indent.count + $1 }) <= width
        else { return nil }
        let part = columns.indices.dropFirst().map { (column: $0, width: natural[$0]) }
        var lines = [style.bold(headings[0])]
        lines.append(indent + style.bold(line(part.map { headings[$0.column] }, part)))
        lines.append(indent + line(part.map { String(repeating: "-", count: $0.width) }, part))
        for row in cells {
            if !row[0].isEmpty { lines.append(row[0]) }
            let figures = line(part.map { row[$0.column] }, part)
            if !figures.isEmpty { lines.append(indent + figures) }
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

    private func line(_ texts: [String], _ part: [(column: Int, width: Int)]) -> String {
        var line = ""
        for (index, text) in texts.enumerated() {
            line += index == 0 ? "" : "  "
            line += Self.padded(text, to: part[index].width, columns[part[index].column].alignment)
        }
        while line.hasSuffix(" ") {
            line.removeLast()
        }
        return line
    }
}
