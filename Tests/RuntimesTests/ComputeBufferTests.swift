import Runtimes
import Testing

/// The buffer of computing against what llama.cpp reserves for it.
@Suite struct ComputeBufferTests {
    /// A setting, the estimate and what was logged, in MiB.
    struct Case: CustomStringConvertible {
        let name: String
        let context: Int
        var format = CacheFormat.f16
        var scoresAll = false
        var hasFlashAttention = true
        let estimate: Int
        let logged: Int

        var description: String { "\(name) \(context) \(format) all: \(scoresAll) fa: \(hasFlashAttention)" }

        func network() throws -> LlamaCppNetwork {
            switch name {
            case "llama8b": try Network.network("llama", Network.llama8B, vocabulary: 128_256)
            case "llama70b": try Network.network("llama", Network.llama70B, vocabulary: 128_256)
            case "qwen3-32b": try Network.network("qwen3", Network.qwen32B, vocabulary: 151_936)
            case "qwen30a3": try Network.network("qwen3moe", Network.qwen30BA3B, vocabulary: 151_936)
            case "gemma3-27b": try Network.network("gemma3", Network.gemma27B, vocabulary: 262_144)
            case "gpt-oss-20b": try Network.network("gpt-oss", Network.gptOSS20B, vocabulary: 201_088)
            case "dsv2-lite": try Network.network("deepseek2", Network.deepSeekV2Lite, vocabulary: 102_400)
            default:
                try Network.network(
                    "lfm2",
                    Network.lfm2,
                    lists: ["attention.head_count_kv": Network.lfm2Heads],
                    vocabulary: 65_536
                )
            }
        }
    }

    static let cases = [
        Case(name: "llama8b", context: 32_768, estimate: 140, logged: 140),
        Case(name: "llama8b", context: 32_768, scoresAll: true, estimate: 266, logged: 258),
        Case(name: "llama8b", context: 32_768, format: .q8_0, estimate: 192, logged: 192),
        Case(name: "llama8b", context: 131_072, format: .q8_0, estimate: 672, logged: 672),
        Case(
            name: "llama8b",
            context: 32_768,
            scoresAll: true,
            hasFlashAttention: false,
            estimate: 2152,
            logged: 2148
        ),
        Case(name: "llama70b", context: 32_768, format: .q8_0, estimate: 248, logged: 248),
        Case(name: "llama70b", context: 32_768, format: .q8_0, scoresAll: true, estimate: 282, logged: 266),
        Case(name: "qwen3-32b", context: 32_768, format: .q8_0, estimate: 212, logged: 218),
        Case(name: "qwen3-32b", context: 32_768, format: .q8_0, scoresAll: true, estimate: 317, logged: 307),
        Case(name: "qwen30a3", context: 32_768, format: .q8_0, estimate: 148, logged: 120),
        Case(name: "qwen30a3", context: 32_768, format: .q8_0, scoresAll: true, estimate: 305, logged: 301),
        Case(
            name: "qwen30a3",
            context: 32_768,
            scoresAll: true,
            hasFlashAttention: false,
            estimate: 2140,
            logged: 2138
        ),
        Case(name: "gemma3-27b", context: 32_768, format: .q8_0, estimate: 326, logged: 327),
        Case(name: "gemma3-27b", context: 32_768, format: .q8_0, scoresAll: true, estimate: 533, logged: 523),
        Case(name: "gemma3-27b", context: 131_072, format: .q8_0, estimate: 1190, logged: 1191),
        Case(name: "gpt-oss-20b", context: 32_768, format: .q8_0, estimate: 134, logged: 124),
        Case(
            name: "gpt-oss-20b",
            context: 32_768,
            format: .q8_0,
            scoresAll: true,
            estimate: 404,
            logged: 404
        ),
        Case(name: "dsv2-lite", context: 32_768, format: .q8_0, estimate: 148, logged: 138),
        Case(
            name: "dsv2-lite",
            context: 32_768,
            scoresAll: true,
            hasFlashAttention: false,
            estimate: 1206,
            logged: 1174
        ),
        Case(name: "lfm2-1.2b", context: 131_072, format: .q8_0, estimate: 400, logged: 400),
    ]

    @Test(
        "the estimate is the recorded one, and the bound is never below what llama.cpp reserves",
        arguments: cases
    )
    func boundHolds(_ given: Case) throws {
        var settings = try LlamaCppSettings(
            context: given.context,
            keys: given.format,
            values: given.format,
            hasFlashAttention: given.hasFlashAttention
        )
        if given.scoresAll { settings.scoredTokens = nil }
        let network = try given.network()
        let buffer = LlamaCppBuffer(network, settings, try LlamaCppCache(network, settings))
        #expect(abs(buffer.estimate.loggedMiB - Double(given.estimate)) <= 0.6)
        #expect(buffer.upperBound >= given.logged << 20)
        #expect(buffer.upperBound <= (given.logged * 11 / 10 + 60) << 20)
    }

    @Test("a quantized cache is expanded as a whole, however many sequences share it", arguments: [1, 4, 16])
    func sequences(count: Int) throws {
        let network = try Network.network(
            "llama",
            [
                "block_count": 32, "embedding_length": 4_096, "feed_forward_length": 14_336,
                "attention.head_count": 32, "attention.head_count_kv": 8, "attention.key_length": 128,
                "attention.value_length": 128,
            ],
            vocabulary: 128_256
        )
        let settings = try LlamaCppSettings(context: 131_072, sequences: count, keys: .q8_0, values: .q8_0)
        let buffer = LlamaCppBuffer(network, settings, try LlamaCppCache(network, settings))
        // Keys and values of 1,024 numbers each for every token, in 16 bits.
        #expect(buffer.upperBound >= 2 * 131_072 * 2_048)
    }

    @Test(
        "pictures that come in at several blocks have an embedding for each, in whatever network says so",
        arguments: ["qwen3vl", "qwen3vlmoe"]
    )
    func picturesInSeveralBlocks(architecture: String) throws {
        // Qwen3-VL-8B, of which 352.77 MiB were logged with 16k tokens, all of them scored.
        var numbers: [String: Int] = [
            "block_count": 36, "embedding_length": 4_096, "feed_forward_length": 12_288,
            "attention.head_count": 32, "attention.head_count_kv": 8, "attention.key_length": 128,
            "attention.value_length": 128,
        ]
        var settings = try LlamaCppSettings(context: 16_384)
        settings.scoredTokens = nil
        func buffer() throws -> LlamaCppBuffer {
            let network = try Network.network(architecture, numbers, vocabulary: 151_936)
            return LlamaCppBuffer(network, settings, try LlamaCppCache(network, settings))
        }
        let alone = try buffer()
        numbers["n_deepstack_layers"] = 3
        let bound = try buffer()
        #expect(bound.estimate - alone.estimate == 3 * 16 << 20)
        #expect(bound.upperBound >= 353 << 20)
    }

    @Test("the buffer of T5, which has no flash attention, is above what llama.cpp reserves")
    func encoderAndDecoder() throws {
        let network = try Network.network(
            "t5",
            [
                "block_count": 24, "embedding_length": 2_048, "feed_forward_length": 5_120,
                "attention.head_count": 32, "attention.key_length": 64, "attention.value_length": 64,
            ],
            vocabulary: 32_128
        )
        let settings = try LlamaCppSettings(context: 8_192)
        let buffer = LlamaCppBuffer(network, settings, try LlamaCppCache(network, settings))
        #expect(buffer.upperBound >= 1_976 << 20)
    }
}
