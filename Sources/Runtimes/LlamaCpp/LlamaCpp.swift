public import Checkpoints
public import Tensors
import Text

/// llama.cpp, all blocks on one card (`-ngl 99`).
///
/// What a card of `c` bytes leaves for weights:
///
///     c − KV cache − state − 1.05 · compute − 8 MiB − padding − other files − context − margin
///
/// Tensors that words are looked up in stay on the host; where there is no `output.weight`, the table of embeddings is
/// there twice, on the host and, as the output, on the card. Blocks that draft tokens are not loaded.
public struct LlamaCpp: Sendable {
    /// What CUDA takes before anything is loaded.
    ///
    /// 264 MiB were read on one card without a desktop; 300 to 500 MB is what people report.
    public static let standingContext = 300 << 20

    /// What `llama-server`, as it starts by default, wants to stay free of every card (`-fitt`).
    ///
    /// A plan that leaves less is planned again by the program itself, unless it is told how many layers go to the card. Of
    /// it, 300 MiB were seen in use for matrix products at 4,096 tokens at once.
    public static let standingMargin = 1_024 << 20

    /// What `llama-server` keeps of earlier prompts in the host's memory at most, unless `--cache-ram` says otherwise.
    public static let promptCache = 8_192 << 20

    /// The name of the claim for keys and values.
    public static let cacheName = "KV cache"

    /// The name of the claim for states.
    public static let stateName = "state"

    /// The name of the claim for where it computes.
    static let bufferName = "compute"

    /// The network.
    public let network: LlamaCppNetwork
    /// How llama.cpp is started.
    public let settings: LlamaCppSettings
    /// What it keeps of the tokens it has seen.
    public let cache: LlamaCppCache
    /// Where it computes.
    public let buffer: LlamaCppBuffer

    /// Works out what a model takes.
    ///
    /// - Throws: Whatever ``NetworkMetadata/init(_:)``, ``LlamaCppNetwork/init(_:)`` and ``LlamaCppCache/init(_:_:)`` throw.
    public init(_ model: Model, _ settings: LlamaCppSettings) throws(RuntimeError) {
        try self.init(LlamaCppNetwork(NetworkMetadata(model)), settings)
    }

    /// Works out what a network takes.
    ///
    /// - Throws: Whatever ``LlamaCppCache/init(_:_:)`` throws.
    public init(_ network: LlamaCppNetwork, _ settings: LlamaCppSettings) throws(RuntimeError) {
        self.network = network
        self.settings = settings
        cache = try LlamaCppCache(network, settings)
        buffer = LlamaCppBuffer(network, settings, cache)
    }

    /// What the network takes of a card beside its weights.
    ///
    /// - Parameter tensors: The model's tensors, which the card pads.
    /// - Returns: The cache, the state where there is one, the buffer of computing, and the padding.
    public func claims(for tensors: [TensorInfo]) -> [MemoryClaim] {
        let certainty: Certainty = network.isVerified ? .computed : .stated
        var claims: [MemoryClaim] = []
        if cache.bytes > 0 {
            claims.append(
                MemoryClaim(Self.cacheName, bytes: cache.bytes, note: cacheNote, certainty: certainty)
            )
        }
        if network.hasStates {
            claims.append(
                MemoryClaim(
                    Self.stateName,
                    bytes: cache.allStateBytes,
                    note: "f32, whatever the context",
                    certainty: certainty
                )
            )
        }
        claims.append(
            MemoryClaim(
                Self.bufferName,
                bytes: sum(buffer.upperBound, Self.padding(of: tensors)),
                note: "\(settings.tokensAtOnce.of("token")) at once; upper bound",
                certainty: network.isVerified ? .bound : .stated
            )
        )
        return claims
    }

    /// The tensors of a model that do not go to the card: those that words are looked up in, unless the output is made of
    /// them, and the blocks that draft tokens.
    public func offCardTensors(of model: Model) -> Set<String> {
        let names = Set(model.tensors.map(\.name))
        var off = Self.lookedUp.intersection(names)
        if !names.contains("output.weight") { off.remove("token_embd.weight") }
        let blocks = network.layers.count
        for name in names {
            if name.hasPrefix("blk."), let block = Self.block(of: name), block >= blocks { off.insert(name) }
        }
        return off
    }

