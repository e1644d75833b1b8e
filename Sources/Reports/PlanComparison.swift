public import BitAllocation
import Tensors

/// Plans at several budgets side by side.
public struct PlanComparison: Sendable {
    /// One budget and the plan within it, or why there is none.
    public struct Row: Sendable {
        /// The budget as it was asked for.
        public let label: String
        /// The budget in bytes.
        public let budget: Int
        /// The plan.
        public let plan: Result<AllocationPlan, AllocationError>

        /// Creates a row.
        public init(label: String, budget: Int, plan: Result<AllocationPlan, AllocationError>) {
            self.label = label
            self.budget = budget
            self.plan = plan
        }
    }

    private let rows: [Row]
    private let task: PlanningTask
    private let parameters: Int

    /// Compares plans of one task.
    public init(_ rows: [Row], for task: PlanningTask, parameters: Int) {
        self.rows = rows
        self.task = task
        self.parameters = parameters
    }

    /// One row per budget: size, bits per weight, impact, gap, layers per format, and how many layers take another format
    /// than in the row before.
    public func table() -> Table {
        let formats = task.problem.formatNames.sorted {
            let left = QuantizationFormat(named: $0)?.bitsPerWeight ?? 0
            let right = QuantizationFormat(named: $1)?.bitsPerWeight ?? 0
            return left != right ? left < right : $0 < $1
        }
        var table = Table(
            columns: [
                Table.Column("Budget", key: "budget"),
                Table.Column("Size GB", .right, key: "bytes"),
                Table.Column("Size GiB", .right, key: "gibibytes"),
                Table.Column("bpw", .right, key: "bitsPerWeight"),
                Table.Column("Impact", .right, key: "impact"),
                Table.Column("Gap", .right, key: "gap"),
            ]
                + formats.map { Table.Column($0, .right, key: "layers_\($0)") }
                + [Table.Column("Changed", .right, key: "changedLayers")]
        )
        var before: [Int]?
        for row in rows {
            guard case .success(let plan) = row.plan else {
                table.append([Table.Cell(row.label), Table.Cell("does not fit", value: .null)])
                before = nil
                continue
            }
            var counts: [String: Int] = [:]
            for layer in 0..<task.problem.layerCount {
                counts[plan.format(ofLayer: layer, in: task.problem), default: 0] += 1
            }
            let changed = before.map { zip($0, plan.choices).reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) } }
            let gibibytes = Double(plan.bytes) / Double(1 << 30)
            let bits = Double(plan.bytes) * 8 / Double(max(1, parameters))
            table.append(
                [
                    Table.Cell(row.label),
                    Table.Cell(ByteSize(plan.bytes).decimal, value: .integer(plan.bytes)),
                    Table.Cell(ByteSize(plan.bytes).binary, value: .number(gibibytes)),
                    Table.Cell(
                        Figures.bitsPerWeight(bytes: plan.bytes, parameters: parameters),
                        value: .number(bits)
                    ),
                    Table.Cell(Figures.impact(plan.impact), value: .number(plan.impact)),
                    Table.Cell(Figures.gap(plan.gap), value: .number(plan.gap)),
                ]
                    + formats.map { .integer(counts[$0] ?? 0) }
                    + [changed.map(Table.Cell.integer) ?? .empty]
            )
            before = plan.choices
        }
        return table
    }
}
