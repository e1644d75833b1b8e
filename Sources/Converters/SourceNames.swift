package import Checkpoints
import Recipes
import Tensors

/// How the tensors of language models are named in the files that converters read.
enum SourceNames {
    private static let hubBeginnings = [
        "model.layers.", "model.embed_tokens.", "model.language_model.", "language_model.model.", "lm_head.",
        "transformer.h.", "gpt_neox.layers.",
    ]

    /// Whether a name is one of Hugging Face's safetensors of language models, which no GGUF file has.
    static func isFromHub(_ name: String) -> Bool {
        hubBeginnings.contains(where: name.hasPrefix)
    }

    /// Whether a name is one that llama.cpp gives the tensors of a language model, which no safetensors file has.
    static func isFromGGUF(_ name: String) -> Bool {
        if name == "token_embd.weight" { return true }
        let parts = name.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count == 3 && parts[0] == "blk" && !parts[1].isEmpty
            && parts[1].utf8.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    }
}

extension Model {
    /// Whether the tensors are named as in Hugging Face's safetensors of language models.
    package var isLanguageModelFromHub: Bool {
        kind != .gguf && tensors.contains { SourceNames.isFromHub($0.name) }
    }
}

extension Converter {
    /// Refuses tensors that no GGUF file can hold.
    ///
    /// - Parameters:
    ///   - tensors: The model's tensors.
    ///   - limit: The most dimensions that the converter reads: without more, `GGML_MAX_DIMS` of ggml's `ggml.h`.
    /// - Throws: `RecipeError.cannotTake(tensor:reason:converter:)`.
    func checkDimensions(_ tensors: [TensorInfo], limit: Int = 4) throws(RecipeError) {
        for tensor in tensors where tensor.dimensionCount > limit {
            throw .cannotTake(
                tensor: tensor.name,
                reason: "which has \(tensor.dimensionCount) dimensions, where it reads at most \(limit)",
                converter: name
            )
        }
    }
}
