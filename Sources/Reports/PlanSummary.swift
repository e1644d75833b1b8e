import Text
public import BitAllocation
public import Planning
import Tensors

/// What a person wants to know about a plan, on one screen.
public struct PlanSummary: Sendable {
    private let plan: AllocationPlan
    private let task: PlanningTask
    private let modelName: String
    private let parameters: Int
    private let maximumImpact: Double?
    private let sizeNote: String?
    private let mixes: ComparedPlans?
    private let table: TableLine?
    private let card: CardSummary?
    private let devices: DeviceSummary?

    /// Creates a summary.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - task: The task that was planned.
    ///   - modelName: The model's name.
    ///   - parameters: The model's parameters.
    ///   - maximumImpact: The impact that the plan had to keep to, where that rather than a budget was given.
    ///   - sizeNote: What of the size is not known to the byte, if anything.
    ///   - mixes: The mixes that llama.cpp makes of a language model.
    ///   - table: What the table holds and how its impacts combine.
    ///   - card: The card whose memory made the budget.
    ///   - devices: The devices that the plan is for.
    public init(
        _ plan: AllocationPlan,
        for task: PlanningTask,
        modelName: String,
        parameters: Int,
        maximumImpact: Double? = nil,
        sizeNote: String? = nil,
        mixes: ComparedPlans? = nil,
        table: TableLine? = nil,
        card: CardSummary? = nil,
        devices: DeviceSummary? = nil
    ) {
        self.plan = plan
        self.task = task
        self.modelName = modelName
        self.parameters = parameters
        self.maximumImpact = maximumImpact
        self.sizeNote = sizeNote
        self.mixes = mixes
        self.table = table
        self.card = card
        self.devices = devices
    }

    /// The summary for a terminal of so many columns.
    public func text(width: Int, style: TerminalStyle) -> String {
        let budget = task.problem.budget
        let tensorBytes = task.tensorBytes(of: plan)
        var lines = [
            style.bold(heading),
            "",
            "Size    \(ByteSize(plan.bytes).both), \(Figures.bitsPerWeight(bytes: plan.bytes, parameters: parameters)) "
                + "bits per weight"
                + (maximumImpact == nil && devices == nil
                    ? "; \(ByteSize(budget - plan.bytes).decimal) left" : ""),
            "        \(ByteSize(tensorBytes).grouped) bytes of tensors, "
                + "\(ByteSize(plan.bytes - tensorBytes).grouped) bytes of header and alignment"
                + (sizeNote.map { "; \($0)" } ?? ""),
            "Impact  \(Figures.impact(plan.impact)) (\(combinationText))",
        ]
        let kept = task.keptCosts.reduce(0) { $0 + $1.impact }
        let expectation = table?.expectation(of: plan.impact + kept)
        if expectation == nil, let note = keptText { lines.append("        \(note)") }
        if let expected = expectation {
            let part =
                kept > 0 ? ", with \(Figures.impact(kept)) of \(task.keptCosts.count.of("kept layer"))" : ""
            lines.append("Expect  \(expected)\(part)\(task.expectationScope)")
        }
        if let table { lines.append("Table   \(table.text)") }
        if let spread = table?.spread(of: plan, for: task) { lines.append("Spread  \(spread)") }
        lines.append("Proof   \(proofText)")
        if let second = task.problem.secondBudget {
            let cost = Figures.impact(second.cost(ofChoices: plan.choices))
            lines.append("Cost    \(cost) times the source's, at most \(Figures.impact(second.limit))")
        }
        if let card { lines += card.lines(width: width) }
        if let devices { lines += devices.lines(width: width) }
        lines.append("")
        lines += formatLines(width: width, style: style)
        // Whether one format for all can be put on devices is a question of its own.
        if devices == nil { lines += ["", baselineText(width: width, style: style)] }
        if let mixes, !mixes.isEmpty {
            lines += ["", mixes.text(on: plan, style: style)]
        }
        if !task.unfitFormats.isEmpty {
            lines += ["", unfitText]
        }
        return style.fitted(lines.joined(separator: "\n")) + "\n"
    }

    /// The most lines that name the layers of a plan's formats; with more of them, each format gets ``briefLines``.
    private static let nameLines = 40
    /// The lines that name the layers of a format where all are too many.
    private static let briefLines = 3

    private var heading: String {
        let name = modelName.visible
        if let devices {
            let limit = maximumImpact.map { " with an impact of at most \(Figures.impact($0))" } ?? ""
            return "\(name) on \(devices.brief)\(limit)"
        }
        if let maximumImpact {
            return "\(name) with an impact of at most \(Figures.impact(maximumImpact))"
        }
        let budget = ByteSize(task.problem.budget).both
        return card == nil
            ? "\(name) within \(budget)" : "\(name) within \(budget), which the card leaves for it"
    }

