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
        let blocks = allBlocks - drafts

        let stated = try network.numbers("attention.head_count", count: blocks)
        let headCounts = stated ?? [Int](repeating: 0, count: blocks)
        let pairHeads = try network.numbers("attention.head_count_kv", count: blocks)
        let heads = pairHeads ?? headCounts
        let lengths = try HeadLengths(network, headCount: headCounts.first { $0 > 0 } ?? 0)
        isLatent = lengths.isLatent
        if known.states?.isToldByHeads == true, stated == nil, pairHeads == nil {
            throw .missingValue(key: network.key("attention.head_count_kv"))
        }
        let windows = try known.windows?.windows(of: network, blockCount: blocks)
        let roles = try known.states?.roles(of: network, heads: heads, blockCount: blocks)
        let state = try known.states?.elements(of: network, headCount: headCounts.first { $0 > 0 } ?? 0) ?? 0
        let owning = try Self.owningBlocks(known.owningBlocks, of: network, blockCount: blocks)
        let index = try known.index.map { _ throws(RuntimeError) in
            try network.requiredNumber("attention.indexer.key_length")
        }
        let denseBlocks = try network.number("leading_dense_block_count") ?? 0

        var layers: [CachedLayer] = []
        var cachedHeads: [CachedHead] = []
        for block in 0..<blocks {
            var layer = CachedLayer.empty
            let window = windows?[block]
            let (hasState, hasAttention) = roles?[block] ?? (false, known.hasCache)
            if hasState { layer.stateElements = state }
            if hasAttention, block < owning {
                let (keys, values) = lengths.of(hasWindow: window != nil)
                layer.keyWidth = heads[block] * keys
                layer.valueWidth = isLatent ? 0 : heads[block] * values
                layer.window = window
                cachedHeads.append(CachedHead(keys: keys, values: isLatent ? nil : values))
                switch known.index {
                case .everywhere: layer.indexKeyWidth = index ?? 0
                case .behindDenseBlocks where block >= denseBlocks:
                    layer.indexKeyWidth = index ?? 0
                    layer.indexValueWidth = values
                case .behindDenseBlocks, nil: break
                }
            }
            layers.append(layer)
        }
        if !cachedHeads.isEmpty {
            try Self.checkWidths(layers, isLatent: isLatent, headCounts: stated, pairHeads: heads, network)
        }
        self.layers = layers
        self.cachedHeads = cachedHeads
        widths = try ComputeWidths(network, headCounts: headCounts, lengths: lengths, blockCount: blocks)
        // Numbers of heads per block were compared for LFM2 only.
        let isEven = Set(heads).count < 2 || network.architecture == "lfm2"
        isVerified = known.isVerified && isEven
        // T5 writes for what its encoder has read, and an encoder's attention looks both ways.
        writesTokens =
            known.hasCache && !known.lacksFlashAttention && network.flag("attention.causal") != false
    }

    /// Refuses a network with attention of which nothing would be cached: no size follows from a file that does not say how many
    /// heads there are, or how long they are.
    private static func checkWidths(
        _ layers: [CachedLayer],
        isLatent: Bool,
        headCounts: [Int]?,
        pairHeads: [Int],
        _ network: NetworkMetadata
    ) throws(RuntimeError) {
        let hasKeys = layers.contains { $0.keyWidth > 0 }
        let hasValues = isLatent || layers.contains { $0.valueWidth > 0 }
        guard !hasKeys || !hasValues else { return }
        guard let headCounts else { throw .missingValue(key: network.key("attention.head_count")) }
        let key =
            headCounts.allSatisfy { $0 == 0 }
            ? "attention.head_count"
            : pairHeads.allSatisfy { $0 == 0 }
                ? "attention.head_count_kv" : hasKeys ? "attention.value_length" : "attention.key_length"
        throw .nothingStated(key: network.key(key))
    }

    private static func owningBlocks(
        _ owning: LlamaArchitecture.OwningBlocks,
        of network: NetworkMetadata,
        blockCount: Int
    ) throws(RuntimeError) -> Int {
        switch owning {
        case .all: blockCount
        case .first(let count): count
        case .allButShared: max(0, blockCount - (try network.number("attention.shared_kv_layers") ?? 0))
        }
    }

    /// Whether some blocks keep a state.
    public var hasStates: Bool { layers.contains { $0.stateElements > 0 } }
}
