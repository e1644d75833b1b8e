import BitAllocation

/// A curve of best plans drawn with plain characters, line by line.
struct FrontierTextChart {
    private let report: FrontierReport
    private let axes: FrontierAxes
    /// The size of the field that the curve is in, in characters.
    private let columns: Int
    private let rows: Int

    /// What stands to the left of the field: the label of a mark and the axis.
    private static let labelWidth = 9
    private static let indent = labelWidth + 2

    /// Prepares the chart of a report's curve.
    ///
    /// - Parameters:
    ///   - report: The report.
    ///   - columns: The width of the field that the curve is in, in characters.
    ///   - rows: Its height in lines.
    init(_ report: FrontierReport, columns: Int, rows: Int) {
        self.report = report
        self.columns = columns
        self.rows = rows
        axes = FrontierAxes(report, sizeMarks: 6, impactMarks: 5)
    }

    /// The whole chart.
    ///
    /// - Parameter width: The width of the terminal, in characters.
    /// - Returns: Lines, none of which ends with a blank.
    func text(width: Int) -> String {
        let lines =
            ["Impact (\(report.combination.rawValue))"] + field + [baseline, sizeLabels]
            + legend(width: width)
        return lines.map { line in
            var line = line
            while line.hasSuffix(" ") { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    private func column(_ share: Double) -> Int { Int((share * Double(columns - 1)).rounded()) }

    private func column(ofBytes bytes: Int) -> Int { column(axes.place(ofBytes: bytes)) }

    private func row(_ impact: Double) -> Int {
        rows - 1 - Int((axes.impacts.place(impact) * Double(rows - 1)).rounded())
    }

    /// The field with the labels of impacts at its left.
    private var field: [String] {
        var labels = [String](repeating: "", count: rows)
        for mark in axes.impacts.marks {
            labels[row(mark)] = axes.impacts.label(mark)
        }
        return zip(labels, cells).map { label, cells in
            let label = String(label.prefix(Self.labelWidth))
            return Table.padded(label, to: Self.labelWidth, .right) + " |" + String(cells)
        }
    }

    /// The field: the best plan of every column, what is held against the curve over it, and knees over all.
    private var cells: [[Character]] {
        let curve = report.curve
        var cells = [[Character]](repeating: [Character](repeating: " ", count: columns), count: rows)
        guard let first = curve.points.first, let last = curve.points.last else { return cells }
        let start = column(ofBytes: first.bytes)
        for place in start...max(start, column(ofBytes: last.bytes)) {
            // The best plan that the middle of this column has room for.
            let share = (Double(place) + 0.5) / Double(columns - 1)
            let bytes = (axes.sizes.low + share * (axes.sizes.high - axes.sizes.low)) * axes.unit.bytes
            let index = curve.index(within: Int(clamping: Int64(min(bytes, 9e18)))) ?? 0
            cells[row(curve.points[index].impact)][place] = "*"
        }
        for plan in report.compared {
            cells[row(plan.impact)][column(ofBytes: plan.comparableBytes)] = plan.kind.chartMark
        }
        for index in curve.knees {
            cells[row(curve.points[index].impact)][column(ofBytes: curve.points[index].bytes)] = "K"
        }
        return cells
    }

    private var baseline: String {
        String(repeating: " ", count: Self.labelWidth + 1) + "+" + String(repeating: "-", count: columns)
    }

    /// The labels of sizes, each with its middle below its mark.
    private var sizeLabels: String {
        var axis = [Character](repeating: " ", count: columns + Self.indent + 1)
        for mark in axes.sizes.marks {
            let label = Array(axes.sizes.label(mark))
            let start = Self.indent + column(axes.sizes.place(mark)) - label.count / 2
            for (offset, character) in label.enumerated() where axis.indices.contains(start + offset) {
                axis[start + offset] = character
            }
        }
        return String(axis)
    }

    /// What the characters are, for the kinds that there are.
    private func legend(width: Int) -> [String] {
        let kinds = Set(report.compared.map(\.kind))
        let others = [(ComparedPlan.Kind.mix, ", m llama.cpp's mix"), (.file, ", f file")].filter {
            kinds.contains($0.0)
        }.map(\.1).joined()
        let legend = "\(axes.unit.name); * best plan, K knee, x one format for all, o recipe\(others)"
        let indent = String(repeating: " ", count: Self.indent)
        // A mark stays beside what it stands for.
        let parts = legend.split(separator: ", ").map { $0.replacing(" ", with: "\u{A0}") }
        return TerminalStyle.wrapped(parts.joined(separator: ", "), width: width - indent.count)
            .map { indent + $0.replacing("\u{A0}", with: " ") }
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