    /// Tensors that are read by rows, which llama.cpp leaves on the host (`LLM_TENSOR_LAYER_INPUT` in `llama-arch.cpp`).
    static let lookedUp: Set<String> = [
        "token_embd.weight", "position_embd.weight", "token_types.weight", "per_layer_token_embd.weight",
    ]

    /// The block that a tensor is of; of encoder and decoder the blocks of one number are in one place.
    static func block(of name: String) -> Int? {
        for prefix in ["blk.", "enc.blk.", "dec.blk."] where name.hasPrefix(prefix) {
            return Int(name.dropFirst(prefix.count).prefix { $0 != "." })
        }
        return nil
    }

    /// The most that CUDA pads the tensors by: each begins at a multiple of 128 bytes, and rows of a quantized tensor are
    /// read in pieces of 512 elements, the last of which has to be there (`ggml_backend_cuda_buffer_type_get_alloc_size`).
    static func padding(of tensors: [TensorInfo]) -> Int {
        tensors.reduce(0) { $0 + 127 + ($1.rowLength.isMultiple(of: 512) ? 0 : 512 * 34 / 32) }
    }

    private var cacheNote: String {
        let formats =
            settings.keys == settings.values || network.isLatent
            ? settings.keys.rawValue : "\(settings.keys.rawValue) keys, \(settings.values.rawValue) values"
        let tokens = ByteSize(settings.context).grouped + (settings.context == 1 ? " token" : " tokens")
        let one = settings.isUnified ? " of one cache" : ""
        let sequences = settings.sequences == 1 ? "" : " in \(settings.sequences) sequences\(one)"
        let hasWindows = network.layers.contains { $0.window != nil }
        let windows = settings.keepsWholeWindows && hasWindows ? ", sliding windows whole" : ""
        // `ggml-cuda/fattn.cu`: what attention does not read as it is.
        let isRead = settings.keys.isReadByFlashAttention && settings.values.isReadByFlashAttention
        let isEven = settings.keys == settings.values || network.isLatent
        let remark: String
        if let head = network.unreadHead {
            remark =
                settings.hasFlashAttention
                ? "; CUDA computes attention on the host, as it has no flash attention for heads of \(head.lengths)"
                : "; without flash attention, which CUDA does not have for heads of \(head.lengths)"
        } else if !isRead {
            remark = "; CUDA computes attention on the host for it"
        } else {
            remark = isEven ? "" : "; CUDA expands both at every token"
        }
        return "\(tokens)\(sequences), \(formats)\(windows)\(remark)"
    }

    /// The blocks of the file, those that draft tokens among them, as `-ngl` counts them.
    public var blockCount: Int { network.layers.count + network.draftBlockCount }

    /// The command that starts the server so.
    ///
    /// - Parameters:
    ///   - modelPath: The finished file.
    ///   - placement: The arguments that say what goes where; without them, everything goes to the card.
    /// - Returns: The program and its arguments.
    public func command(modelPath: String, placement: [String]? = nil) -> [String] {
        var command = [
            "llama-server", "-m", modelPath, "-c", "\(settings.context)", "-np", "\(settings.sequences)",
        ]
        if settings.isUnified { command.append("-kvu") }
        if settings.keepsWholeWindows { command.append("--swa-full") }
        if settings.keys != .f16 { command += ["-ctk", settings.keys.rawValue] }
        if settings.values != .f16 { command += ["-ctv", settings.values.rawValue] }
        if settings.batch != LlamaCppSettings.standingBatch { command += ["-b", "\(settings.batch)"] }
        if settings.microBatch != LlamaCppSettings.standingMicroBatch {
            command += ["-ub", "\(settings.microBatch)"]
        }
        if !network.lacksFlashAttention { command += ["-fa", settings.hasFlashAttention ? "on" : "off"] }
        return command + (placement ?? LayerSplit.wholeOnCards(blockCount: blockCount))
    }
}
