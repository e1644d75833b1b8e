import Checkpoints
import Tensors
import Text

extension PipelineParts {
    private var counted: String {
        parts.map { "\($0.count.of("tensor")) of \($0.prefix)" }.joined(separator: ", ")
    }

    /// What the user should know where the diffusion model alone is taken, in a sentence.
    ///
    /// - Parameter name: The model's name.
    /// - Returns: The sentence.
    func noteOfPart(of name: String) -> String {
        """
        \(name.visible) is a whole pipeline, with \(counted) beside its diffusion model, which alone is planned and written, \
        as ComfyUI-GGUF loads it; --converter stable-diffusion.cpp plans the whole
        """
    }

    /// What the user should know where the whole is planned, in a sentence.
    ///
    /// - Parameters:
    ///   - name: The model's name.
    ///   - isDivided: Whether a table of the diffusion model alone has it planned alone.
    /// - Returns: The sentence.
    func note(of name: String, isDivided: Bool) -> String {
        let keeps = parts.map { "--keep '\($0.prefix)*'" }.joined(separator: " ")
        return """
            \(name.visible) is a whole pipeline, with \(counted) beside its diffusion model; with a table of the diffusion model \
            alone \(isDivided ? "the others are kept as they are" : "\(keeps) leaves the others as they are")
            """
    }
}
