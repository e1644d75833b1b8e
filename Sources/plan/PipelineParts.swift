import Checkpoints
import Reports
import Tensors
import Text

/// What a checkpoint holds besides its diffusion model where it is a whole pipeline, text encoders and all, in one file.
///
/// Source of the names: ComfyUI's and stability.ai's checkpoints, `model.diffusion_model.` beside `first_stage_model.` and
/// `conditioner.`, `cond_stage_model.` or `text_encoders.`.
struct PipelineParts {
    /// The beginnings of names, and how many tensors have each.
    private let parts: [(prefix: String, count: Int)]
    private let name: String

    private static let diffusion = "model.diffusion_model."
    private static let others = [
        "first_stage_model.", "vae.", "conditioner.", "cond_stage_model.", "text_encoders.",
    ]

    /// Finds the parts; nil where the model is not such a checkpoint.
    init?(_ model: Model) {
        guard model.tensors.contains(where: { $0.name.hasPrefix(Self.diffusion) }) else { return nil }
        parts = Self.others.map { prefix in
            (prefix, model.tensors.count { $0.name.hasPrefix(prefix) })
        }.filter { $0.count > 0 }
        guard !parts.isEmpty else { return nil }
        name = model.name
    }

    private var counted: String {
        parts.map { "\($0.count.of("tensor")) of \($0.prefix)" }.joined(separator: ", ")
    }

    /// What the user should know where the diffusion model alone is taken, in a sentence.
    var noteOfPart: String {
        """
        \(name.visible) is a whole pipeline, with \(counted) beside its diffusion model, which alone is planned and written, \
        as ComfyUI-GGUF loads it; --converter stable-diffusion.cpp plans the whole
        """
    }

    /// What the user should know where the whole is planned, in a sentence.
    ///
    /// - Parameter isDivided: Whether a table of the diffusion model alone has it planned alone.
    /// - Returns: The sentence.
    func note(isDivided: Bool) -> String {
        let keeps = parts.map { "--keep '\($0.prefix)*'" }.joined(separator: " ")
        return """
            \(name.visible) is a whole pipeline, with \(counted) beside its diffusion model; with a table of the diffusion model \
            alone \(isDivided ? "the others are kept as they are" : "\(keeps) leaves the others as they are")
            """
    }
}
