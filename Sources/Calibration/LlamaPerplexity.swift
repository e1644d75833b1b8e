/// `llama-perplexity` of llama.cpp as what measures a loss: the Kullback-Leibler divergence of the model with a layer cast from
/// the model as it is, in nats per token, over a text.
///
/// It is made in two steps. Once, the logits of the model as it is are written to a file, `--kl-divergence-base`; then every
/// run with `--kl-divergence` compares its own with these. Source: `tools/perplexity/perplexity.cpp` in llama.cpp, which
/// scores the second half of every chunk of a context's length.
public struct LlamaPerplexity: Hashable, Sendable {
    /// What its losses are.
    public static let unit = "KL divergence, nats per token"

    /// The length of a chunk where none is named, in tokens.
    public static let defaultContext = 256
    /// How much of the text is used where neither that nor a time is named, in chunks.
    public static let defaultChunks = 8

    /// The program.
    public let program: String
    /// The text.
    public let text: String
    /// The length of a chunk in tokens.
    public let context: Int
    /// Further arguments, such as `-ngl 99`.
    public let arguments: [String]

    /// Names the program and the text.
    ///
    /// - Parameters:
    ///   - program: The path, or a name that is looked for in `PATH`; nil for `llama-perplexity`.
    ///   - text: The file with the text.
    ///   - context: The length of a chunk in tokens; nil for ``defaultContext``.
    ///   - arguments: Further arguments.
    public init(program: String? = nil, text: String, context: Int? = nil, arguments: [String] = []) {
        self.program = program ?? "llama-perplexity"
        self.text = text
        self.context = context ?? Self.defaultContext
        self.arguments = arguments
    }

    /// Looks for the program before anything is made for it.
    ///
    /// - Throws: ``CalibrationError/cannotStart(program:reason:)`` where it cannot be started.
    public func checkProgram() throws(CalibrationError) { try ChildProcess.check(program) }

    /// The command that writes the logits of the model as it is.
    ///
    /// - Parameters:
    ///   - chunks: How much of the text, in chunks.
    ///   - base: The file for the logits.
    /// - Returns: The command, whose output has no loss.
    public func baseCommand(chunks: Int, base: String) -> LossCommand {
        LossCommand(
            [program, "-m", "{}", "-f", text, "-c", "\(context)", "--chunks", "\(chunks)"]
                + ["--kl-divergence-base", base] + arguments,
            loss: nil
        )
    }

    /// The command that compares a model with the logits.
    ///
    /// - Parameter base: The file with the logits.
    /// - Returns: The command.
    public func lossCommand(base: String) -> LossCommand {
        LossCommand(
            [program, "-m", "{}", "-c", "\(context)", "--kl-divergence-base", base, "--kl-divergence"]
                + arguments,
            loss: .llamaPerplexity
        )
    }
}
