package import Tensors

/// A linear module of a PyTorch model, known by its weight: a 2-D tensor named after it.
package struct LinearModule {
    /// The module's name, without `.weight`.
    package let name: String

    /// All but the weights of linear modules, of which and of embeddings MLX has quantized ones.
    static let others = UntouchedTensors(requiredEnding: ".weight", dimensions: 2...2)

    /// These, and the tables of embeddings, whose weights are 2-D too: ComfyUI quantizes linear modules alone.
    ///
    /// The names are those of transformers for the text encoders that ComfyUI loads (CLIP, T5, Llama, Qwen, Gemma).
    static let othersAndEmbeddings = UntouchedTensors(
        names: ["shared.weight"],
        parts: [
            "embed_tokens.", "token_embedding.", "position_embedding.", "word_embeddings.",
            "position_embeddings.", "token_type_embeddings.", "relative_attention_bias.",
        ],
        endings: [".shared.weight", "wte.weight", "wpe.weight"],
        requiredEnding: ".weight",
        dimensions: 2...2
    )

    /// The module that a tensor is the weight of, or nil.
    package init?(_ tensor: TensorInfo) {
        let ending = ".weight"
        guard tensor.dimensionCount == 2, tensor.name.hasSuffix(ending), tensor.name.count > ending.count
        else {
            return nil
        }
        name = String(tensor.name.dropLast(ending.count))
    }
}
