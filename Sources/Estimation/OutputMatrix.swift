import Tensors

/// The matrix that a language model's output is made by, and how much more its errors count than those of the other layers.
///
/// What a block computes is added to what went before, by attention and by its feed-forward part: of a model of `b` blocks each
/// matrix makes one of about `2b` parts of what the output reads, and its relative error arrives as a share of that. The error of the
/// output's own matrix arrives whole, so in squares it counts `2b` times. Of SmolLM2-135M, with 30 blocks and so 60 times, the table of
/// embeddings, which makes the output as well, was measured to lose 110 times as much as the gate of a block in the same format.
package struct OutputMatrix: Hashable, Sendable {
    /// The tensor's name.
    package let tensor: String
    /// What a squared relative error counts, where that of any other layer counts 1.
    package let weight: Double
    /// The number of the last block, counted from 0.
    package let lastBlock: Int

    /// Finds the matrix: the output's own, or the table of embeddings of a model that ends with a norm and has no other; nil for a model
    /// that is no language model, or whose blocks are not numbered.
    ///
    /// - Parameter names: The names of all tensors of the model.
    package init?(tensorNames names: some Sequence<String>) {
        var embedding: String?
        var output: String?
        var endsWithNorm = false
        var lastBlock = -1
        for name in names {
            switch TensorRole(tensorName: name) {
            case .tokenEmbedding where embedding == nil: embedding = name
            case .output where output == nil: output = name
            default: break
            }
            endsWithNorm = endsWithNorm || Self.lastNorms.contains(name)
            lastBlock = max(lastBlock, Self.block(of: name) ?? -1)
        }
        guard let embedding, endsWithNorm, lastBlock >= 0 else { return nil }
        tensor = output ?? embedding
        weight = 2 * Double(lastBlock + 1)
        self.lastBlock = lastBlock
    }

    /// The number of a tensor's block, in GGUF files and as transformers names it.
    static func block(of name: String) -> Int? {
        let parts = name.split(separator: ".")
        let numbers = zip(parts, parts.dropFirst()).compactMap { part, next in
            part == "blk" || part == "layers" ? Int(next) : nil
        }
        return numbers.last
    }

    /// Norms before the output, in GGUF files and as transformers names them.
    ///
    /// Encoders, which make no output of their embeddings, have none.
    private static let lastNorms: Set<String> = [
        "output_norm.weight", "model.norm.weight", "model.language_model.norm.weight",
        "language_model.model.norm.weight",
    ]
}
