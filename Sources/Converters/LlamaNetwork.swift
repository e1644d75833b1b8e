public import Checkpoints
import Tensors

/// What `llama-quantize` knows of a language model besides its tensors, and decides by.
public struct LlamaNetwork: Hashable, Sendable {
    /// The architecture, such as `llama`, or nil where only the tensors are known.
    public let architecture: String?
    /// The number of blocks.
    public let blockCount: Int
    /// The number of heads of the first block's queries.
    public let headCount: Int
    /// The number of heads of the first block's keys and values.
    public let keyValueHeadCount: Int
    /// The number of experts, 0 where there are none.
    public let expertCount: Int

    /// A network by its figures.
    public init(
        architecture: String?,
        blockCount: Int,
        headCount: Int,
        keyValueHeadCount: Int,
        expertCount: Int
    ) {
        self.architecture = architecture
        self.blockCount = blockCount
        self.headCount = headCount
        self.keyValueHeadCount = keyValueHeadCount
        self.expertCount = expertCount
    }

    /// The network in a model, or nil where the model is none that `llama-quantize` knows.
    ///
    /// Of a GGUF file the metadata say it: `ARCHITECTURE.block_count`, `.attention.head_count` and
    /// `.attention.head_count_kv`, each a number or an array with one per block, and `.expert_count`. Where a list of
    /// tensors is all there is, their shapes do, if queries, keys and values have tensors of their own.
    public init?(_ model: Model) {
        if let architecture = model.architecture {
            self.init(architecture: architecture, metadata: model)
        } else {
            self.init(tensors: model)
        }
    }

    private init?(architecture: String, metadata model: Model) {
        func number(_ key: String) -> Int? {
            model.metadataValue(for: "\(architecture).\(key)")?.firstInteger
        }
        // The first two change the number of blocks while they are loaded; the third has rules of its own.
        guard !["graniteswitch", "nanbeige", "glm5-next"].contains(architecture),
            let blockCount = number("block_count"), blockCount > 0
        else { return nil }
        let headCount = number("attention.head_count") ?? 0
        self.init(
            architecture: architecture,
            blockCount: blockCount,
            headCount: headCount,
            keyValueHeadCount: number("attention.head_count_kv") ?? headCount,
            expertCount: number("expert_count") ?? 0
        )
    }

    private init?(tensors model: Model) {
        let places = model.tensors.map { LlamaTensorPlace($0.name) }
        func rows(_ name: String) -> Int? { model.tensors.first { $0.name == name }?.rowCount }
        guard let lastBlock = places.compactMap(\.block).max(), lastBlock < Self.mostBlocks,
            let queries = rows("blk.0.attn_q.weight"), let keys = rows("blk.0.attn_k.weight"),
            rows("blk.0.attn_v.weight") != nil, rows("token_embd.weight") != nil
        else { return nil }
        let experts = model.tensors.filter { $0.name.hasSuffix("_exps.weight") && $0.dimensionCount == 3 }
        self.init(
            architecture: nil,
            blockCount: lastBlock + 1,
            headCount: queries,
            keyValueHeadCount: keys,
            expertCount: experts.first?.shape[0] ?? 0
        )
    }

    /// The most blocks that llama.cpp takes (`LLAMA_MAX_LAYERS`).
    private static let mostBlocks = 512

    /// How many heads of queries share one of keys and values.
    var queriesPerKey: Int {
        keyValueHeadCount > 0 ? headCount / keyValueHeadCount : 0
    }

    /// Whether llama.cpp calls the network one of 70 billion parameters, which it tells from its blocks.
    var hasSeventyBillionParameters: Bool {
        switch architecture {
        case "llama", "llama-embed", nil:
            blockCount == 80 && headCount != keyValueHeadCount && expertCount != 8
        case "qwen2", "deci", "olmo": blockCount == 80
        case "jais2": blockCount == 68
        default: false
        }
    }
}

extension MetadataValue {
    /// The whole number, or the first one of an array of them; nil for everything else.
    fileprivate var firstInteger: Int? {
        switch self {
        case .int32Array(let values): values.first.map { Int($0) }
        case .array(_, let values): values.first?.firstInteger
        default: wholeNumber
        }
    }
}
