import Checkpoints

extension NetworkMetadata {
    /// What the published files of the built-in language models say of their networks, since an inventory says nothing;
    /// nil for every other name.
    static func builtIn(named name: String) -> (architecture: String, metadata: [GGUFMetadata])? {
        guard let (architecture, numbers) = builtIns[name] else { return nil }
        return (architecture, numbers.map { GGUFMetadata("\(architecture).\($0.key)", .uint32($0.value)) })
    }

    /// The architecture of each network, and its numbers without the architecture's name in front.
    private static let builtIns: [String: (architecture: String, numbers: KeyValuePairs<String, UInt32>)] = [
        "llama-3.1-8b": (
            "llama",
            [
                "block_count": 32, "context_length": 131_072, "embedding_length": 4_096,
                "feed_forward_length": 14_336, "attention.head_count": 32,
                "attention.head_count_kv": 8,
                "attention.key_length": 128, "attention.value_length": 128,
            ]
        ),
        "llama-3.1-70b": (
            "llama",
            [
                "block_count": 80, "context_length": 131_072, "embedding_length": 8_192,
                "feed_forward_length": 28_672, "attention.head_count": 64,
                "attention.head_count_kv": 8,
                "attention.key_length": 128, "attention.value_length": 128,
            ]
        ),
        "qwen3-30b-a3b": (
            "qwen3moe",
            [
                "block_count": 48, "context_length": 40_960, "embedding_length": 2_048,
                "feed_forward_length": 6_144, "attention.head_count": 32,
                "attention.head_count_kv": 4,
                "attention.key_length": 128, "attention.value_length": 128, "expert_count": 128,
                "expert_used_count": 8, "expert_feed_forward_length": 768,
            ]
        ),
        "qwen3-235b-a22b": (
            "qwen3moe",
            [
                "block_count": 94, "context_length": 40_960, "embedding_length": 4_096,
                "feed_forward_length": 12_288, "attention.head_count": 64,
                "attention.head_count_kv": 4,
                "attention.key_length": 128, "attention.value_length": 128, "expert_count": 128,
                "expert_used_count": 8, "expert_feed_forward_length": 1_536,
            ]
        ),
    ]
}
