/// The widths of a network that the buffers of computing follow from, in elements.
struct ComputeWidths: Hashable, Sendable {
    /// The words.
    let vocabulary: Int
    /// The embedding.
    let embedding: Int
    /// The widest feed-forward network of a block, or 0.
    let feedForward: Int
    /// The widest feed-forward network of one expert, or 0.
    let expert: Int
    /// The most experts that a token uses in a block, or 0.
    let usedExperts: Int
    /// The most heads of queries.
    let heads: Int
    /// All heads of a block side by side.
    let allHeads: Int
    /// What the recurrent blocks have side by side, or 0.
    let recurrent: Int
    /// The embeddings of a picture that come in beside each token's own, one for each of the first blocks, or 0.
    let deepstack: Int

    init(
        _ network: NetworkMetadata,
        headCounts: [Int],
        lengths: HeadLengths,
        blockCount: Int
    ) throws(RuntimeError) {
        vocabulary = network.vocabularySize
        embedding = try network.requiredNumber("embedding_length")
        feedForward = try network.numbers("feed_forward_length", count: blockCount)?.max() ?? 0
        usedExperts = try network.numbers("expert_used_count", count: blockCount)?.max() ?? 0
        expert =
            try network.numbers("expert_feed_forward_length", count: blockCount)?.max() ?? feedForward
        deepstack = try network.number("n_deepstack_layers") ?? 0
        heads = headCounts.max() ?? 0
        allHeads = heads * max(lengths.keys, lengths.values, lengths.windowKeys, lengths.windowValues)
        let inner = try network.number("ssm.inner_size") ?? 0
        let state = try network.number("ssm.state_size") ?? 0
        let groups = try network.number("ssm.group_count") ?? 0
        let delta = try network.number("kda.head_dim") ?? 0
        let recurrence = try network.number("wkv.head_size") ?? 0
        recurrent = sum(
            inner,
            product(2, groups, state),
            product(heads, delta),
            recurrence > 0 ? embedding : 0
        )
    }
}
