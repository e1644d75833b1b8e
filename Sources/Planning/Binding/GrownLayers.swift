public import BitAllocation
public import Checkpoints
import Tensors

/// The layers that a plan makes larger than the model's files have them, in a line for the user.
///
/// A GGUF file has no 8-bit floats: of a model in these, what is to lose little or nothing grows there.
public struct GrownLayers: Hashable, Sendable {
    /// The line, or nil where no layer grows.
    public let note: String?

    /// Compares sizes.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - task: What it was planned for.
    ///   - model: The model.
    public init(_ plan: AllocationPlan, for task: PlanningTask, of model: Model) {
        let (bytes, formats) = (model.fileByteCounts, model.fileFormats)
        var counts: [String: Int] = [:]
        var sources: Set<String> = []
        for (index, layer) in task.model.layers.enumerated() {
            let own = layer.tensors.compactMap { bytes[$0.name] }
            guard own.count == layer.tensors.count,
                Self.isLarger(task.dataBytes(ofLayer: index, in: plan), than: own.reduce(0, +))
            else { continue }
            counts[plan.format(ofLayer: index, in: task.problem), default: 0] += 1
            sources.formUnion(layer.tensors.compactMap { formats[$0.name]?.name })
        }
        let total = counts.values.reduce(0, +)
        guard total > 0 else {
            note = nil
            return
        }
        let listed = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($1) in \($0)" }
        note = """
            \(total == 1 ? "1 layer is" : "\(total) layers are") planned larger than \(total == 1 ? "its" : "their") source, which is \
            \(sources.sorted().joined(separator: ", ")): \(listed.joined(separator: ", "))
            """
    }

    /// Whether one size is more than another, by more than scales may be.
    private static func isLarger(_ bytes: Int, than others: Int) -> Bool {
        bytes - others > others / 64
    }
}
