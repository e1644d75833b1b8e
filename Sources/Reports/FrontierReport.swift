public import BitAllocation
public import Text
public import Sensitivity
import Tensors

/// The curve of best plans for a person and for programs, with plans from elsewhere beside it.
public struct FrontierReport: Sendable {
    /// The curve.
    public let curve: FrontierCurve
    /// The points that are shown, as indices into the curve's.
    public let shown: [Int]
    /// The plans held against the curve.
    public let compared: [ComparedPlan]

    let modelName: String
    let combination: ImpactCombination
    let parameters: Int
    private let table: ImpactTable?
    private let isKnee: Set<Int>

    /// Creates a report.
    ///
    /// - Parameters:
    ///   - curve: The curve.
    ///   - count: The most points to show besides the knees, or `nil` for all.
    ///   - compared: Plans to hold against the curve.
    ///   - modelName: The model's name.
    ///   - combination: How impacts combine.
    ///   - parameters: The model's parameters.
    ///   - table: The table whose impacts they are.
    public init(
        _ curve: FrontierCurve,
        count: Int?,
        compared: [ComparedPlan],
        modelName: String,
        combination: ImpactCombination,
        parameters: Int,
        table: ImpactTable? = nil
    ) {
        self.table = table
        self.curve = curve
        self.compared = compared
        self.modelName = modelName
        self.combination = combination
        self.parameters = parameters
        isKnee = Set(curve.knees)
        let sample = count.map(curve.sample) ?? Array(curve.points.indices)
        shown = Set(sample).union(isKnee).sorted()
    }

    /// The points that are shown, a row each: size, impact, gap, knee, and what the next step costs and buys.
    public func pointTable() -> Table {
        var table = Table(columns: [
            Table.Column("Size", .right, key: "bytes"),
            Table.Column("Binary", .right, key: "gibibytes"),
            Table.Column("bpw", .right, key: "bitsPerWeight"),
            Table.Column("Impact", .right, key: "impact"),
            Table.Column("Gap", .right, key: "gap"),
            Table.Column("Knee", key: "knee"),
            Table.Column(
                shown.count == curve.points.count ? "Next step" : "Next row",
                key: "nextBytes"
            ),
            Table.Column("", key: "nextImpact"),
        ])
        for (place, index) in shown.enumerated() {
            let point = curve.points[index]
            var next: [Table.Cell] = [.empty, .empty]
            if place + 1 < shown.count {
                let following = curve.points[shown[place + 1]]
                next = [
                    Table.Cell(
                        "+\(ByteSize(following.bytes - point.bytes).decimal)",
                        value: .integer(following.bytes - point.bytes)
                    ),
                    Table.Cell(
                        "buys \(Figures.change(following.impact, from: point.impact))",
                        value: .number(following.impact - point.impact)
                    ),
                ]
            }
            table.append(
                [
                    Table.Cell.size(point.bytes),
                    Table.Cell.gibibytes(point.bytes),
                    Table.Cell.bitsPerWeight(bytes: point.bytes, parameters: parameters),
                    Table.Cell.impact(point.impact),
                    Table.Cell.gap(point.gap),
                    Table.Cell(isKnee.contains(index) ? "knee" : "", value: .boolean(isKnee.contains(index))),
                ] + next
            )
        }
        return table
    }

    /// The plans from elsewhere, a row each: size, impact, and how far each stands from the best plan of its size.
    public func comparedTable() -> Table {
        var table = Table(
            columns: [
                Table.Column("Plan", key: "name"),
                Table.Column("Kind", key: "kind"),
                Table.Column("Size", .right, key: "bytes"),
                Table.Column("Impact", .right, key: "impact"),
                Table.Column("Best of that size", .right, key: "bestImpact"),
                Table.Column("Worse by", .right, key: "excessImpact"),
                Table.Column("Except", key: "exceptions"),
                Table.Column("", key: "keepsRestrictions"),
            ],
            keyColumnCount: 2
        )
        for plan in compared {
            // A sampled curve has no point at just this size, and the one below it is no measure of the best.
            let onCurve =
                curve.isComplete
                ? curve.index(within: plan.comparableBytes).map { curve.points[$0].impact } : nil
            let best = plan.bestImpact ?? onCurve
            table.append([
                Table.Cell(plan.name),
                Table.Cell(plan.kind.text, value: .string(plan.kind.rawValue)),
                Table.Cell.size(plan.bytes),
                Table.Cell.impact(plan.impact),
                best.map(Table.Cell.impact)
                    ?? Table.Cell("none fits", value: .null),
                best.map {
                    Table.Cell.excess(plan.impact, over: $0)
                } ?? .empty,
                plan.exceptions.map { Table.Cell($0) } ?? .empty,
                Table.Cell(
                    plan.breach.map { "not allowed: \($0)" } ?? "",
                    value: .boolean(plan.isAdmissible)
                ),
            ])
        }
        return table
    }

    /// Everything as one table for a spreadsheet: the curve's points, then the plans from elsewhere.
    public func csv() -> String {
        var table = Table(columns: [
            Table.Column("kind"), Table.Column("name"), Table.Column("bytes"), Table.Column("impact"),
            Table.Column("gap"), Table.Column("knee"), Table.Column("nextBytes"), Table.Column("nextImpact"),
            Table.Column("bestImpact"), Table.Column("exceptions"), Table.Column("keepsRestrictions"),
        ])
        for row in pointTable().rows {
            table.append([
                "frontier", .empty, row[0], row[3], row[4], row[5], row[6], row[7], .empty, .empty, .empty,
            ])
        }
        for row in comparedTable().rows {
            table.append([
                row[1], row[0], row[2], row[3], .empty, .empty, .empty, .empty, row[4], row[6], row[7],
            ])
        }
        return table.csv()
    }

    /// Everything as JSON: the model, whether the points are all there are, the points, and the plans from elsewhere.
    public var jsonValue: JSONValue {
        [
            "model": .string(modelName),
            "impacts": table?.reference ?? .null,
            "combine": .string(combination.rawValue),
            "complete": .boolean(curve.isComplete),
            "plans": .integer(curve.points.count),
            "points": pointTable().jsonValue,
            "compared": comparedTable().jsonValue,
        ]
    }

    /// Everything for a terminal, or for a document where `markdown` is asked for.
    public func text(style: TerminalStyle = .plain, markdown: Bool = false) -> String {
        func rendered(_ table: Table) -> String {
            markdown ? table.markdown() : table.text(style: style)
        }
        func plain(_ line: String) -> String {
            markdown ? Table.escapedForMarkdown(line) : line
        }
        var text = style.fitted(plain(heading)) + "\n\n"
        if let table {
            text += style.fitted(plain("Table   \(TableLine(table, combination: combination).text)")) + "\n\n"
        }
        text += rendered(pointTable())
        if !compared.isEmpty {
            text += "\n" + rendered(comparedTable())
        }
        return text
    }

    /// What the points are, in a line.
    public var heading: String {
        let name = modelName.visible
        let count = ByteSize(curve.points.count).grouped
        let isOne = curve.points.count == 1
        let which =
            curve.isComplete
            ? (isOne ? "the only one there is" : "every one there is") : "each at a budget of its own"
        let plans = "\(name): \(count) best plan\(isOne ? "" : "s"), \(which)"
        return shown.count == curve.points.count ? plans : "\(plans); \(shown.count) shown"
    }
}
