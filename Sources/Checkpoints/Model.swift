import Text
public import Tensors

/// A model as the planner sees it: its name and its tensors, without their data.
public struct Model: Hashable, Sendable {
    /// The model's name, such as `flux1-dev`.
    public let name: String

    /// The tensors, in the order in which the model's files hold their data.
    public let tensors: [TensorInfo]

    /// The number of elements of all tensors together.
    public let parameters: Int

    /// A fingerprint of the tensors' names, shapes and element types, in order; the model's name is not part of it.
    ///
    /// It is a `ContentDigest` as text, such as `fnv1a64:af63dc4c8601ec8c`.
    public let digest: String

    /// What the model was read from.
    public let kind: ModelKind

    /// What kind of network it is, such as `flux` or `llama`, or nil if the file does not say.
    ///
    /// It is `general.architecture` of a GGUF file, and `modelspec.architecture` of a safetensors file.
    public let architecture: String?

    /// What the file says about the model, in the file's order; of several files, what the first says.
    ///
    /// Large values are ``MetadataValue/omitted(_:byteCount:)``. The keys that say how a GGUF file is split,
    /// `split.*`, are left out, since they say nothing of the model.
    public let metadata: [GGUFMetadata]

    /// The files that the model was read from, in order; none for an inventory.
    public let files: [ModelFile]

    /// The file that says which tensor is in which of ``files``, where one was read.
    public let index: String?

    /// Where the files hold the data of each of ``tensors``, in the same order; none for an inventory.
    public let locations: [TensorLocation]

    /// The tensors without elements, which safetensors files may have and nothing can be planned for.
    public let tensorsWithoutElements: [EmptyTensor]

    /// Makes a model of its tensors.
    ///
    /// - Throws: ``CheckpointError/noTensors(model:)``, ``CheckpointError/duplicateTensor(_:model:)``, and
    ///   ``CheckpointError/tooManyParameters(model:)`` for more than `TensorInfo/maximumElementCount` in all.
    public init(name: String, tensors: [TensorInfo]) throws(CheckpointError) {
        try self.init(name: name, tensors: tensors, kind: .inventory)
    }

    /// Makes a model of what its files hold, of no tensors only where that is allowed.
    init(
        name: String,
        tensors: [TensorInfo],
        kind: ModelKind,
        architecture: String? = nil,
        metadata: [GGUFMetadata] = [],
        files: [ModelFile] = [],
        index: String? = nil,
        locations: [TensorLocation] = [],
        tensorsWithoutElements: [EmptyTensor] = [],
        allowsNone: Bool = false
    ) throws(CheckpointError) {
        guard allowsNone || !tensors.isEmpty else { throw .noTensors(model: name) }
        var names: Set<String> = []
        names.reserveCapacity(tensors.count)
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
        self.kind = kind
        self.architecture = architecture
        self.metadata = metadata
        self.files = files
        self.index = index
        self.locations = locations
        self.tensorsWithoutElements = tensorsWithoutElements
    }

    /// What programs that load a model from a folder of safetensors read beside the weights.
    private static let companions = [
        "config.json", "generation_config.json", "model_index.json", "tokenizer.json",
        "tokenizer_config.json",
        "tokenizer.model", "special_tokens_map.json", "added_tokens.json", "vocab.json", "vocab.txt",
        "merges.txt",
        "chat_template.jinja", "preprocessor_config.json", "processor_config.json",
    ]

    /// The paths of the files that the model was read from, an index among them, and of those that belong to it in a folder of
    /// safetensors, whether they are there or not; none for an inventory.
    public var readFiles: [String] {
        let beside = kind == .safetensors ? files.first.map { FilePath($0.path) } : nil
        return files.map(\.path) + (index.map { [$0] } ?? [])
            + (beside.map { file in Self.companions.map(file.sibling) } ?? [])
    }

    /// The size of all files together, in bytes, or nil for an inventory.
    public var fileByteCount: Int? {
        // No sum of sizes of files on one machine comes near Int.max, but one of sizes that were only claimed may.
        guard !files.isEmpty else { return nil }
        return files.reduce(0) { sum, file in
            let (total, overflow) = sum.addingReportingOverflow(file.byteCount)
            return overflow ? Int.max : total
        }
    }

    /// The value of a metadata key, or nil if the file does not have it.
    public func metadataValue(for key: String) -> MetadataValue? {
        metadata.first { $0.key == key }?.value
    }
}
