/// Which blocks of an architecture keep a state instead of, or beside, a cache of keys and values, and how large it is.
///
/// A state has two parts per sequence, both always in F32: what a short convolution looks back at, and the state proper
/// (`n_embd_r` and `n_embd_s` in llama.cpp's `llama-hparams.cpp`).
struct RecurrentStates: Hashable, Sendable {
    /// What makes the state's size.
    enum Kind: Hashable, Sendable {
        /// Mamba, and the gated delta nets that keep their sizes under the same keys.
        case stateSpace
        /// RWKV.
        case weightedKeyValue
        /// The short convolutions of LFM2.
        case shortConvolution
        /// Kimi's delta attention.
        case deltaAttention
    }

    /// Which blocks have a state.
    enum Blocks: Hashable, Sendable {
        /// All, and none of them attention.
        case all
        /// All, and attention beside it.
        case allBesideAttention
        /// Those that state 0 heads of keys and values.
        case withoutHeads
        /// Those that state 0 heads of keys and values and no feed-forward network; those with such a network have neither.
        case withoutHeadsOrFeedForward
        /// All but every fourth, or what `attention.recurrent_layers` or `full_attention_interval` says.
        case betweenFullAttention
    }

    let kind: Kind
    let blocks: Blocks

    /// Whether a block's heads of keys and values tell if it has a state.
    var isToldByHeads: Bool { blocks == .withoutHeads || blocks == .withoutHeadsOrFeedForward }

    /// The elements of one sequence's state in a block that has one.
    func elements(of network: NetworkMetadata, headCount: Int) throws(RuntimeError) -> Int {
        switch kind {
        case .stateSpace:
            let inner = try network.requiredPositive("ssm.inner_size")
            let state = try network.requiredPositive("ssm.state_size")
            let groups = try network.number("ssm.group_count") ?? 0
            let convolution = try network.requiredNumber("ssm.conv_kernel")
            return sum(
                product(max(0, convolution - 1), sum(inner, product(2, groups, state))),
                product(state, inner)
            )
        case .weightedKeyValue:
            let width = try network.requiredNumber("embedding_length")
            let shifts = try network.number("token_shift_count") ?? 2
            return product(width, sum(shifts, try network.requiredPositive("wkv.head_size")))
        case .shortConvolution:
            let length = try network.requiredPositive("shortconv.l_cache")
            return product(try network.requiredNumber("embedding_length"), max(0, length - 1))
        case .deltaAttention:
            let head = try network.requiredPositive("kda.head_dim")
            guard headCount > 0 else { throw .missingValue(key: network.key("attention.head_count")) }
            let kernel = try network.number("ssm.conv_kernel") ?? 0
            let convolution = kernel > 0 ? kernel - 1 : 3
            return product(headCount, head, sum(product(3, convolution), head))
        }
    }

    /// Whether each block has a state, and whether it has attention.
    func roles(
        of network: NetworkMetadata,
        heads: [Int],
        blockCount: Int
    ) throws(RuntimeError) -> [(hasState: Bool, hasAttention: Bool)] {
        switch blocks {
        case .all: return heads.map { _ in (true, false) }
        case .allBesideAttention: return heads.map { _ in (true, true) }
        case .withoutHeads: return heads.map { ($0 == 0, $0 != 0) }
        case .withoutHeadsOrFeedForward:
            let widths = try network.numbers("feed_forward_length", count: blockCount)
            return heads.enumerated().map { block, heads in
                let isMixer = (widths?[block] ?? 0) == 0
                return (isMixer && heads == 0, isMixer && heads != 0)
            }
        case .betweenFullAttention:
            if let flags = try network.flags("attention.recurrent_layers", count: blockCount) {
                return flags.map { ($0, !$0) }
            }
            let interval = max(1, try network.number("full_attention_interval") ?? 4)
            return heads.indices.map { ($0 + 1) % interval != 0 }.map { ($0, !$0) }
        }
    }
}

/// A product of numbers that are not negative, at most `Int.max`.
func product(_ factors: Int...) -> Int {
    factors.reduce(1) { result, factor in
        let (product, overflow) = result.multipliedReportingOverflow(by: factor)
        return overflow ? .max : product
    }
}

/// A sum of numbers that are not negative, at most `Int.max`.
func sum(_ terms: Int...) -> Int {
    terms.reduce(0) { result, term in
        let (sum, overflow) = result.addingReportingOverflow(term)
        return overflow ? .max : sum
    }
}
