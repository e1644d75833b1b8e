/// How long the heads are that llama.cpp caches of a block.
struct CachedHead: Hashable, Sendable {
    /// The elements of a head of keys.
    let keys: Int
    /// The elements of a head of values; nil where values are a view of the keys.
    let values: Int?

    /// Whether CUDA has flash attention for such heads (`ggml-cuda/fattn.cu`); it has for no other lengths.
    var isReadByFlashAttention: Bool {
        guard let values else { return [320, 576].contains(keys) }
        return switch (keys, values) {
        case (40, 40), (64, 64), (72, 72), (80, 80), (96, 96), (112, 112), (128, 128), (256, 256), (512, 512),
            (192, 128), (320, 256), (576, 512):
            true
        default: false
        }
    }

    /// How long its parts are, in words.
    var lengths: String { values.map { $0 == keys ? "\(keys)" : "\(keys) and \($0)" } ?? "\(keys)" }
}
