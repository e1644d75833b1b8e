/// A format of a KV cache: the nine that llama.cpp takes for `-ctk` and `-ctv`.
///
/// Block sizes are those of `ggml-common.h`; the list is `kv_cache_types` in llama.cpp's `common/arg.cpp`.
public enum CacheFormat: String, CaseIterable, Hashable, Sendable {
    /// 32-bit floating point.
    case f32
    /// 16-bit floating point, the default.
    case f16
    /// The upper 16 bits of 32-bit floating point.
    case bf16
    /// 8 bits, a scale per 32.
    case q8_0
    /// 4 bits, a scale per 32.
    case q4_0
    /// 4 bits, a scale and a minimum per 32.
    case q4_1
    /// 4 bits with uneven levels, a scale per 32.
    case iq4_nl
    /// 5 bits, a scale per 32.
    case q5_0
    /// 5 bits, a scale and a minimum per 32.
    case q5_1

    /// The names of all formats, in one text.
    public static let names = allCases.map(\.rawValue).joined(separator: ", ")

    /// Whether CUDA's flash attention takes keys and values of the format.
    public var isReadByFlashAttention: Bool { self != .iq4_nl }

    /// The elements of a block.
    public var blockElements: Int {
        switch self {
        case .f32, .f16, .bf16: 1
        case .q8_0, .q4_0, .q4_1, .iq4_nl, .q5_0, .q5_1: 32
        }
    }

    /// The bytes of a block.
    public var blockBytes: Int {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .q8_0: 34
        case .q4_0, .iq4_nl: 18
        case .q4_1: 20
        case .q5_0: 22
        case .q5_1: 24
        }
    }

    /// Whether elements share scales.
    public var isQuantized: Bool { blockElements > 1 }
}