    private var combinationText: String {
        switch task.problem.combination {
        case .sum: "sum over the layers"
        case .rss: "root of the sum of squares over the layers"
        case .max: "the worst layer"
        }
    }

    /// That the impact is without that of layers which are kept in formats of theirs, by the table; nil where there are none.
    private var keptText: String? {
        let impacts = task.keptCosts.map(\.impact)
        let total = task.problem.combination.total(impacts)
        guard total > 0 else { return nil }
        let verb = impacts.count == 1 ? "costs" : "cost"
        return
            "without \(impacts.count.of("kept layer")), which by the table \(verb) \(Figures.impact(total))"
    }

    private var proofText: String {
        let finder =
            switch plan.solver {
            case .glpk: "found by GLPK"
            case .dominance: "found by the dominance dynamic programme"
            case .greedy: "found by the greedy allocator"
            }
        switch (plan.status, plan.objective) {
        case (.optimal, .impact) where devices != nil:
            return
                "optimal, no plan and no placement has a lower impact; \(finder), bound computed without GLPK"
        case (.optimal, .time):
            return "optimal, no plan of so low an impact is faster; \(finder), bound computed without GLPK"
        case (.feasible, .time):
            return
                "feasible, \(Figures.distance(plan.seconds ?? 0, above: "the least time", plan.bound)); \(finder)"
        case (.optimal, .impact):
            return
                "optimal, no plan within the budget has a lower impact; \(finder), bound computed without GLPK"
        case (.optimal, .bytes):
            return "optimal, no smaller plan has so low an impact; \(finder), bound computed without GLPK"
        case (.feasible, .impact) where plan.gap == 0:
            return "feasible: the maximum is the least there is, the sum under it not proven to be; \(finder)"
        case (.feasible, .impact):
            let bound = Figures.impact(plan.bound)
            return
                "feasible, \(Figures.distance(plan.impact, above: "the best", plan.bound)) (bound \(bound)); \(finder)"
        case (.feasible, .bytes):
            let bound = ByteSize(Int(plan.bound)).decimal
            return
                "feasible, \(Figures.distance(Double(plan.bytes), above: "the smallest", plan.bound)) (bound \(bound)); \(finder)"
        }
    }

    /// A line per format, the layers' names wrapped under their column.
    private func formatLines(width: Int, style: TerminalStyle) -> [String] {
        var table = Table(columns: [
            Table.Column("Format"), Table.Column("Layers", .right), Table.Column("Size", .right),
            Table.Column("bpw", .right), Table.Column("Which"),
        ])
        let uses = FormatUse.all(in: plan, for: task)
        // The other columns take less than this; what is left goes to the names.
        let room = max(24, width - 44)
        let names = uses.map { LayerRanges($0.layers) }
        let whole = names.map { $0.lines(width: room) }
        let isBrief = whole.reduce(0) { $0 + $1.count } > Self.nameLines
        for (use, (ranges, all)) in zip(uses, zip(names, whole)) {
            let lines = isBrief ? ranges.brief(all, atMost: Self.briefLines) : all
            for (index, line) in lines.enumerated() {
                guard index == 0 else {
                    table.append(["", "", "", "", Table.Cell(line)])
                    continue
                }
                table.append([
                    Table.Cell(use.format), .integer(use.layers.count),
                    Table.Cell(ByteSize(use.bytes).decimal),
                    Table.Cell(Figures.bitsPerWeight(bytes: use.bytes, parameters: use.elements)),
                    Table.Cell(line),
                ])
            }
        }
        let kept = task.model.kept
        if !kept.isEmpty {
            let formats = Set(kept.map(\.format.name)).sorted().joined(separator: ", ")
            table.append([
                "kept", "", Table.Cell(ByteSize(task.keptBytes).decimal), "",
                Table.Cell("\(kept.count.of("tensor")) as \(formats)"),
            ])
        }
        return table.text(style: style).split(separator: "\n", omittingEmptySubsequences: false)
            .dropLast().map(String.init)
    }

