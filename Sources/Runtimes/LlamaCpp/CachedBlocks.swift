/// The blocks of a network that llama.cpp loads, as far as what it caches of each follows from them.
struct CachedBlocks {
    /// The heads of queries of each block; 0 where the file says none.
    let headCounts: [Int]
    /// The heads of keys and values of each block.
    let pairHeads: [Int]
    /// How long the heads of keys and values are.
    let lengths: HeadLengths

    /// The window of each block, nil for one that looks back all the way; nil where no block has one.
    private let windows: [Int?]?
    /// Whether each block has a state, and whether it has attention; nil where all are alike.
    private let roles: [(hasState: Bool, hasAttention: Bool)]?
    /// The elements of one sequence's state in a block that has one.
    private let stateElements: Int
    /// How many blocks at the front own a cache.
    private let owningCount: Int
    /// Where an index of sparse attention is, and the elements of its keys.
    private let index: (place: LlamaArchitecture.SparseIndex, keyWidth: Int)?
    /// How many blocks at the front have no experts.
    private let denseCount: Int
    /// Whether a block without another role has a cache.
    private let haveCache: Bool

    /// Reads the blocks.
    ///
    /// - Parameters:
    ///   - network: What the file says of the network.
    ///   - known: How llama.cpp caches for the architecture.
    ///   - blockCount: The number of blocks that are loaded.
    /// - Throws: ``RuntimeError/missingValue(key:)``, ``RuntimeError/nothingStated(key:)`` and
    ///   ``RuntimeError/impossibleValue(key:detail:)``.
    init(
        _ network: NetworkMetadata,
        _ known: LlamaArchitecture,
        blockCount: Int
    ) throws(RuntimeError) {
        let stated = try network.numbers("attention.head_count", count: blockCount)
        headCounts = stated ?? [Int](repeating: 0, count: blockCount)
        let statedPairs = try network.numbers("attention.head_count_kv", count: blockCount)
        pairHeads = statedPairs ?? headCounts
        let headCount = headCounts.first { $0 > 0 } ?? 0
        lengths = try HeadLengths(network, headCount: headCount)
        if known.states?.isToldByHeads == true, stated == nil, statedPairs == nil {
            throw .missingValue(key: network.key("attention.head_count_kv"))
        }
        windows = try known.windows?.windows(of: network, blockCount: blockCount)
        roles = try known.states?.roles(of: network, heads: pairHeads, blockCount: blockCount)
        stateElements = try known.states?.elements(of: network, headCount: headCount) ?? 0
        owningCount = try known.owningBlocks.count(in: network, blockCount: blockCount)
        index = try known.index.map { place throws(RuntimeError) in
            (place, try network.requiredNumber("attention.indexer.key_length"))
        }
        denseCount = try network.number("leading_dense_block_count") ?? 0
        haveCache = known.hasCache
        try check(network, headCounts: stated)
    }

    /// What is cached of each block.
    var layers: [CachedLayer] { headCounts.indices.map { cached(inBlock: $0).layer } }

    /// The lengths of the heads of keys of each block with attention, and of values where those are cached.
    var heads: [CachedHead] { headCounts.indices.compactMap { cached(inBlock: $0).head } }

    /// What is cached of a block, and of which heads, if it has attention.
    private func cached(inBlock block: Int) -> (layer: CachedLayer, head: CachedHead?) {
        var layer = CachedLayer.empty
        let (hasState, hasAttention) = roles?[block] ?? (false, haveCache)
        if hasState { layer.stateElements = stateElements }
        guard hasAttention, block < owningCount else { return (layer, nil) }
        let window = windows?[block]
        let (keys, values) = lengths.of(hasWindow: window != nil)
        layer.keyWidth = pairHeads[block] * keys
        layer.valueWidth = lengths.isLatent ? 0 : pairHeads[block] * values
        layer.window = window
        switch index?.place {
        case .everywhere: layer.indexKeyWidth = index?.keyWidth ?? 0
        case .behindDenseBlocks where block >= denseCount:
            layer.indexKeyWidth = index?.keyWidth ?? 0
            layer.indexValueWidth = values
        case .behindDenseBlocks, nil: break
        }
        return (layer, CachedHead(keys: keys, values: lengths.isLatent ? nil : values))
    }

    /// Refuses a network with attention of which nothing would be cached: no size follows from a file that does not say how many
    /// heads there are, or how long they are.
    private func check(_ network: NetworkMetadata, headCounts stated: [Int]?) throws(RuntimeError) {
        guard !heads.isEmpty else { return }
        let hasKeys = layers.contains { $0.keyWidth > 0 }
        let hasValues = lengths.isLatent || layers.contains { $0.valueWidth > 0 }
        guard !hasKeys || !hasValues else { return }
        guard let stated else { throw .missingValue(key: network.key("attention.head_count")) }
        let key =
            stated.allSatisfy { $0 == 0 }
            ? "attention.head_count"
            : pairHeads.allSatisfy { $0 == 0 }
                ? "attention.head_count_kv" : hasKeys ? "attention.value_length" : "attention.key_length"
        throw .nothingStated(key: network.key(key))
    }
}
