import Checkpoints
import Runtimes

/// Networks by the numbers that their files state.
enum Network {
    /// A network by its keys, which stand without the architecture's name; the lists have one number per block.
    static func metadata(
        _ architecture: String,
        _ numbers: [String: Int],
        lists: [String: [Int32]] = [:],
        vocabulary: Int? = nil
    ) throws -> NetworkMetadata {
        var entries = numbers.map { GGUFMetadata("\(architecture).\($0.key)", .uint64(UInt64($0.value))) }
        entries += lists.map { GGUFMetadata("\(architecture).\($0.key)", .int32Array($0.value)) }
        return try NetworkMetadata(architecture: architecture, metadata: entries, vocabularySize: vocabulary)
    }

    /// The same as llama.cpp reads it.
    static func network(
        _ architecture: String,
        _ numbers: [String: Int],
        lists: [String: [Int32]] = [:],
        vocabulary: Int? = nil
    ) throws -> LlamaCppNetwork {
        try LlamaCppNetwork(metadata(architecture, numbers, lists: lists, vocabulary: vocabulary))
    }

    static let llama8B: [String: Int] = [
        "block_count": 32, "embedding_length": 4_096, "feed_forward_length": 14_336,
        "attention.head_count": 32,
        "attention.head_count_kv": 8, "attention.key_length": 128, "attention.value_length": 128,
    ]
    static let llama70B: [String: Int] = [
        "block_count": 80, "embedding_length": 8_192, "feed_forward_length": 28_672,
        "attention.head_count": 64,
        "attention.head_count_kv": 8,
    ]
    static let qwen32B: [String: Int] = [
        "block_count": 64, "embedding_length": 5_120, "feed_forward_length": 25_600,
        "attention.head_count": 64,
        "attention.head_count_kv": 8, "attention.key_length": 128, "attention.value_length": 128,
    ]
    static let qwen30BA3B: [String: Int] = [
        "block_count": 48, "embedding_length": 2_048, "feed_forward_length": 6_144,
        "attention.head_count": 32,
        "attention.head_count_kv": 4, "attention.key_length": 128, "attention.value_length": 128,
        "expert_count": 128,
        "expert_used_count": 8, "expert_feed_forward_length": 768,
    ]
    static let gemma27B: [String: Int] = [
        "block_count": 62, "embedding_length": 5_376, "feed_forward_length": 21_504,
        "attention.head_count": 32,
        "attention.head_count_kv": 16, "attention.key_length": 128, "attention.value_length": 128,
        "attention.sliding_window": 1_024,
    ]
    static let gptOSS20B: [String: Int] = [
        "block_count": 24, "embedding_length": 2_880, "feed_forward_length": 2_880,
        "attention.head_count": 64,
        "attention.head_count_kv": 8, "attention.key_length": 64, "attention.value_length": 64,
        "attention.sliding_window": 128, "expert_count": 32, "expert_used_count": 4,
        "expert_feed_forward_length": 2_880,
    ]
    static let deepSeekV2Lite: [String: Int] = [
        "block_count": 27, "embedding_length": 2_048, "feed_forward_length": 10_944,
        "attention.head_count": 16,
        "attention.head_count_kv": 1, "attention.key_length": 576, "attention.value_length": 512,
        "attention.key_length_mla": 192, "attention.value_length_mla": 128, "attention.kv_lora_rank": 512,
        "expert_count": 64, "expert_used_count": 6, "expert_feed_forward_length": 1_408,
        "leading_dense_block_count": 1,
    ]
    static let lfm2: [String: Int] = [
        "block_count": 16, "embedding_length": 2_048, "feed_forward_length": 8_192,
        "attention.head_count": 32,
        "shortconv.l_cache": 3,
    ]
    static let lfm2Heads: [Int32] = [0, 0, 8, 0, 0, 8, 0, 0, 8, 0, 8, 0, 8, 0, 8, 0]
}

extension Int {
    /// A number of bytes in MiB, as llama.cpp logs it: rounded to hundredths.
    var loggedMiB: Double { (Double(self) / 1_048_576 * 100).rounded() / 100 }
}