    /// A line per format that fits the budget on every layer, marked where it does not keep to the restrictions.
    private func baselineText(width: Int, style: TerminalStyle) -> String {
        let fitting = task.problem.uniformPlans().filter { uniform in
            card?.fits(uniform.choices, fileBytes: uniform.bytes, for: task)
                ?? (uniform.bytes <= task.problem.budget)
        }
        guard !fitting.isEmpty else {
            return "No format fits the budget on every layer."
        }
        var columns = [
            Table.Column("One format for all"), Table.Column("Size", .right), Table.Column("Impact", .right),
            Table.Column("Worse by", .right),
        ]
        let hasExceptions = fitting.contains { !$0.exceptions.isEmpty }
        if hasExceptions { columns.append(Table.Column("Forbidden, so larger")) }
        var table = Table(columns: columns)
        var breaks = false
        for uniform in fitting {
            let isAdmissible = task.problem.isAdmissible(uniform.choices)
            breaks = breaks || !isAdmissible
            var row = [
                Table.Cell(uniform.format + (isAdmissible ? "" : " *")),
                Table.Cell(ByteSize(uniform.bytes).decimal),
                Table.Cell(Figures.impact(uniform.impact)),
                Table.Cell(Figures.excess(uniform.impact, over: plan.impact)),
            ]
            if hasExceptions {
                // The other columns take less than this; what is left goes to the names.
                let names = LayerRanges(uniform.exceptions.map { task.problem.layerNames[$0] })
                let text = names.lines(width: max(24, width - 54), atMost: 1).joined(separator: " ")
                row.append(Table.Cell(text))
            }
            table.append(row)
        }
        return table.text(style: style).dropLast() + (breaks ? "\n* does not keep to the restrictions" : "")
    }

    /// Which formats do not fit which layers, a line for those that do not fit the same ones.
    private var unfitText: String {
        var order: [String] = []
        var layers: [String: [String]] = [:]
        for unfit in task.unfitFormats {
            if layers[unfit.format] == nil { order.append(unfit.format) }
            layers[unfit.format, default: []].append(unfit.layer)
        }
        let stuck = stuckLayers
        for format in order { layers[format]?.removeAll(where: stuck.contains) }
        var groups: [(formats: [String], layers: [String])] = []
        for format in order {
            guard let own = layers[format], !own.isEmpty else { continue }
            if let index = groups.firstIndex(where: { $0.layers == own }) {
                groups[index].formats.append(format)
            } else {
                groups.append(([format], own))
            }
        }
        var lines = groups.map { group in
            """
            \(group.formats.joined(separator: ", ")) \(group.formats.count == 1 ? "does" : "do") not divide the rows of \
            \(LayerRanges(group.layers).brief)
            """
        }
        if !stuck.isEmpty {
            let names = task.model.layers.map(\.name).filter(stuck.contains)
            lines.append("No block of any format divides the rows of \(LayerRanges(names).brief)")
        }
        return lines.joined(separator: "\n")
    }

    /// The layers that none of several blocked formats fits.
    private var stuckLayers: Set<String> {
        let blocked = Set(task.unfitFormats.map(\.format))
        guard blocked.count > 1 else { return [] }
        let unfit = Set(task.unfitFormats.map(\.layer))
        let problem = task.problem
        return Set(
            problem.layerNames.indices.filter { layer in
                unfit.contains(problem.layerNames[layer])
                    && problem.options(ofLayer: layer).allSatisfy { option in
                        let name = problem.formatNames[Int(problem.optionFormat[option])]
                        return QuantizationFormat(named: name)?.blockElements == 1
                    }
            }.map { problem.layerNames[$0] }
        )
    }

    /// The plan's layers as a table: layer, format, bytes, impact, and the device where there are several.
    public func layerTable() -> Table {
        var table = Table(
            columns: [
                Table.Column("Layer", key: "layer"), Table.Column("Format", key: "format"),
                Table.Column("Bytes", .right, key: "bytes"), Table.Column("Impact", .right, key: "impact"),
            ] + (devices == nil ? [] : [Table.Column("Device", key: "device")])
        )
        let bytes = task.dataBytes(in: plan)
        for layer in task.model.layers.indices {
            let device = devices.map { [Table.Cell($0.device(ofLayer: layer) ?? "")] } ?? []
            table.append(
                [
                    Table.Cell(task.model.layers[layer].name),
                    Table.Cell(plan.format(ofLayer: layer, in: task.problem)),
                    .integer(bytes[layer]),
                    .number(task.problem.optionImpact[plan.choices[layer]]),
                ] + device
            )
        }
        return table
    }
}

extension PlanningTask {
    /// What an expected loss leaves out: layers that are cast and that the table says nothing of.
    var expectationScope: String {
        let known = Set(keptCosts.flatMap(\.tensors))
        guard !unmeasuredLayers.isEmpty || KeptCasts(model, by: nil, besides: known).note != nil else {
            return ""
        }
        let count = model.layers.count - unmeasuredLayers.count + keptCosts.count
        return ", of the \(count) layers in the table alone"
    }
}
