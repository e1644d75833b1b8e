public import BitAllocation
public import Planning
import Tensors

/// The layers of a plan that take one format.
public struct FormatUse: Hashable, Sendable {
    /// The format's name.
    public let format: String
    /// The layers' names, in the model's order.
    public let layers: [String]
    /// The layers' bytes.
    public let bytes: Int
    /// The layers' elements.
    public let elements: Int

    /// The formats that a plan uses, from the fewest bits per weight to the most.
    public static func all(in plan: AllocationPlan, for task: PlanningTask) -> [FormatUse] {
        var order: [String] = []
        var members: [String: [Int]] = [:]
        for layer in task.model.layers.indices {
            let format = plan.format(ofLayer: layer, in: task.problem)
            if members[format] == nil { order.append(format) }
            members[format, default: []].append(layer)
        }
        func bits(_ format: String) -> Double {
            QuantizationFormat(named: format)?.bitsPerWeight ?? 0
        }
        return order.sorted { bits($0) != bits($1) ? bits($0) < bits($1) : $0 < $1 }.map { format in
            let layers = members[format] ?? []
            return FormatUse(
                format: format,
                layers: layers.map { task.model.layers[$0].name },
                bytes: layers.reduce(0) { $0 + task.dataBytes(ofLayer: $1, in: plan) },
                elements: layers.reduce(0) { $0 + task.model.layers[$1].elementCount }
            )
        }
    }
}
