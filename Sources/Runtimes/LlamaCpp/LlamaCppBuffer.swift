/// The buffer in which llama.cpp computes, on a card that holds all blocks.
///
/// It is as large as the largest of three parts of the graph, each at the moment at which it needs most. With c for cells,
/// s for cells of a window, u for tokens at once, E, V, F, f for the widths of embedding, words, feed-forward network and
/// expert, k for the experts that a token uses, D for all heads side by side, n for the tokens that are scored, K and W for
/// the widths of cached keys and values, H for the heads, p for the parts of the cache, one per sequence:
///
///     mask      = 2u(c + s)                                        4u(c + s) without flash attention
///     logits    = 4n(V + 2E)                                       + 24nE where values are a view of the keys
///     attention = mask + Q + 4u(2D + 2E)                           4D there; Q = 2pc(K + W) unless the cache is F16
///               = mask + 4ucH + 4u(2D + 2E + 2(K + W))             without flash attention; + 2pcK there
///     network   = mask + 4u(3F + 3E), or mask + 4u(k(3E + f) + 2E) for experts
///
/// Networks that take up pictures in several blocks, such as Qwen3-VL's, have 8uEd on top, with d for those blocks: an embedding for
/// each comes in beside the token's own. One such network was compared.
///
/// The formula was fitted to, and its ``upperBound`` holds for, 530 settings of ten networks in which llama.cpp's own
/// reservation was read (dense, experts, windows, latent attention, short convolutions; 4k to 128k tokens; 256 to 2,048
/// tokens at once), all with one sequence; that Q counts the parts of every sequence is what `ggml-cuda/fattn-common.cuh` allocates
/// for the view that `llama-kv-cache.cpp` gives it. The number of experts, and the formats of the weights, do not enter.
public struct LlamaCppBuffer: Hashable, Sendable {
    /// What the formula gives, in bytes; llama.cpp may log a few per cent more.
    public let estimate: Int

    /// What llama.cpp did not exceed in any setting that was compared: 1.05 times the estimate and 8 MiB.
    public var upperBound: Int {
        Int(clamping: Int128(estimate) * 21 / 20 + 8 << 20)
    }

    /// Works out the size.
    ///
    /// - Parameters:
    ///   - network: The network.
    ///   - settings: How llama.cpp is started.
    ///   - cache: The cache of the same network and settings.
    public init(_ network: LlamaCppNetwork, _ settings: LlamaCppSettings, _ cache: LlamaCppCache) {
        // No width is above 2^48 nor any number of tokens above 2^32, so nothing here comes near 2^127.
        func wide(_ number: Int) -> Int128 { Int128(number) }
        let widths = network.widths
        let hasFlashAttention = settings.hasFlashAttention && !network.lacksFlashAttention
        let tokens = wide(settings.tokensAtOnce)
        let cells = wide(cache.cells)
        // CUDA expands the cache of a block as a whole, all sequences' parts of it.
        let allCells = cells * wide(settings.streams)
        let embedding = wide(widths.embedding)
        let heads = wide(widths.allHeads)
        let cached = wide(cache.widestKeys) + wide(cache.widestValues)
        let scored = wide(min(settings.scoredTokens ?? settings.tokensAtOnce, settings.tokensAtOnce))

        let mask = (hasFlashAttention ? 2 : 4) * tokens * (cells + wide(cache.windowCells))
        var logits = 4 * scored * (wide(widths.vocabulary) + 2 * embedding)
        if network.isLatent { logits += 24 * scored * embedding }

        var attention = mask
        if hasFlashAttention {
            let isHalf = settings.keys == .f16 && settings.values == .f16
            if !isHalf { attention += 2 * allCells * cached }
            attention += 4 * tokens * ((network.isLatent ? 4 : 2) * heads + 2 * embedding)
        } else {
            attention += 4 * tokens * cells * wide(widths.heads)
            attention += 4 * tokens * ((network.isLatent ? 4 : 2) * heads + 2 * embedding + 2 * cached)
            if network.isLatent { attention += 2 * allCells * wide(cache.widestKeys) }
        }
        // T5 adds a bias to the scores and computes the encoder's keys and values beside them: 3.9 times the scores were read.
        if network.lacksFlashAttention { attention += 3 * 4 * tokens * cells * wide(widths.heads) }

        let dense = mask + 4 * tokens * 3 * (wide(widths.feedForward) + embedding)
        var sparse: Int128 = 0
        if widths.usedExperts > 0 {
            sparse =
                mask + 4 * tokens
                * (wide(widths.usedExperts) * (3 * embedding + wide(widths.expert)) + 2 * embedding)
        }
        let hasDense = widths.usedExperts == 0 || widths.feedForward > widths.expert
        let forward = max(hasDense ? dense : 0, sparse)
        // Projections in and out, the convolution and the state's factors; stated, as no such network was compared.
        let recurrence =
            widths.recurrent > 0 ? mask + 4 * tokens * (6 * wide(widths.recurrent) + 4 * embedding) : 0
        let pictures = 8 * tokens * embedding * wide(widths.deepstack)
        estimate = Int(clamping: max(logits, attention, forward, recurrence) + pictures)
    }
}
