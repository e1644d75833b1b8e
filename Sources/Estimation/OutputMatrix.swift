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
    /// The last block whose result the output reads.
    package let lastBlock: BlockName
    /// The norm before it, where it is known by its name.
    let norm: String?

    /// Finds the matrix: the output's own, or the table of embeddings of a model that ends with a norm and has no other; nil for a model
    /// that is no language model, or whose blocks are not numbered.
    ///
    /// Of a model of several towers, such as one that sees, the blocks are those that stand beside the last norm. Blocks that predict
    /// tokens further ahead are not on the way to the output.
    ///
    /// - Parameters:
    ///   - names: The names of all tensors of the model.
    ///   - isTextEncoder: Whether the model makes vectors of texts, and so no output of its table of embeddings.
    package init?(tensorNames names: some Sequence<String>, isTextEncoder: Bool = false) {
        let found = Names(names)
        guard !isTextEncoder, let embedding = found.embedding else { return nil }
        let surroundings = LastNorm.surroundings(of: embedding)
        norm = found.norms.min { Self.isCloser($0, $1, to: surroundings) }
        // The logits of Whisper have the name of a diffusion transformer's last matrix.
        let projection =
            norm.map { $0.hasSuffix("decoder.layer_norm.weight") } == true ? found.projection : nil
        guard norm != nil || found.output != nil else { return nil }
        tensor = found.output ?? projection ?? embedding
        let anchor = norm.map(LastNorm.surroundings) ?? surroundings
        guard let last = found.lastBlocks.min(by: { Self.isCloser($0, $1, to: anchor) }) else { return nil }
        lastBlock = last
        weight = 2 * Double(last.number + 1)
    }

    /// Whether a tensor is the down projection of the last block's feed-forward part, or of its experts.
    package func isLastDownProjection(_ name: String) -> Bool {
        guard name.hasPrefix(lastBlock.tower), BlockName(ofTensor: name) == lastBlock,
            let role = TensorRole(tensorName: name)
        else { return false }
        return [.feedForwardDown, .expertDown, .sharedExpertDown].contains(role)
    }

    private static func isCloser(_ left: String, _ right: String, to place: [Substring]) -> Bool {
        let (first, second) = (LastNorm.surroundings(of: left), LastNorm.surroundings(of: right))
        let (own, other) = (common(first, place), common(second, place))
        return (-own, first.count, left) < (-other, second.count, right)
    }

    private static func isCloser(_ left: BlockName, _ right: BlockName, to place: [Substring]) -> Bool {
        let (first, second) = (left.surroundings, right.surroundings)
        let (own, other) = (common(first, place), common(second, place))
        return (-own, first.count, -left.number, left.tower) < (
            -other, second.count, -right.number, right.tower
        )
    }

    /// How many of the outermost modules two places have in common.
    private static func common(_ left: [Substring], _ right: [Substring]) -> Int {
        zip(left, right).prefix { $0 == $1 }.count
    }

    /// What a model's names say that matters here.
    private struct Names {
        private(set) var embedding: String?
        private(set) var output: String?
        private(set) var projection: String?
        private(set) var norms: [String] = []
        /// The last block of every tower, but for those that look ahead.
        let lastBlocks: [BlockName]

        init(_ names: some Sequence<String>) {
            var blocks: Set<BlockName> = []
            var ahead: Set<BlockName> = []
            var (embeddingNorm, isLFM2) = (String?.none, false)
            for name in names {
                if let block = BlockName(ofTensor: name) {
                    blocks.insert(block)
                    if BlockName.looksAhead(name) { ahead.insert(block) }
                    isLFM2 = isLFM2 || name.contains(".shortconv.")
                    continue
                }
                switch TensorRole(tensorName: name) {
                case .tokenEmbedding where embedding == nil: embedding = name
                case .output where output == nil: output = name
                case .fusedOutput where projection == nil: projection = name
                default: break
                }
                if LastNorm.isNamed(name) { norms.append(name) }
                if name == "token_embd_norm.weight" { embeddingNorm = name }
            }
            // Llama.cpp gives the last norm of LFM2 the name that other models have for their first.
            if norms.isEmpty, isLFM2, let embeddingNorm { norms = [embeddingNorm] }
            var last: [String: BlockName] = [:]
            for block in blocks.subtracting(ahead) where block.number > last[block.tower]?.number ?? -1 {
                last[block.tower] = block
            }
            lastBlocks = Array(last.values)
        }
    }
}
