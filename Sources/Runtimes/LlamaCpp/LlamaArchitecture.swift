/// How llama.cpp caches for one architecture (`llama_model::create_memory` and the `load_arch_hparams` of each model).
struct LlamaArchitecture: Hashable, Sendable {
    /// The windows of its blocks, where some have one.
    var windows: SlidingWindows?
    /// The states of its blocks, where some have one.
    var states: RecurrentStates?
    /// Where its sparse attention keeps an index, if it does.
    var index: SparseIndex?
    /// How many blocks at the front own a cache that the others share, where that is so.
    var owningBlocks: OwningBlocks = .all
    /// Whether anything is cached at all.
    var hasCache = true
    /// Whether attention is never flash attention, whatever is asked for.
    var lacksFlashAttention = false
    /// Whether the sizes were compared with a run of llama.cpp.
    var isVerified = false

    /// An index of sparse attention: one head of keys per token.
    enum SparseIndex: Hashable, Sendable {
        /// In every block, beside a cache of keys alone.
        case everywhere
        /// In the blocks behind the dense ones at the front, with values of its own.
        case behindDenseBlocks
    }

    /// How many blocks at the front own a cache.
    enum OwningBlocks: Hashable, Sendable {
        case all
        case first(Int)
        /// All but `attention.shared_kv_layers`.
        case allButShared

        /// Their number in a network of so many blocks.
        func count(in network: NetworkMetadata, blockCount: Int) throws(RuntimeError) -> Int {
            switch self {
            case .all: blockCount
            case .first(let count): count
            case .allButShared: max(0, blockCount - (try network.number("attention.shared_kv_layers") ?? 0))
            }
        }
    }

    /// What is known of an architecture, or nil.
    static func named(_ name: String) -> LlamaArchitecture? {
        if plain.contains(name) { return LlamaArchitecture(isVerified: true) }
        if uncached.contains(name) { return LlamaArchitecture(hasCache: false) }
        return others[name]
    }

    /// Every block caches all keys and values, or the keys alone where they hold the values.
    private static let plain: Set<String> = [
        "llama", "deci", "falcon", "grok", "gpt2", "gptneox", "mpt", "baichuan", "starcoder", "refact",
        "bloom",
        "stablelm", "qwen", "qwen2", "qwen2moe", "qwen2vl", "qwen3", "qwen3moe", "qwen3vl", "qwen3vlmoe",
        "phi2",
        // Files of these two state a window, which the program passes over.
        "phi3", "phimoe",
        "plamo", "codeshell", "orion", "internlm2", "minicpm", "minicpm3", "gemma", "starcoder2", "xverse",
        "command-r", "dbrx", "olmo", "olmoe", "openelm", "arctic", "deepseek", "deepseek2", "deepseek2-ocr",
        "chatglm",
        "glm4", "glm4moe", "bitnet", "jais", "jais2", "nemotron", "exaone", "granite", "granitemoe",
        "chameleon", "plm",
        "bailingmoe", "bailingmoe2", "dots1", "arcee", "ernie4_5", "ernie4_5-moe", "hunyuan-moe",
        "hunyuan-dense",
        "hunyuan_vl", "hy_v3", "smollm3", "seed_oss", "grovemoe", "apertus", "minimax-m2", "cogvlm",
        "pangu-embedded",
        "mistral3", "mistral4", "paddleocr", "llama-embed", "maincoder", "talkie",
    ]

    /// Encoders and networks that write by diffusion cache nothing.
    private static let uncached: Set<String> = [
        "bert", "modern-bert", "nomic-bert", "nomic-bert-moe", "neo-bert", "jina-bert-v2", "jina-bert-v3",
        "eurobert",
        "gemma-embedding", "dream", "llada", "llada-moe", "rnd1",
    ]

