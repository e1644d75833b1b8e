import BitAllocation

extension FrontierReport {
    /// The narrowest terminal that a chart is drawn for, in characters.
    public static let leastChartWidth = 66

    /// The curve drawn with plain characters, or `nil` where the terminal is too narrow.
    ///
    /// `*` is a best plan, `K` a knee, `x` one format for all, `m` a mix of llama.cpp's, `o` a recipe,
    /// `f` a finished file.
    public func chart(width: Int, height: Int = 18) -> String? {
        guard width >= Self.leastChartWidth, let first = curve.points.first, let last = curve.points.last
        else {
            return nil
        }
        let columns = min(width, 120) - 12
        let sizes = curve.points.map(\.bytes) + compared.map(\.comparableBytes)
        let unit = SizeUnit(for: sizes)
        let horizontal = ChartScale(sizes.map { Double($0) / unit.bytes }, marks: 6)
        let vertical = ChartScale([0] + curve.points.map(\.impact) + compared.map(\.impact), marks: 5)
        var cells = [[Character]](repeating: [Character](repeating: " ", count: columns), count: height)
        func column(_ bytes: Int) -> Int {
            Int((horizontal.place(Double(bytes) / unit.bytes) * Double(columns - 1)).rounded())
        }
        func row(_ impact: Double) -> Int {
            height - 1 - Int((vertical.place(impact) * Double(height - 1)).rounded())
        }
        for place in column(first.bytes)...max(column(first.bytes), column(last.bytes)) {
            // The best plan that the middle of this column has room for.
            let share = (Double(place) + 0.5) / Double(columns - 1)
            let bytes = (horizontal.low + share * (horizontal.high - horizontal.low)) * unit.bytes
            let index = curve.index(within: Int(clamping: Int64(min(bytes, 9e18)))) ?? 0
            cells[row(curve.points[index].impact)][place] = "*"
        }
        for plan in compared {
            cells[row(plan.impact)][column(plan.comparableBytes)] = plan.kind.chartMark
        }
        for index in curve.knees {
            cells[row(curve.points[index].impact)][column(curve.points[index].bytes)] = "K"
        }
        var labels = [String](repeating: "", count: height)
        for mark in vertical.marks {
            labels[row(mark)] = vertical.label(mark)
        }
        var lines = ["Impact (\(combination.rawValue))"]
        for (label, cells) in zip(labels, cells) {
            lines.append(Table.padded(String(label.prefix(9)), to: 9, .right) + " |" + String(cells))
        }
        lines.append(String(repeating: " ", count: 10) + "+" + String(repeating: "-", count: columns))
        var axis = [Character](repeating: " ", count: columns + 12)
        for mark in horizontal.marks {
            let label = Array(horizontal.label(mark))
            let start = 11 + Int((horizontal.place(mark) * Double(columns - 1)).rounded()) - label.count / 2
            for (offset, character) in label.enumerated() where axis.indices.contains(start + offset) {
                axis[start + offset] = character
            }
        }
        lines.append(String(axis))
        let kinds = Set(compared.map(\.kind))
        let others = [(ComparedPlan.Kind.mix, ", m llama.cpp's mix"), (.file, ", f file")].filter {
            kinds.contains($0.0)
        }.map(\.1).joined()
        let legend = "\(unit.name); * best plan, K knee, x one format for all, o recipe\(others)"
        let indent = String(repeating: " ", count: 11)
        // A mark stays beside what it stands for.
        let parts = legend.split(separator: ", ").map { $0.replacing(" ", with: "\u{A0}") }
        lines += TerminalStyle.wrapped(parts.joined(separator: ", "), width: width - indent.count)
            .map { indent + $0.replacing("\u{A0}", with: " ") }
        return lines.map { line in
            var line = line
            while line.hasSuffix(" ") { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}

extension ComparedPlan.Kind {
    fileprivate var chartMark: Character {
        switch self {
        case .uniform: "x"
        case .mix: "m"
        case .recipe: "o"
        case .file: "f"
        }
    }
}
