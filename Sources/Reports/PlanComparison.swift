public import BitAllocation
public import Planning
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
        /// The best plan within the budget where `plan` had to keep to more than the budget, or `nil`.
        public let unrestricted: AllocationPlan?

        /// Creates a row.
        public init(
            label: String,
            budget: Int,
            plan: Result<AllocationPlan, AllocationError>,
            unrestricted: AllocationPlan? = nil
        ) {
            self.label = label
            self.budget = budget
            self.plan = plan
            self.unrestricted = unrestricted
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
    ///
    /// - Parameter usedOnly: Whether formats that no plan takes have no column.
    /// - Returns: The table.
    public func table(usedOnly: Bool = false) -> Table {
        let formats = formats(usedOnly: usedOnly)
        var table = Table(columns: columns(formats))
        var before: AllocationPlan?
        for row in rows {
            guard case .success(let plan) = row.plan else {
                let why = if case .failure(.limitReached) = row.plan { "not found" } else { "does not fit" }
                table.append([Table.Cell(row.label), Table.Cell(why, value: .null)])
                before = nil
                continue
            }
            table.append(cells(of: row, plan, after: before, formats))
            before = plan
        }
        return table
    }

    /// The formats that have a column, from the smallest.
    private func formats(usedOnly: Bool) -> [String] {
        let used = Set(
            rows.compactMap { try? $0.plan.get() }.flatMap { plan in
                plan.choices.map { task.problem.formatNames[Int(task.problem.optionFormat[$0])] }
            }
        )
        return task.problem.formatNames.filter { !usedOnly || used.contains($0) }.sorted {
            let left = QuantizationFormat(named: $0)?.bitsPerWeight ?? 0
            let right = QuantizationFormat(named: $1)?.bitsPerWeight ?? 0
            return left != right ? left < right : $0 < $1
        }
    }

    private func columns(_ formats: [String]) -> [Table.Column] {
        let figures = [
            Table.Column("Budget", key: "budget"),
            Table.Column("Size", .right, key: "bytes"),
            Table.Column("Binary", .right, key: "gibibytes"),
            Table.Column("bpw", .right, key: "bitsPerWeight"),
            Table.Column("Impact", .right, key: "impact"),
            Table.Column("Gap", .right, key: "gap"),
        ]
        let steps = [
            Table.Column("Changed", .right, key: "changedLayers"),
            Table.Column("Up", .right, key: "layersUp"),
            Table.Column("Down", .right, key: "layersDown"),
        ]
        let prices = [
            Table.Column("Best", .right, key: "bestImpact"),
            Table.Column("Costs", .right, key: "excessImpact"),
        ]
        let isPriced = rows.contains { $0.unrestricted != nil }
        return figures + formats.map { Table.Column($0, .right, key: "layers_\($0)") } + steps
            + (isPriced ? prices : [])
    }

    /// The cells of a plan under ``columns(_:)``.
    private func cells(
        of row: Row,
        _ plan: AllocationPlan,
        after before: AllocationPlan?,
        _ formats: [String]
    ) -> [Table.Cell] {
        var counts: [String: Int] = [:]
        for layer in 0..<task.problem.layerCount {
            counts[plan.format(ofLayer: layer, in: task.problem), default: 0] += 1
        }
        let difference = before.flatMap { self.difference(from: $0, to: plan) }
        let steps = [difference?.changes.count, difference?.upCount, difference?.downCount]
        var cells = [
            Table.Cell(row.label),
            Table.Cell.size(plan.bytes),
            Table.Cell.gibibytes(plan.bytes),
            Table.Cell.bitsPerWeight(bytes: plan.bytes, parameters: parameters),
            Table.Cell.impact(plan.impact),
            Table.Cell.gap(plan.gap),
        ]
        cells += formats.map { Table.Cell.integer(counts[$0] ?? 0) }
        cells += steps.map { $0.map(Table.Cell.integer) ?? .empty }
        if let best = row.unrestricted {
            cells += [
                Table.Cell.impact(best.impact), Table.Cell.excess(plan.impact, over: best.impact),
            ]
        }
        return cells
    }

    private func difference(from first: AllocationPlan, to second: AllocationPlan) -> PlanDifference? {
        PlanDifference(from: layers(of: first), to: layers(of: second))
    }

    private func layers(of plan: AllocationPlan) -> [PlanDifference.Layer] {
        let problem = task.problem
        return plan.choices.enumerated().map { layer, option in
            PlanDifference.Layer(
                name: problem.layerNames[layer],
                format: problem.formatNames[Int(problem.optionFormat[option])],
                bytes: problem.optionBytes[option],
                impact: problem.optionImpact[option]
            )
        }
    }

    /// For every budget after the first, which layers change from the one before, up and down.
    public func changes() -> [(from: String, to: String, difference: PlanDifference)] {
        var result: [(from: String, to: String, difference: PlanDifference)] = []
        var before: (label: String, plan: AllocationPlan)?
        for row in rows {
            guard case .success(let plan) = row.plan else {
                before = nil
                continue
            }
            if let before, let difference = difference(from: before.plan, to: plan) {
                result.append((before.label, row.label, difference))
            }
            before = (row.label, plan)
        }
        return result
    }

    /// The changes of every step as one table: the step, then the columns of ``PlanDifference/table()``.
    public func changeTable() -> Table {
        var table: Table?
        for step in changes() {
            let own = step.difference.table()
            var all =
                table
                ?? Table(
                    columns: [Table.Column("Step", key: "fromBudget"), Table.Column("", key: "toBudget")]
                        + own.columns
                )
            for row in own.rows {
                all.append([Table.Cell(step.from), Table.Cell(step.to)] + row)
            }
            table = all
        }
        return table ?? Table(columns: [Table.Column("Step", key: "fromBudget")])
    }
}
