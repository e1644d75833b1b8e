extension Model {
    /// What the names of a diffusion model's tensors begin with in a checkpoint that also has text encoders and a decoder.
    static let diffusionPrefix = "model.diffusion_model."

    /// The diffusion model of a whole checkpoint, under the names that its tensors have there; nil where the model is no such
    /// checkpoint, and for a GGUF file, which has all that its writer put together.
    ///
    /// ComfyUI-GGUF's converter takes the same part of it (city96/ComfyUI-GGUF, `tools/convert.py`).
    public var diffusionPart: Model? {
        kind == .gguf ? nil : part { $0.hasPrefix(Self.diffusionPrefix) }
    }
}
