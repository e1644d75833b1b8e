import Text
import BitAllocation
public import Planning
import Runtimes
import Tensors

/// Why a plan on several devices gives a layer its format and its device: what else it could take, and what that would cost.
public struct DeviceExplanation: Sendable {
    private let found: DeviceAlternatives
    private let task: PlanningTask
    private let reasons: RestrictionReasons

    /// Creates an explanation.
    ///
    /// - Parameters:
    ///   - found: The plan, and what becomes of it where the layer has to be otherwise.
    ///   - task: The task that was planned.
    ///   - reasons: Why options of the task may not be chosen.
    public init(_ found: DeviceAlternatives, task: PlanningTask, reasons: RestrictionReasons) {
        self.found = found
        self.task = task
        self.reasons = reasons
    }

    private var layer: Int { found.layer }
    private var plan: DevicePlan { found.plan }
    private var problem: AllocationProblem { task.problem }

    private func format(_ option: Int) -> String {
        problem.formatNames[Int(problem.optionFormat[option])]
    }

    private func device(in plan: DevicePlan) -> String? {
        plan.layerPlaces[layer].map { plan.devices.devices[$0].name }
    }

    private static let outcomeColumns = [
        Table.Column("Plan's impact", .right, key: "pinnedImpact"),
        Table.Column("Costs", .right, key: "pinCost"), Table.Column("", key: "pinProof"),
    ]

    /// A row per format, from the smallest: the device that the layer would have then, its size and impact, and the plan's.
    public func formatTable() -> Table {
        var table = Table(
            columns: [
                Table.Column("Format", key: "format"), Table.Column("On", key: "device"),
                Table.Column("Size", .right, key: "bytes"), Table.Column("Impact", .right, key: "impact"),
                Table.Column("Standing", key: "standing"),
            ] + Self.outcomeColumns
        )
        for (option, outcome) in found.formats.sorted(by: {
            (problem.optionBytes[$0.option], $0.option) < (problem.optionBytes[$1.option], $1.option)
        }) {
            let bytes = problem.optionBytes[option]
            var place = Table.Cell.empty
            if case .plan(let plan)? = outcome, let name = device(in: plan) { place = Table.Cell(name) }
            table.append(
                [
                    Table.Cell(format(option)), place,
                    Table.Cell.size(bytes),
                    Table.Cell.impact(problem.optionImpact[option]),
                    Table.Cell(standing(of: option)),
                ] + cells(of: outcome)
            )
        }
        return table
    }

    /// A row per device: the format that the layer would have there, and the plan's impact.
    public func deviceTable() -> Table {
        var table = Table(
            columns: [Table.Column("Device", key: "device"), Table.Column("Takes there", key: "format")]
                + Self.outcomeColumns
        )
        for (device, outcome) in found.devices {
            var taken = Table.Cell.empty
            if case .plan(let plan) = outcome { taken = Table.Cell(format(plan.plan.choices[layer])) }
            table.append(
                [Table.Cell(plan.devices.devices[device].name), taken] + cells(of: outcome)
            )
        }
        return table
    }

    /// The plan's impact where the layer is otherwise, how much more that is, and what is known of it.
    private func cells(of outcome: DeviceAlternatives.Outcome?) -> [Table.Cell] {
        func nothing(_ why: String) -> [Table.Cell] { [.empty, .empty, Table.Cell(why)] }
        switch outcome {
        case nil: return nothing("forbidden")
        case .some(.none): return nothing("no plan")
        case .notFound: return nothing("not found")
        case .plan(let found):
            let cost = found.plan.impact - plan.plan.impact
            return [
                Table.Cell.impact(found.plan.impact),
                Table.Cell(
                    cost == 0
                        ? "0"
                        : "\(Figures.difference(cost)) (\(Figures.change(found.plan.impact, from: plan.plan.impact)))",
                    value: .number(cost)
                ),
                Table.Cell(
                    found.plan.status == .optimal ? "proven" : "gap \(Figures.gap(found.plan.gap))",
                    value: .string(found.plan.status.rawValue)
                ),
            ]
        }
    }

    private func standing(of option: Int) -> String {
        if option == plan.plan.choices[layer] { return "chosen" }
        return problem.isAllowed?[option] == false ? reasons.text(forOption: option) : ""
    }

    /// The explanation for a terminal.
    public func text(style: TerminalStyle = .plain) -> String {
        let chosen = plan.plan.choices[layer]
        let name = problem.layerNames[layer].visible
        let place = device(in: plan).map { " on \($0.visible)" } ?? ""
        let known =
            plan.plan.status == .optimal
            ? "proven the least" : "at most \(Figures.gap(plan.plan.gap)) above the least"
        let own = Figures.impact(problem.optionImpact[chosen])
        let lines =
            [
                style.bold("\(name) takes \(format(chosen))\(place), with \(DeviceSummary(plan).brief)"),
                "",
                "Plan    impact \(Figures.impact(plan.plan.impact)), \(known); \(name) \(verb) \(own)",
                "Price   \(priceText)",
            ] + (isOnHostAlways ? ["Place   on the host always, where words are looked up"] : [])
        var text = style.fitted(lines.joined(separator: "\n"), labels: 8) + "\n\n"
        text += formatTable().text(style: style)
        return found.devices.isEmpty ? text : text + "\n" + deviceTable().text(style: style)
    }

    /// Whether the layer is of nothing but tables that words are looked up in.
    private var isOnHostAlways: Bool {
        task.model.layers[layer].tensors.allSatisfy { plan.devices.home(of: $0.name) == .lookedUp }
    }

    private var verb: String { problem.combination == .sum ? "adds" : "has" }

    /// What a little more of each limit would save.
    private var priceText: String {
        guard problem.combination != .max else {
            return "none: where the worst layer decides, bytes have no price of their own"
        }
        let what = problem.combination == .rss ? "squared impact" : "impact"
        let names = plan.devices.devices.map { $0.name.visible }
        // Of a limit that does not bind, the search for the prices leaves a trace.
        let least = plan.plan.impact * 1e-9
        var parts = zip(names, plan.prices.perByte).filter { $0.1 * 1e6 > least }.map { name, price in
            "a further MB on \(name) would save \(Figures.plain(price * 1e6)) of \(what)"
        }
        if let price = plan.prices.perSecond, price * 1e-3 > least {
            parts.append("a millisecond more per token \(Figures.plain(price * 1e-3))")
        }
        return parts.isEmpty ? "0: no device is full" : parts.joined(separator: "; ")
    }
}
