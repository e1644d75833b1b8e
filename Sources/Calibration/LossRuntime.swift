/// What runs a model and says its loss.
public enum LossRuntime: Hashable, Sendable {
    /// `llama-perplexity` of llama.cpp, over so many chunks of its text; nil for as many as the time allows, or
    /// ``LlamaPerplexity/defaultChunks``.
    case llamaPerplexity(LlamaPerplexity, chunks: Int?)
    /// A command of the user's for the shell, and the name and unit of its loss where they are known.
    case command(LossCommand, unit: String?)

    /// What a loss is, and in which unit; nil where that is not known.
    public var unit: String? {
        switch self {
        case .llamaPerplexity: LlamaPerplexity.unit
        case .command(_, let unit): unit
        }
    }

    /// How much text is asked for, in chunks; nil where nothing is, or the command decides.
    public var chunks: Int? {
        switch self {
        case .llamaPerplexity(_, let chunks): chunks
        case .command: nil
        }
    }

    /// What measures, in words that are the same where the same is measured.
    ///
    /// - Returns: The words.
    /// - Throws: ``CalibrationError`` for a text that cannot be read, or has no words.
    func description() throws(CalibrationError) -> String {
        switch self {
        case .llamaPerplexity(let llama, _):
            // Where the program is, and how many cores it takes, changes nothing.
            "llama-perplexity, text \(try TextDigest.digest(ofFile: llama.text)), context \(llama.context)"
        case .command(let command, _):
            command.words
        }
    }
}
