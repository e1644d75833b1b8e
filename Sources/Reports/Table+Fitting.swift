extension Table {
    /// The least width to which a column of text is narrowed.
    private static let leastWidth = 12

    /// Breaks the texts of a table that is too wide.
    ///
    /// Columns of words are narrowed and their cells broken at spaces; where that is not enough, the columns are dealt to several
    /// tables, each with the columns that tell the rows apart. A column with neither a heading nor a text has nothing to show; of several
    /// tables, none is for columns without a text.
    ///
    /// - Parameters:
    ///   - headings: The headings.
    ///   - cells: The texts of the rows.
    ///   - width: The characters of a line.
    /// - Returns: The columns of each table and their widths.
    func parts(headings: [String], cells: [[String]], width: Int) -> [[(column: Int, width: Int)]] {
        let natural = columnWidths(headings: headings, cells: cells)
        let headed = columns.indices.filter { $0 == 0 || natural[$0] > 0 }
        let filled = headed.filter { column in
            column < keyColumnCount || cells.isEmpty || cells.contains { !$0[column].isEmpty }
        }
        for shown in [headed, filled] {
            if let widths = narrowed(shown.map { natural[$0] }, shown, headings, cells, to: width) {
                return [Array(zip(shown, widths).map { ($0, $1) })]
            }
        }
        let shown = filled
        let keys = shown.filter { $0 < keyColumnCount }
        var parts: [[Int]] = []
        var part = keys
        for column in shown.dropFirst(keys.count) {
            // First columns that are too wide by themselves still have another beside them.
            if part.count <= keys.count || Self.total((part + [column]).map { natural[$0] }) <= width {
                part.append(column)
            } else {
                parts.append(part)
                part = keys + [column]
            }
        }
        parts.append(part)
        return parts.map { part in
            let own = part.map { natural[$0] }
            return Array(zip(part, narrowed(own, part, headings, cells, to: width) ?? own).map { ($0, $1) })
        }
    }

    private static func total(_ widths: [Int]) -> Int {
        widths.reduce(0, +) + 2 * max(0, widths.count - 1)
    }

    /// Widths at which some columns fit a line, or `nil` where they cannot.
    private func narrowed(
        _ natural: [Int],
        _ part: [Int],
        _ headings: [String],
        _ cells: [[String]],
        to width: Int
    ) -> [Int]? {
        var widths = natural
        var excess = Self.total(widths) - width
        guard excess > 0 else { return widths }
        let least = part.indices.map { index -> Int in
            guard columns[part[index]].alignment == .left else { return natural[index] }
            let texts = [headings[part[index]]] + cells.map { $0[part[index]] }
            let longest = texts.reduce(0) { most, text in
                TerminalStyle.words(text).reduce(most) { max($0, $1.count) }
            }
            return min(natural[index], max(longest, headings[part[index]].count, Self.leastWidth))
        }
        // The widest column gives most.
        for index in part.indices.sorted(by: { (-widths[$0], $0) < (-widths[$1], $1) }) where excess > 0 {
            let given = min(excess, widths[index] - least[index])
            widths[index] -= given
            excess -= given
        }
        return excess > 0 ? nil : widths
    }
}
