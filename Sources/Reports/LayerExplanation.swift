import Text
public import BitAllocation
import Foundation
public import Planning
import Tensors

/// Why a plan gives a layer its format: what else it could take, and what that would cost.
public struct LayerExplanation: Sendable {
    let layer: Int
    let plan: AllocationPlan
    let task: PlanningTask
    private let reasons: RestrictionReasons
    private let isOffCard: Bool
    private let price: BudgetPrice?
    private let pinned: [(option: Int, plan: Result<AllocationPlan, AllocationError>)]
    let curve: FrontierCurve?

    /// Creates an explanation.
    ///
    /// - Parameters:
    ///   - layer: The layer's index.
    ///   - plan: The plan at the task's budget.
    ///   - task: The task that was planned.
    ///   - reasons: Why options of the task may not be chosen.
    ///   - isOffCard: Whether the layer is not on the card that is the budget, and has its format whatever the rest of the plan.
    ///   - price: The price of a byte at that budget, or `nil` where there is none.
    ///   - pinned: The plans with the layer pinned to each of its options.
    ///   - curve: The best plans at all budgets, or `nil` where they are not known.
    public init(
        layer: Int,
        plan: AllocationPlan,
        task: PlanningTask,
        reasons: RestrictionReasons,
        isOffCard: Bool = false,
        price: BudgetPrice?,
        pinned: [(option: Int, plan: Result<AllocationPlan, AllocationError>)],
        curve: FrontierCurve?
    ) {
        self.layer = layer
        self.plan = plan
        self.task = task
        self.reasons = reasons
        self.isOffCard = isOffCard
        self.price = price
        self.pinned = pinned
        self.curve = curve
    }

    var problem: AllocationProblem { task.problem }

    func format(_ option: Int) -> String {
        problem.formatNames[Int(problem.optionFormat[option])]
    }

    /// A row per option, from the smallest: size, impact, whether it is needless, its reduced cost, what pinning costs.
    public func table() -> Table {
        var table = Table(columns: [
            Table.Column("Format", key: "format"),
            Table.Column("Size", .right, key: "bytes"),
            Table.Column("Impact", .right, key: "impact"),
            Table.Column("Standing", key: "standing"),
            Table.Column(
                price?.isSquared == true ? "Reduced cost (squared)" : "Reduced cost",
                .right,
                key: "reducedCost"
            ),
            Table.Column("Pinned impact", .right, key: "pinnedImpact"),
            Table.Column("Pin costs", .right, key: "pinCost"),
            Table.Column("", key: "pinProof"),
        ])
        let options = pinned.sorted { problem.optionBytes[$0.option] < problem.optionBytes[$1.option] }
        for (option, result) in options {
            let reduced = price?.reducedCost(ofOption: option).map(Table.Cell.impact)
            table.append(
                [
                    Table.Cell(format(option)),
                    Table.Cell.size(problem.optionBytes[option]),
                    Table.Cell.impact(problem.optionImpact[option]),
                    Table.Cell(standing(of: option)),
                    reduced ?? .empty,
                ] + pinnedCells(option, result)
            )
        }
        return table
    }

    /// What becomes of the plan where the layer is pinned to an option: its impact, what that costs, and how sure it is.
    private func pinnedCells(
        _ option: Int,
        _ result: Result<AllocationPlan, AllocationError>
    ) -> [Table.Cell] {
        switch result {
        case .success(let pinned):
            let cost = pinned.impact - plan.impact
            let change = Figures.change(pinned.impact, from: plan.impact)
            return [
                Table.Cell.impact(pinned.impact),
                Table.Cell(cost == 0 ? "0" : "\(Figures.difference(cost)) (\(change))", value: .number(cost)),
                Table.Cell(
                    pinned.status == .optimal ? "proven" : "gap \(Figures.gap(pinned.gap))",
                    value: .string(pinned.status.rawValue)
                ),
            ]
        case .failure(let error):
            let why =
                switch error {
                case .infeasible: "does not fit"
                case .limitReached: "not found"
                default: isSettledAway(option) ? "not tried" : "forbidden"
                }
            return [.empty, .empty, Table.Cell(why)]
        }
    }

    private func standing(of option: Int) -> String {
        if option == plan.choices[layer] { return "chosen" }
        if isSettledAway(option) { return "no better, and takes nothing of the card either" }
        if problem.isAllowed?[option] == false { return reasons.text(forOption: option) }
        if let better = problem.dominator(ofOption: option, inLayer: layer, at: plan.choices) {
            return "dominated by \(format(better))"
        }
        guard price != nil, price?.reducedCost(ofOption: option) == nil else { return "" }
        return formats(ofTied: layer).contains(problem.optionFormat[option])
            ? "not in the plan's formats" : "not for all tied layers"
    }

