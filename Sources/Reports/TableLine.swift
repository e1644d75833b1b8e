import Text
public import BitAllocation
public import Planning
public import Sensitivity
import Tensors

/// What a plan's table holds and how its impacts combine, in one line.
public struct TableLine: Hashable, Sendable {
    let table: ImpactTable
    let combination: ImpactCombination
    private let changedLayers: Int?
    private let layerCount: Int

    /// Creates a line.
    ///
    /// - Parameters:
    ///   - table: The table.
    ///   - combination: The rule that combined its impacts.
    ///   - changedLayers: How many layers of the plan would take another format under `rss`, where that was looked for.
    ///   - layerCount: How many layers the plan has; nil for all of the table's.
    public init(
        _ table: ImpactTable,
        combination: ImpactCombination,
        changedLayers: Int? = nil,
        of layerCount: Int? = nil
    ) {
        self.table = table
        self.combination = combination
        self.changedLayers = changedLayers
        self.layerCount = layerCount ?? table.layers.count
    }

    /// The line, such as `mine: amplitudes (relative error; weights only, uncalibrated), combined by rss`.
    public var text: String {
        let cells = "\(table.name): \(table.meaning)".visible
        guard table.isTableThree, combination == .sum else {
            return "\(cells), combined by \(combination.rawValue)"
        }
        let added = "\(cells), added up as its author does"
        guard let changedLayers else { return "\(added); rss would take them as independent" }
        return "\(added); rss would change \(changedLayers) of \(layerCount) layers"
    }

    /// What the end of the model is expected to lose, in words, where impacts are losses that add up; nil otherwise, and for a
    /// table whose cells do not look like losses of single layers.
    public func expectation(of total: Double) -> String? {
        guard combination == .sum, !hasOtherCells else { return nil }
        return table.meaning.expectation(of: total, written: Figures.impact(total))?.visible
    }

    /// The words around an expected loss, for a page that writes the figure itself: up to the largest loss that was tried, and beyond it;
    /// nil where ``expectation(of:)`` is.
    var expectationWords: (limit: Double, within: [String], beyond: [String])? {
        func words(_ total: Double) -> [String]? {
            // A text that no unit has: it is made of lines that are none.
            table.meaning.expectation(of: total, written: "\n").map { text in
                text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
                    .map { String($0).visible }
            }
        }
        guard combination == .sum, !hasOtherCells, let within = words(0), let beyond = words(.infinity),
            within.count == 2, beyond.count == 2
        else { return nil }
        return (ImpactMeaning.largestTried, within, beyond)
    }

    /// Whether the cells do not look like losses that add up, or are 0 for a whole format.
    private var hasOtherCells: Bool {
        table.oddities(
            bitsPerWeight: { QuantizationFormat(named: $0)?.bitsPerWeight },
            combinedAs: table.isTableThree ? .unknown : .loss
        ).contains {
            if case .belowZero(_, _, let formats) = $0 { !formats.isEmpty } else { true }
        }
    }

    /// The line for a document in Markdown.
    public var markdown: String { Table.escapedForMarkdown(text) }
}

extension RestrictedTask {
    /// What the table holds and how its impacts combine, in a line.
    public var tableLine: TableLine {
        TableLine(input.table, combination: task.problem.combination)
    }
}
