/// How llama.cpp is started, as far as memory follows from it.
public struct LlamaCppSettings: Hashable, Sendable {
    /// The tokens that are worked on at once where `-ub` does not say how many.
    public static let standingMicroBatch = 512
    /// The tokens that are taken up at once where `-b` does not say how many.
    public static let standingBatch = 2_048

    /// The tokens of all sequences together: `-c`.
    public var context: Int
    /// The sequences that are worked on at once: `-np`.
    public var sequences: Int
    /// The format of the cached keys: `-ctk`.
    public var keys: CacheFormat
    /// The format of the cached values: `-ctv`.
    public var values: CacheFormat
    /// Whether the sequences share one cache rather than having a part each: `-kvu`.
    public var isUnified: Bool
    /// Whether layers with a sliding window cache the whole context: `--swa-full`.
    public var keepsWholeWindows: Bool
    /// The tokens that are worked on at once: `-ub`.
    public var microBatch: Int
    /// The tokens that are taken up at once: `-b`.
    public var batch: Int
    /// Whether flash attention is on: `-fa`.
    public var hasFlashAttention: Bool
    /// The tokens of a micro batch whose scores are worked out: one per sequence in `llama-server`; nil for all, as in
    /// `llama-perplexity` and in bindings.
    public var scoredTokens: Int?

    /// The default settings of `llama-server` for one sequence.
    ///
    /// - Parameters:
    ///   - context: The tokens of all sequences together.
    ///   - sequences: The sequences that are worked on at once.
    ///   - keys: The format of the cached keys.
    ///   - values: The format of the cached values.
    ///   - isUnified: Whether the sequences share one cache.
    ///   - keepsWholeWindows: Whether layers with a sliding window cache the whole context.
    ///   - microBatch: The tokens that are worked on at once.
    ///   - batch: The tokens that are taken up at once.
    ///   - hasFlashAttention: Whether flash attention is on.
    /// - Throws: ``RuntimeError/settingOutOfRange(name:value:range:)``.
    public init(
        context: Int,
        sequences: Int = 1,
        keys: CacheFormat = .f16,
        values: CacheFormat = .f16,
        isUnified: Bool = false,
        keepsWholeWindows: Bool = false,
        microBatch: Int = Self.standingMicroBatch,
        batch: Int = Self.standingBatch,
        hasFlashAttention: Bool = true
    ) throws(RuntimeError) {
        for (name, value, range) in [
            ("the context", context, 1...NetworkMetadata.largestContext),
            // LLAMA_MAX_SEQ
            ("the number of sequences", sequences, 1...256),
            ("the micro batch", microBatch, 1...1 << 20), ("the batch", batch, 1...1 << 20),
        ] {
            guard range ~= value else { throw .settingOutOfRange(name: name, value: value, range: range) }
        }
        self.context = context
        self.sequences = sequences
        self.keys = keys
        self.values = values
        self.isUnified = isUnified
        self.keepsWholeWindows = keepsWholeWindows
        self.microBatch = microBatch
        self.batch = batch
        self.hasFlashAttention = hasFlashAttention
        scoredTokens = sequences
    }

    /// The tokens that are really worked on at once.
    var tokensAtOnce: Int { min(microBatch, batch, context) }

    /// The parts that the cache has, one after the other.
    var streams: Int { isUnified ? 1 : sequences }

    /// The cells of one part of a cache that holds the whole context.
    var cells: Int { Self.padded(Self.padded(context) / streams) }

    /// A number of cells as llama.cpp pads it, to a multiple of 256.
    static func padded(_ cells: Int) -> Int { (cells + 255) / 256 * 256 }
}
