/// A network as llama.cpp reads it, as far as memory follows from it.
///
/// With A for `general.architecture`: `A.block_count` less `A.nextn_predict_layers`, which draft tokens and are not loaded;
/// `A.attention.head_count` and `A.attention.head_count_kv`, each a number or an array with one per block;
/// `A.attention.key_length` and `A.attention.value_length`, which without a word are the width of the embedding over the
/// heads, and their `_swa` for blocks with a window; `A.attention.key_length_mla` and `A.attention.value_length_mla`, with
/// which the values are a view of the keys.
public struct LlamaCppNetwork: Hashable, Sendable {
    /// The architecture.
    public let architecture: String
    /// What is cached of each block that is loaded.
    public let layers: [CachedLayer]
    /// Whether sizes of this kind of network were compared with what llama.cpp logs.
    public let isVerified: Bool
    /// Whether values are a view of the keys.
    public let isLatent: Bool
    /// The blocks behind the network that draft tokens, which are not loaded unless they are asked to.
    public let draftBlockCount: Int
    /// Whether the network writes one token after the other, which encoders do not.
    public let writesTokens: Bool

    /// The lengths of the heads of keys of each block with attention, and of values where those are cached.
    let cachedHeads: [CachedHead]
    /// Whether attention is never flash attention.
    let lacksFlashAttention: Bool
    /// What the buffers of computing follow from.
    let widths: ComputeWidths

    /// A head that CUDA has no flash attention for; nil where it has for all.
    var unreadHead: CachedHead? {
        lacksFlashAttention ? nil : cachedHeads.first { !$0.isReadByFlashAttention }
    }

    /// Reads a network.
    ///
    /// - Throws: ``RuntimeError/unknownCache(architecture:runtime:)``, ``RuntimeError/missingValue(key:)``,
    ///   ``RuntimeError/nothingStated(key:)`` and ``RuntimeError/impossibleValue(key:detail:)``.
    public init(_ network: NetworkMetadata) throws(RuntimeError) {
        guard let known = LlamaArchitecture.named(network.architecture) else {
            throw .unknownCache(architecture: network.architecture, runtime: "llama.cpp")
        }
        architecture = network.architecture
        lacksFlashAttention = known.lacksFlashAttention
        let allBlocks = try network.requiredNumber("block_count", atMost: NetworkMetadata.mostBlocks)
        guard allBlocks > 0 else { throw .nothingStated(key: network.key("block_count")) }
        let drafts = try network.number("nextn_predict_layers") ?? 0
        guard drafts < allBlocks else {
            throw .impossibleValue(
                key: network.key("nextn_predict_layers"),
                detail: "it is \(drafts), and there are \(allBlocks) blocks"
            )
        }
        draftBlockCount = drafts
        let blockCount = allBlocks - drafts
        let blocks = try CachedBlocks(network, known, blockCount: blockCount)
        layers = blocks.layers
        cachedHeads = blocks.heads
        isLatent = blocks.lengths.isLatent
        widths = try ComputeWidths(
            network,
            headCounts: blocks.headCounts,
            lengths: blocks.lengths,
            blockCount: blockCount
        )
        // Numbers of heads per block were compared for LFM2 only.
        let isEven = Set(blocks.pairHeads).count < 2 || network.architecture == "lfm2"
        isVerified = known.isVerified && isEven
        // T5 writes for what its encoder has read, and an encoder's attention looks both ways.
        writesTokens =
            known.hasCache && !known.lacksFlashAttention && network.flag("attention.causal") != false
    }

    /// Whether some blocks keep a state.
    public var hasStates: Bool { layers.contains { $0.stateElements > 0 } }
}