    /// Whether an option is left out because the layer is not on the card, and by no restriction.
    private func isSettledAway(_ option: Int) -> Bool {
        isOffCard && problem.isAllowed?[option] == false && !reasons.isForbidden(option)
    }

    /// The explanation for a terminal.
    public func text(style: TerminalStyle = .plain) -> String {
        let chosen = plan.choices[layer]
        let name = problem.layerNames[layer].visible
        var lines = [
            style.bold("\(name) takes \(format(chosen)) within \(ByteSize(problem.budget).both)"),
            "",
            "Plan    impact \(Figures.impact(plan.impact)), "
                + (plan.status == .optimal
                    ? "proven the least" : "at most \(Figures.gap(plan.gap)) above the least")
                + "; \(shareText)",
            "Price   \(priceText)",
            "Why     \(reason)",
            "Changes \(changeText)",
        ]
        if let ties = problem.ties.first(where: { $0.contains(layer) }) {
            lines.append(
                "Tied    to \(LayerRanges(ties.filter { $0 != layer }.map { problem.layerNames[$0] }).brief); reduced costs and "
                    + "dominance are those of all together"
            )
        }
        lines += neverLines
        return style.fitted(lines.joined(separator: "\n"), labels: 8) + "\n\n" + table().text(style: style)
    }

    /// What the layer's own impact is of the plan's.
    private var shareText: String {
        let own = problem.optionImpact[plan.choices[layer]]
        let name = problem.layerNames[layer].visible
        let impact = Figures.impact(own)
        switch problem.combination {
        case .sum: return "\(name) adds \(impact)"
        case .rss:
            guard plan.impact > 0 else { return "\(name) has \(impact)" }
            let ratio = own / plan.impact
            return "\(name) has \(impact), \(Figures.percent(ratio * ratio)) of the sum of squares"
        case .max:
            return own >= plan.impact
                ? "\(name) has \(impact) and decides it"
                : "\(name) has \(impact), which does not count while another layer has more"
        }
    }

    private var priceText: String {
        guard let price else {
            return "none: where the worst layer decides, bytes have no price of their own"
        }
        let what = price.isSquared ? "squared impact" : "impact"
        var text =
            price.perByte > 0
            ? "a further MB would save \(Figures.plain(price.perByte * 1e6)) of \(what) at this budget"
            : "0: the budget does not bind"
        if let second = price.perSecondUnit {
            text +=
                second > 0
                ? "; 0.01 more of the second budget would save \(Figures.plain(second * 0.01))"
                : "; the second budget does not bind"
        }
        return problem.formatLimit == nil ? text : text + ", with no other formats than the plan's"
    }

    /// Why the chosen option, in a sentence.
    private var reason: String {
        let chosen = plan.choices[layer]
        if isOffCard {
            return
                "it is not on the card and takes nothing of it in any format, so it has the one of least impact that it may"
        }
        guard let price, let reduced = price.reducedCost(ofOption: chosen) else {
            return "the plan with the least worst layer that fits gives it this format"
        }
        let costs = problem.options(ofLayer: layer).compactMap { option in
            price.reducedCost(ofOption: option).map { (option: option, cost: $0) }
        }
        let isTied = problem.ties.contains { $0.contains(layer) }
        guard costs.count > 1 else {
            return isTied
                ? "the layers that are tied have no other format in common"
                : problem.formatLimit == nil
                    ? "no other format is allowed here"
                    : "the plan takes no other format that is allowed here"
        }
        let prices = price.perSecondUnit == nil ? "that price" : "those prices"
        // Prices of two budgets are found by bisection, so that the best option may be off by rounding.
        if reduced <= 1e-9 * (costs.map(\.cost).max() ?? 0) {
            let paid =
                price.perSecondUnit == nil
                ? "the price of its bytes" : "the prices of its bytes and of the second budget"
            let whose = isTied ? "of all that the tied layers have in common" : "of the layer's options"
            let limit = problem.formatLimit == nil ? "" : " in the formats that the plan takes"
            return "its impact plus \(paid) is the least \(whose)\(limit)"
        }
        let other = costs.min { $0.cost < $1.cost }.map { format($0.option) } ?? "another format"
        let whole = price.perSecondUnit == nil ? "the budget" : "both budgets"
        return
            "at \(prices) \(other) would cost \(Figures.plain(reduced)) less, but whole formats have to fill \(whole)"
    }

    /// The formats that a layer and those tied to it may all take.
    private func formats(ofTied layer: Int) -> Set<UInt16> {
        let tied = problem.ties.first { $0.contains(layer) } ?? [layer]
        let sets = tied.map { Set(problem.allowedOptions(ofLayer: $0).map { problem.optionFormat[$0] }) }
        return sets.dropFirst().reduce(sets[0]) { $0.intersection($1) }
    }
}
