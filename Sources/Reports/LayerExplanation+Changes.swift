import BitAllocation
import Planning
import Tensors

extension LayerExplanation {
    /// Where the format changes next to the budget, on either side.
    ///
    /// Best plans are not nested: a layer may lose a format again at a larger budget, so only the nearest changes are said.
    var changeText: String {
        guard let curve else { return "not known" }
        let change = curve.change(ofLayer: layer, from: plan.choices[layer], at: problem.budget)
        var parts: [String] = []
        if let below = change.below {
            parts.append("previous change: from \(format(below.option)) at \(size(below.budget))")
        }
        if let above = change.above {
            parts.append("next change: \(format(above.option)) at \(size(above.budget))")
        }
        let text = parts.isEmpty ? "at no budget" : parts.joined(separator: "; ")
        return curve.isComplete ? text : text + ", among the \(curve.points.count) budgets that were solved"
    }

    private func size(_ bytes: Int) -> String {
        "\(ByteSize(bytes).decimal) (\(ByteSize(bytes).grouped) bytes)"
    }

    /// The nearest budgets at which the layer's format changes, as a table for programs.
    ///
    /// - Returns: `change`, which is `previous` or `next`; the budget from which the format is the new one; and the format on
    ///   the other side of the change: the one before it, or the one after it.
    public func changeTable() -> Table {
        var table = Table(columns: [Table.Column("change"), Table.Column("bytes"), Table.Column("format")])
        guard let curve else { return table }
        let change = curve.change(ofLayer: layer, from: plan.choices[layer], at: problem.budget)
        if let below = change.below {
            table.append(["previous", .integer(below.budget), Table.Cell(format(below.option))])
        }
        if let above = change.above {
            table.append(["next", .integer(above.budget), Table.Cell(format(above.option))])
        }
        return table
    }

    /// What the changes were looked for in, as a table for programs: whether in every best plan, or among how many budgets.
    public func curveTable() -> Table {
        var table = Table(columns: [Table.Column("complete"), Table.Column("budgets")])
        if let curve { table.append([.boolean(curve.isComplete), .integer(curve.points.count)]) }
        return table
    }
}
