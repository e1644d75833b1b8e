import Tensors

extension Model {
    /// What the names of a diffusion model's tensors begin with in a checkpoint that also has text encoders and a decoder.
    private static let diffusionPrefix = "model.diffusion_model."

    /// The diffusion model of a whole checkpoint, under the names that its tensors have there; nil where the model is no such
    /// checkpoint, and for a GGUF file, which has all that its writer put together.
    ///
    /// ComfyUI-GGUF's converter takes the same part of it (city96/ComfyUI-GGUF, `tools/convert.py`).
    public var diffusionPart: Model? {
        guard kind != .gguf else { return nil }
        let own = tensors.indices.filter { tensors[$0].name.hasPrefix(Self.diffusionPrefix) }
        guard !own.isEmpty, own.count < tensors.count else { return nil }
        return try? Model(
            name: name,
            tensors: own.map { tensors[$0] },
            kind: kind,
            architecture: architecture,
            metadata: metadata,
            files: files,
            index: index,
            locations: locations.isEmpty ? [] : own.map { locations[$0] },
            emptyTensors: emptyTensors.filter { $0.hasPrefix(Self.diffusionPrefix) }
        )
    }
}