    private static let others: [String: LlamaArchitecture] = [
        "t5": LlamaArchitecture(lacksFlashAttention: true, isVerified: true),

        // Windows
        "gemma3": windowed(.optional, every: 6, isVerified: true),
        "gpt-oss": windowed(.required, every: 2, isVerified: true),
        "gemma2": windowed(.standing(4_096), every: 2),
        "cohere2": windowed(.required, every: 4),
        "cohere2moe": windowed(.required, every: 4, denseFirst: true),
        "exaone-moe": windowed(.required, every: 4),
        "exaone4": LlamaArchitecture(
            windows: SlidingWindows(
                length: .standing(4_096),
                pattern: .every(4, denseFirst: false),
                onlyBlockCount: 64
            )
        ),
        "afmoe": windowed(.optional, every: 4),
        "mellum": windowed(.optional, every: 4),
        "muse-glimmer": windowed(.required, every: 4),
        "olmo2": windowed(.optional, every: 4),
        "laguna": windowed(.optional, every: 4, denseFirst: true),
        "smallthinker": windowed(.replaced(by: 4_096), every: 4, denseFirst: true),
        "llama4": windowed(.fixed(8_192), every: 4),
        "plamo3": windowed(.optional, every: 8),
        "granite_swa": LlamaArchitecture(windows: SlidingWindows(length: .required, pattern: .array)),
        "maple": LlamaArchitecture(windows: SlidingWindows(length: .required, pattern: .array)),
        "mimo2": LlamaArchitecture(windows: SlidingWindows(length: .required, pattern: .array)),
        "spark2_5": LlamaArchitecture(windows: SlidingWindows(length: .required, pattern: .array)),
        "step35": LlamaArchitecture(windows: SlidingWindows(length: .required, pattern: .array)),
        "gemma3n": LlamaArchitecture(
            windows: SlidingWindows(length: .required, pattern: .every(5, denseFirst: false)),
            owningBlocks: .first(20)
        ),
        "gemma4": LlamaArchitecture(
            windows: SlidingWindows(length: .required, pattern: .array),
            owningBlocks: .allButShared
        ),

        // States
        "mamba": recurrent(.stateSpace, .all, isVerified: true),
        "mamba2": recurrent(.stateSpace, .all),
        "rwkv6": recurrent(.weightedKeyValue, .all),
        "rwkv6qwen2": recurrent(.weightedKeyValue, .all),
        "rwkv7": recurrent(.weightedKeyValue, .all),
        "arwkv7": recurrent(.weightedKeyValue, .all),
        "jamba": recurrent(.stateSpace, .withoutHeads),
        "plamo2": recurrent(.stateSpace, .withoutHeads),
        "granitehybrid": recurrent(.stateSpace, .withoutHeads),
        "falcon-h1": recurrent(.stateSpace, .allBesideAttention),
        "nemotron_h": recurrent(.stateSpace, .withoutHeadsOrFeedForward),
        "nemotron_h_moe": recurrent(.stateSpace, .withoutHeadsOrFeedForward),
        "qwen3next": recurrent(.stateSpace, .betweenFullAttention),
        "qwen35": recurrent(.stateSpace, .betweenFullAttention),
        "qwen35moe": recurrent(.stateSpace, .betweenFullAttention),
        "kimi-linear": recurrent(.deltaAttention, .withoutHeads),
        "kimi-k3": recurrent(.deltaAttention, .withoutHeads),
        "bailingmoe3": recurrent(.deltaAttention, .withoutHeads),
        "lfm2": LlamaArchitecture(
            windows: SlidingWindows(length: .optional, pattern: .all),
            states: RecurrentStates(kind: .shortConvolution, blocks: .withoutHeads),
            isVerified: true
        ),
        "lfm2moe": recurrent(.shortConvolution, .withoutHeads),

        // Indexes
        "deepseek32": LlamaArchitecture(index: .everywhere),
        "glm-dsa": LlamaArchitecture(index: .everywhere),
        "minimax-m3": LlamaArchitecture(index: .behindDenseBlocks),
    ]

    private static func windowed(
        _ length: SlidingWindows.Length,
        every period: Int,
        denseFirst: Bool = false,
        isVerified: Bool = false
    ) -> LlamaArchitecture {
        LlamaArchitecture(
            windows: SlidingWindows(length: length, pattern: .every(period, denseFirst: denseFirst)),
            isVerified: isVerified
        )
    }

    private static func recurrent(
        _ kind: RecurrentStates.Kind,
        _ blocks: RecurrentStates.Blocks,
        isVerified: Bool = false
    ) -> LlamaArchitecture {
        LlamaArchitecture(states: RecurrentStates(kind: kind, blocks: blocks), isVerified: isVerified)
    }
}
