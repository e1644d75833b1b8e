public import BitAllocation
public import Planning
import Text

/// The layers of a plan that matter most, those that hold most bytes, and what forces the size of the smallest file.
public struct LayerRanking: Sendable {
    private let task: PlanningTask
    private let reasons: RestrictionReasons
    private let devices: DeviceSummary?

    /// Creates a ranking of a task's layers.
    ///
    /// - Parameters:
    ///   - task: The task.
    ///   - reasons: Why options of the task may not be chosen.
    ///   - devices: The devices that the layers are on, if the plan is for several.
    public init(_ task: PlanningTask, reasons: RestrictionReasons, devices: DeviceSummary? = nil) {
        self.task = task
        self.reasons = reasons
        self.devices = devices
    }

    private var problem: AllocationProblem { task.problem }

    /// The layer's smallest option that may be chosen; of two equally small ones the better.
    private func smallest(ofLayer layer: Int) -> Int? {
        problem.allowedOptions(ofLayer: layer).min {
            let (left, right) = (problem.optionBytes[$0], problem.optionBytes[$1])
            return left != right ? left < right : problem.optionImpact[$0] < problem.optionImpact[$1]
        }
    }

    /// Every layer's smallest option, that with the most of something first.
    private func smallestOptions(
        byMost key: (Int) -> some Comparable
    ) -> [(layer: Int, option: Int)] {
        (0..<problem.layerCount).compactMap { layer in
            smallest(ofLayer: layer).map { (layer: layer, option: $0) }
        }.sorted { left, right in
            let (a, b) = (key(left.option), key(right.option))
            return a != b ? a > b : left.layer < right.layer
        }
    }

    private func format(_ option: Int) -> Table.Cell {
        Table.Cell(problem.formatNames[Int(problem.optionFormat[option])])
    }

    private func size(_ option: Int) -> Table.Cell {
        Table.Cell.size(problem.optionBytes[option])
    }

    private func impact(_ option: Int) -> Table.Cell {
        Table.Cell.impact(problem.optionImpact[option])
    }

    private func name(_ layer: Int) -> Table.Cell { Table.Cell(problem.layerNames[layer]) }

    /// The column of the devices where there are several; none otherwise.
    private var deviceColumn: [Table.Column] {
        devices == nil ? [] : [Table.Column("On", key: "device")]
    }

    private func device(_ layer: Int) -> [Table.Cell] {
        devices.map { [$0.device(ofLayer: layer).map { Table.Cell($0) } ?? .empty] } ?? []
    }

    /// The layers that would harm most in their smallest format.
    public func mostImportant(_ plan: AllocationPlan, count: Int = 10) -> Table {
        var table = Table(
            columns: [
                Table.Column("Matters most", key: "layer"), Table.Column("Smallest", key: "smallestFormat"),
                Table.Column("Impact there", .right, key: "smallestImpact"),
                Table.Column("Takes", key: "format"),
                Table.Column("Size", .right, key: "bytes"), Table.Column("Impact", .right, key: "impact"),
            ] + deviceColumn
        )
        let ranked = smallestOptions { problem.optionImpact[$0] }
        for (layer, option) in ranked.prefix(count) {
            let chosen = plan.choices[layer]
            table.append(
                [name(layer), format(option), impact(option), format(chosen), size(chosen), impact(chosen)]
                    + device(layer)
            )
        }
        return table
    }

    /// The layers that hold most bytes in a plan.
    public func largest(_ plan: AllocationPlan, count: Int = 10) -> Table {
        var table = Table(
            columns: [
                Table.Column("Holds most", key: "layer"), Table.Column("Takes", key: "format"),
                Table.Column("Size", .right, key: "bytes"), Table.Column("Of the file", .right, key: "share"),
                Table.Column("Impact", .right, key: "impact"),
            ] + deviceColumn
        )
        let ranked = plan.choices.enumerated().sorted { left, right in
            let (a, b) = (problem.optionBytes[left.element], problem.optionBytes[right.element])
            return a != b ? a > b : left.offset < right.offset
        }
        for (layer, chosen) in ranked.prefix(count) {
            let share = Double(problem.optionBytes[chosen]) / Double(max(1, plan.bytes))
            table.append(
                [
                    name(layer), format(chosen), size(chosen),
                    Table.Cell("\(Figures.plain(share * 100)) %", value: .number(share)), impact(chosen),
                ] + device(layer)
            )
        }
        return table
    }

    /// What the smallest possible file is made of: kept tensors, and the layers that hold most even then.
    public func smallestFile(count: Int = 10) -> Table {
        var table = Table(columns: [
            Table.Column("Forces the size", key: "layer"), Table.Column("Smallest", key: "format"),
            Table.Column("Size", .right, key: "bytes"), Table.Column("Why not smaller", key: "reason"),
        ])
        table.append([
            "kept tensors, header, alignment", .empty,
            Table.Cell.size(problem.fixedBytes),
            "not planned",
        ])
        let ranked = smallestOptions { problem.optionBytes[$0] }
        for (layer, option) in ranked.prefix(count) {
            table.append([name(layer), format(option), size(option), Table.Cell(reason(layer, option))])
        }
        if ranked.count > count {
            let rest = ranked.dropFirst(count).reduce(0) { $0 + problem.optionBytes[$1.option] }
            let left = ranked.count - count
            table.append([
                Table.Cell(left.of("more layer"), value: .string("rest")), .empty,
                Table.Cell.size(rest), "",
            ])
        }
        let untied = ranked.reduce(problem.fixedBytes) { $0 + problem.optionBytes[$1.option] }
        if let smallest = problem.smallestAllowedBytes, smallest > untied {
            table.append([
                "layers tied to one format", .empty,
                Table.Cell.size(smallest - untied),
                "together they take a larger one",
            ])
        }
        return table
    }

    private func reason(_ layer: Int, _ option: Int) -> String {
        let smaller = problem.options(ofLayer: layer).filter {
            problem.optionBytes[$0] < problem.optionBytes[option]
        }
        guard let forbidden = smaller.first else { return "the table has no smaller format" }
        return
            "\(problem.formatNames[Int(problem.optionFormat[forbidden])]) is \(reasons.text(forOption: forbidden))"
    }
}
