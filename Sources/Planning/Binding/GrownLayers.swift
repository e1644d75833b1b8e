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
        let unusual = model.unusualFileByteCounts
        func fileBytes(of tensor: TensorInfo) -> Int? {
            let known = unusual.isEmpty ? nil : unusual[tensor.name]
            return known ?? tensor.elementType?.byteCount(of: tensor)
        }
        var counts: [String: Int] = [:]
        var grown: [ModelLayer] = []
        layers: for (layer, planned) in zip(task.model.layers.indices, task.dataBytes(in: plan)) {
            var own = 0
            for tensor in task.model.layers[layer].tensors {
                guard let bytes = fileBytes(of: tensor) else { continue layers }
                own += bytes
            }
            guard Self.isLarger(planned, than: own) else { continue }
            counts[plan.format(ofLayer: layer, in: task.problem), default: 0] += 1
            grown.append(task.model.layers[layer])
        }
        var sources: Set<String> = []
        if !grown.isEmpty {
            let formats = model.fileFormats
            for layer in grown { sources.formUnion(layer.tensors.compactMap { formats[$0.name]?.name }) }
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
