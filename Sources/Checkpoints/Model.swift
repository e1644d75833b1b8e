public import Tensors

/// A model as the planner sees it: its name and its tensors, without their data.
public struct Model: Hashable, Sendable {
    /// The model's name, such as `flux1-dev`.
    public let name: String

    /// The tensors, in the order in which the model's file holds them.
    public let tensors: [TensorInfo]

    /// The number of elements of all tensors together.
    public let parameters: Int

    /// A fingerprint of the tensors' names, shapes and element types, in order; the model's name is not part of it.
    ///
    /// It is a `ContentDigest` as text, such as `fnv1a64:af63dc4c8601ec8c`.
    public let digest: String

    /// Makes a model of its tensors.
    ///
    /// - Throws: ``CheckpointError/noTensors(model:)``, ``CheckpointError/duplicateTensor(_:model:)``, and
    ///   ``CheckpointError/tooManyParameters(model:)`` for more than `TensorInfo/maximumElementCount` in all.
    public init(name: String, tensors: [TensorInfo]) throws(CheckpointError) {
        guard !tensors.isEmpty else { throw .noTensors(model: name) }
        var names: Set<String> = []
        var parameters = 0
        var digest = ContentDigest()
        digest.update(field: tensors.count)
        for tensor in tensors {
            guard names.insert(tensor.name).inserted else { throw .duplicateTensor(tensor.name, model: name) }
            // Both are at most 2^56, so the sum cannot overflow.
            parameters += tensor.elementCount
            guard parameters <= TensorInfo.maximumElementCount else { throw .tooManyParameters(model: name) }
            digest.update(field: tensor.name)
            digest.update(field: tensor.dimensionCount)
            for size in tensor.shape { digest.update(field: size) }
            digest.update(field: tensor.elementType?.name ?? "")
        }
        self.name = name
        self.tensors = tensors
        self.parameters = parameters
        self.digest = digest.text
    }
}
