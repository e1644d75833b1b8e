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
        var members = [[Int]](repeating: [], count: task.problem.formatNames.count)
        for layer in task.model.layers.indices {
            members[Int(task.problem.optionFormat[plan.choices[layer]])].append(layer)
        }
        let bytes = task.dataBytes(in: plan)
        func bits(_ format: String) -> Double {
            QuantizationFormat(named: format)?.bitsPerWeight ?? 0
        }
        let used = zip(task.problem.formatNames, members).filter { !$1.isEmpty }
        return used.sorted { bits($0.0) != bits($1.0) ? bits($0.0) < bits($1.0) : $0.0 < $1.0 }.map {
            format,
            layers in
            FormatUse(
                format: format,
                layers: layers.map { task.model.layers[$0].name },
                bytes: layers.reduce(0) { $0 + bytes[$1] },
                elements: layers.reduce(0) { $0 + task.model.layers[$1].elementCount }
            )
        }
    }
}
