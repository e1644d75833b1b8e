import Text
public import BitAllocation
import Tensors

/// Plans from elsewhere beside the best plans of their sizes: the mixes that llama.cpp makes of a language model, recipes,
/// and finished files.
public struct ComparedPlans: Sendable {
    /// The plans that the table can measure.
    public var plans: [ComparedPlan]
    /// The names of those that it cannot, and why, in a clause.
    public let unmeasured: [(name: String, reason: String)]

    private let word: String

    /// Creates a comparison.
    ///
    /// - Parameters:
    ///   - plans: The plans that the table can measure.
    ///   - unmeasured: The names of those that it cannot, and why, in a clause.
    ///   - word: What impacts are on the table: `loss`, or `error`.
    public init(plans: [ComparedPlan], unmeasured: [(name: String, reason: String)], word: String) {
        self.plans = plans
        self.unmeasured = unmeasured
        self.word = word
    }

    /// Whether there is nothing to say.
    public var isEmpty: Bool { plans.isEmpty && unmeasured.isEmpty }

    /// Keeps so many plans, those nearest to one in size, besides those that it does not beat.
    public mutating func keepNearest(_ count: Int, to plan: AllocationPlan) {
        let near = plans.sorted {
            (abs($0.bytes - plan.bytes), $0.name) < (abs($1.bytes - plan.bytes), $1.name)
        }.prefix(count)
        let names = Set(near.map(\.name))
        plans = plans.filter { names.contains($0.name) || Self.isUnbeaten($0, by: plan) }
    }

    /// The plans, a row each: size, impact, that of the best plan of the size, and how many times as large it is.
    public func table() -> Table {
        let isAllMixes = plans.allSatisfy { $0.kind == .mix }
        var table = Table(
            columns: [Table.Column(isAllMixes ? "llama.cpp's mix" : "Plan", key: "name")]
                + (isAllMixes ? [] : [Table.Column("Kind", key: "kind")])
                + [
                    Table.Column("Size", .right, key: "bytes"),
                    Table.Column("Impact", .right, key: "impact"),
                    Table.Column("Best of that size", .right, key: "bestImpact"),
                    Table.Column("", key: "ratio"),
                    Table.Column("", key: "keepsRestrictions"),
                ]
        )
        for plan in plans {
            let ratio = plan.bestImpact.flatMap { $0 > 0 ? plan.impact / $0 : nil }
            table.append(
                [Table.Cell(plan.name)]
                    + (isAllMixes
                        ? [] : [Table.Cell(plan.kind.text, value: .string(plan.kind.rawValue))])
                    + [
                        Table.Cell.size(plan.bytes),
                        Table.Cell.impact(plan.impact),
                        plan.bestImpact.map(Table.Cell.impact)
                            ?? Table.Cell("none fits", value: .null),
                        Table.Cell(plan.verdict(word) ?? "", value: ratio.map { .number($0) } ?? .null),
                        Table.Cell(
                            plan.breach.map { "not allowed: \($0)" } ?? "",
                            value: .boolean(plan.isAdmissible)
                        ),
                    ]
            )
        }
        return table
    }

    /// What is to be said of a plan that does not beat one of at most its size, a sentence per such plan.
    public func sentences(on plan: AllocationPlan) -> [String] {
        plans.filter { Self.isUnbeaten($0, by: plan) }.map { other in
            let share = plan.impact > other.impact ? "less" : "no more"
            let cause =
                !other.isAdmissible
                ? ", because it does not keep to the restrictions"
                : other.comparableBytes > plan.bytes
                    ? ", because it quantizes tensors that this plan keeps" : ""
            let name = other.kind == .mix ? "llama.cpp's \(other.name)" : other.name.visible
            return """
                This plan does not beat \(name): that has \(ByteSize(other.bytes).decimal) and \(share) \(word) \
                (\(Figures.impact(other.impact)))\(cause).
                """
        }
    }

    private static func isUnbeaten(_ other: ComparedPlan, by plan: AllocationPlan) -> Bool {
        other.bytes <= plan.bytes && other.impact <= plan.impact && other.impact > 0
    }

    /// Which plans the table cannot measure, and why, a sentence per reason; nil where there are none.
    public var missingText: String? {
        guard !unmeasured.isEmpty else { return nil }
        var order: [String] = []
        var names: [String: [String]] = [:]
        for (name, reason) in unmeasured {
            if names[reason] == nil { order.append(reason) }
            names[reason, default: []].append(name)
        }
        return order.map { "Not measured: \((names[$0] ?? []).joined(separator: ", ")): \($0)." }
            .joined(separator: "\n")
    }

    /// The plans for a terminal, with what is to be said of a plan that does not beat them.
    ///
    /// - Parameters:
    ///   - plan: The plan, or nil where there are several.
    ///   - style: How headings are emphasised.
    /// - Returns: Lines without a newline at the end.
    public func text(on plan: AllocationPlan?, style: TerminalStyle) -> String {
        var parts = plans.isEmpty ? [] : [String(table().text(style: style).dropLast())]
        if let plan { parts += sentences(on: plan).map { style.fitted($0) } }
        if let missingText { parts.append(style.fitted(missingText)) }
        return parts.joined(separator: "\n")
    }
}
