import Tensors

/// What a checkpoint holds besides its diffusion model where it is a whole pipeline, text encoders and all, in one file.
///
/// Source of the names: ComfyUI's and stability.ai's checkpoints, `model.diffusion_model.` beside `first_stage_model.` and
/// `conditioner.`, `cond_stage_model.` or `text_encoders.`.
public struct PipelineParts: Hashable, Sendable {
    /// A part besides the diffusion model.
    public struct Part: Hashable, Sendable {
        /// What the names of its tensors begin with.
        public let prefix: String
        /// How many tensors it has.
        public let count: Int
    }

    /// The parts, of which there is one at least.
    public let parts: [Part]

    private static let others = [
        "first_stage_model.", "vae.", "conditioner.", "cond_stage_model.", "text_encoders.",
    ]

    /// Finds the parts; nil where the model is not such a checkpoint.
    ///
    /// - Parameter model: The model.
    public init?(_ model: Model) {
        guard model.tensors.contains(where: { $0.name.hasPrefix(Model.diffusionPrefix) }) else { return nil }
        parts = Self.others.map { prefix in
            Part(prefix: prefix, count: model.tensors.count { $0.name.hasPrefix(prefix) })
        }.filter { $0.count > 0 }
        guard !parts.isEmpty else { return nil }
    }
}
