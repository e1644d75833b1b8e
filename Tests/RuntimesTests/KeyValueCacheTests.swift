import Foundation
import Runtimes
import TestSupport
import Testing

/// The cache against what llama.cpp logged of it.
@Suite struct KeyValueCacheTests {
    /// One line of what llama.cpp logged.
    struct Case: CustomStringConvertible {
        let line: String

        var fields: [String] { line.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        var description: String { line }
        var logged: Double? { Double(fields[15]) }

        func number(_ index: Int) throws -> Int { try #require(Int(fields[index])) }

        func network() throws -> LlamaCppNetwork {
            var numbers = [
                "block_count": try number(2), "attention.head_count": try number(3),
                "attention.key_length": try number(5), "attention.value_length": try number(6),
                // Nothing cached follows from it here but the states of LFM2, which is 2,048 wide.
                "embedding_length": 2_048,
            ]
            var lists: [String: [Int32]] = [:]
            let heads = fields[4].split(separator: " ").compactMap { Int32($0) }
            if heads.count == 1 {
                numbers["attention.head_count_kv"] = Int(heads[0])
            } else {
                lists["attention.head_count_kv"] = heads
            }
            for pair in fields[7].split(separator: ";") {
                let parts = pair.split(separator: "=")
                numbers[String(parts[0])] = Int(parts[1])
            }
            return try Network.network(fields[1], numbers, lists: lists)
        }

        func settings() throws -> LlamaCppSettings {
            try LlamaCppSettings(
                context: number(8),
                sequences: number(11),
                keys: #require(CacheFormat(rawValue: fields[9])),
                values: #require(CacheFormat(rawValue: fields[10])),
                isUnified: fields[12] == "1",
                keepsWholeWindows: fields[13] == "1",
                microBatch: number(14)
            )
        }
    }

    private static let someLines = [
        "llama8b,llama,32,32,8,128,128,,5000,q8_0,q4_0,1,0,0,512,260.00",
        "llama8b,llama,32,32,8,128,128,,3000,f16,f16,4,0,0,512,384.00",
        "llama8b,llama,32,32,8,128,128,,16384,iq4_nl,q4_1,1,0,0,512,608.00",
        "gemma3-27b,gemma3,62,32,16,128,128,attention.sliding_window=1024,32768,q8_0,q8_0,1,0,0,512,1691.50",
        "gemma3-27b,gemma3,62,32,16,128,128,attention.sliding_window=1024,16384,f16,f16,4,1,0,512,3152.00",
        "gemma3-27b,gemma3,62,32,16,128,128,attention.sliding_window=1024,16384,f16,f16,1,0,1,512,7936.00",
        "gemma3-27b,gemma3,62,32,16,128,128,attention.sliding_window=1024,16384,f16,f16,1,0,0,2048,2528.00",
        "gptoss20b,gpt-oss,24,64,8,64,64,attention.sliding_window=128,16384,f16,f16,1,0,0,2048,438.00",
        "dsv2lite,deepseek2,27,16,1,576,512,attention.key_length_mla=192;attention.value_length_mla=128,32768,q8_0,q8_0,1,0,0,512,516.38",
        "dsv3,deepseek2,61,128,1,576,512,attention.key_length_mla=192;attention.value_length_mla=128,5000,q8_0,q4_0,1,0,0,512,refused",
        "dsv2nomla,deepseek2,27,16,16,192,128,,32768,q8_0,q8_0,1,0,0,512,4590.00",
        "lfm2-1b2,lfm2,16,32,0 0 8 0 0 8 0 0 8 0 8 0 8 0 8 0,64,64,shortconv.l_cache=3,5000,q8_0,q4_0,1,0,0,512,24.38",
        "t5xl,t5,24,32,32,64,64,,8192,f16,f16,1,0,0,512,1536.00",
    ]

    private func check(_ line: String) throws {
        let given = Case(line: line)
        let network = try given.network()
        let settings = try given.settings()
        guard let logged = given.logged else {
            #expect(given.fields[15] == "refused")
            #expect(
                throws: RuntimeError.cacheFormatsDiffer(
                    keys: given.fields[9],
                    values: given.fields[10],
                    architecture: given.fields[1]
                )
            ) { try LlamaCppCache(network, settings) }
            return
        }
        #expect(try LlamaCppCache(network, settings).bytes.loggedMiB == logged)
        #expect(network.isVerified)
    }

    @Test("the cache is what llama.cpp logs of it, to its own rounding", arguments: someLines)
    func agreesWithSomeLogs(_ line: String) throws { try check(line) }

    @Test("and so in every case that was recorded", .enabled(if: !KeyValueCases.recorded.isEmpty))
    func agreesWithAllLogs() throws {
        #expect(KeyValueCases.recorded.count >= 43)
        for line in KeyValueCases.recorded { try check(line) }
    }

    @Test("states are what llama.cpp logs of them")
    func states() throws {
        let mamba = try Network.network(
            "mamba",
            [
                "block_count": 64, "embedding_length": 2_560, "ssm.conv_kernel": 4, "ssm.inner_size": 5_120,
                "ssm.state_size": 16,
            ]
        )
        let settings = try LlamaCppSettings(context: 32_768)
        let state = try LlamaCppCache(mamba, settings)
        #expect(state.allStateBytes.loggedMiB == 23.75)
        #expect(state.bytes == 0)
        let short = try LlamaCppCache(
            Network.network("lfm2", Network.lfm2, lists: ["attention.head_count_kv": Network.lfm2Heads]),
            settings
        )
        #expect(short.allStateBytes.loggedMiB == 0.16)
        // By the formula alone: 36 of 48 blocks have a state.
        let next = try Network.network(
            "qwen3next",
            [
                "block_count": 48, "embedding_length": 2_048, "attention.head_count": 16,
                "attention.head_count_kv": 2, "attention.key_length": 256, "attention.value_length": 256,
                "ssm.conv_kernel": 4, "ssm.inner_size": 4_096, "ssm.state_size": 128, "ssm.group_count": 16,
            ]
        )
        let delta = try LlamaCppCache(next, settings)
        #expect(delta.allStateBytes.loggedMiB == 75.38)
        #expect(delta.cacheBytes.count { $0 > 0 } == 12)
        #expect(!next.isVerified)
    }

    @Test("an architecture whose cache nobody wrote down is an error, never nothing")
    func unknownArchitecture() throws {
        for architecture in ["deepseek4", "qwen4exp", "hy_v4", "my-own"] {
            #expect(throws: RuntimeError.unknownCache(architecture: architecture, runtime: "llama.cpp")) {
                try Network.network(architecture, Network.llama8B)
            }
        }
    }

    @Test("what llama.cpp refuses is refused")
    func refusals() throws {
        let llama = try Network.network("llama", Network.llama8B)
        #expect(throws: RuntimeError.valuesNeedFlashAttention(format: "q8_0")) {
            try LlamaCppCache(
                llama,
                LlamaCppSettings(context: 4_096, values: .q8_0, hasFlashAttention: false)
            )
        }
        // Keys may be quantized without flash attention.
        _ = try LlamaCppCache(llama, LlamaCppSettings(context: 4_096, keys: .q8_0, hasFlashAttention: false))
        var odd = Network.llama8B
        odd["attention.key_length"] = 80
        let narrow = try Network.network("llama", odd)
        #expect(
            throws: RuntimeError.cacheBlockDoesNotDivide(part: "keys", format: "q4_0", block: 32, length: 80)
        ) { try LlamaCppCache(narrow, LlamaCppSettings(context: 4_096, keys: .q4_0)) }
        _ = try LlamaCppCache(narrow, LlamaCppSettings(context: 4_096))
    }

    @Test("windows follow the architecture's own rule")
    func windows() throws {
        func windowed(_ architecture: String, _ more: [String: Int] = [:]) throws -> [Int] {
            var numbers = Network.llama8B.merging(["block_count": 8]) { $1 }
            numbers.merge(more) { $1 }
            let layers = try Network.network(architecture, numbers).layers
            return layers.indices.filter { layers[$0].window != nil }
        }
        let window = ["attention.sliding_window": 512]
        #expect(try windowed("llama", window) == [])
        #expect(try windowed("phi3", window) == [])
        #expect(try windowed("gemma2") == [0, 2, 4, 6])
        #expect(try windowed("gemma3") == [])
        #expect(try windowed("gemma3", window) == [0, 1, 2, 3, 4, 6, 7])
        #expect(try windowed("gemma3", ["attention.sliding_window": 0]) == [])
        #expect(try windowed("cohere2moe", window) == [1, 2, 3, 5, 6, 7])
        #expect(try windowed("llama4") == [0, 1, 2, 4, 5, 6])
        #expect(try windowed("llama4", ["attention.sliding_window": 0]) == [])
        #expect(try windowed("exaone4", window) == [])
        #expect(
            try windowed("gpt-oss", window.merging(["attention.sliding_window_pattern": 4]) { $1 }) == [
                0, 1, 2, 4, 5, 6,
            ]
        )
        #expect(throws: RuntimeError.missingValue(key: "gpt-oss.attention.sliding_window")) {
            try windowed("gpt-oss")
        }
        #expect(throws: RuntimeError.missingValue(key: "step35.attention.sliding_window_pattern")) {
            try windowed("step35", window)
        }
    }

    @Test(
        "a file that does not say what is cached, or says nothing is, is refused and never counted as nothing",
        arguments: [
            ("llama", ["attention.head_count": nil], "missing attention.head_count"),
            (
                "qwen3", ["attention.head_count": nil, "attention.head_count_kv": nil],
                "missing attention.head_count"
            ),
            ("llama", ["attention.head_count": 0], "nothing attention.head_count"),
            ("gemma3", ["attention.head_count_kv": 0], "nothing attention.head_count_kv"),
            (
                "llama", ["attention.key_length": 0, "attention.value_length": 0],
                "nothing attention.key_length"
            ),
            ("llama", ["attention.value_length": 0], "nothing attention.value_length"),
            (
                "jamba", ["attention.head_count": nil, "attention.head_count_kv": nil],
                "missing attention.head_count_kv"
            ),
            ("mamba", ["ssm.state_size": 0], "nothing ssm.state_size"),
            ("mamba", ["ssm.inner_size": 0], "nothing ssm.inner_size"),
            ("rwkv6", ["wkv.head_size": 0], "nothing wkv.head_size"),
            ("lfm2", ["shortconv.l_cache": 0], "nothing shortconv.l_cache"),
            ("llama", ["block_count": 0], "nothing block_count"),
            ("bert", ["attention.head_count": nil], "fine"),
            ("mamba", [:], "fine"),
        ] as [(String, [String: Int?], String)]
    )
    func neverASilentZero(_ architecture: String, _ changes: [String: Int?], _ refusal: String) throws {
        var numbers = Network.llama8B.merging([
            "ssm.conv_kernel": 4, "ssm.inner_size": 8_192, "ssm.state_size": 16, "wkv.head_size": 64,
            "shortconv.l_cache": 3,
        ]) { $1 }
        for (key, value) in changes { numbers[key] = value }
        func network() throws -> LlamaCppNetwork { try Network.network(architecture, numbers) }
        let words = refusal.split(separator: " ").map(String.init)
        guard words.count == 2 else {
            _ = try network()
            return
        }
        let key = "\(architecture).\(words[1])"
        let error = words[0] == "missing" ? RuntimeError.missingValue(key: key) : .nothingStated(key: key)
        #expect(throws: error) { try network() }
    }

    @Test("a negative number is said to be negative")
    func negativeNumbers() throws {
        let error = RuntimeError.impossibleValue(
            key: "llama.attention.head_count_kv",
            detail: "it is -4, which is negative"
        )
        var numbers = Network.llama8B
        numbers["attention.head_count_kv"] = nil
        #expect(throws: error) {
            try Network.network(
                "llama",
                numbers,
                lists: ["attention.head_count_kv": [Int32](repeating: -4, count: 32)]
            )
        }
    }

    @Test("blocks that draft tokens, or share another's cache, have none")
    func blocksWithoutCache() throws {
        let drafts = try Network.network(
            "glm4moe",
            Network.llama8B.merging(["nextn_predict_layers": 1]) { $1 }
        )
        #expect(drafts.layers.count == 31)
        #expect(drafts.draftBlockCount == 1)
        let shared = try Network.network(
            "gemma4",
            Network.llama8B.merging([
                "attention.sliding_window": 512, "attention.shared_kv_layers": 10,
                "attention.key_length_swa": 64,
                "attention.value_length_swa": 64,
            ]) { $1 },
            lists: ["attention.sliding_window_pattern": (0..<32).map { $0 % 6 == 5 ? 0 : 1 }]
        )
        #expect(shared.layers.count { $0.keyWidth > 0 } == 22)
        #expect(shared.layers[0].keyWidth == 8 * 64)
        #expect(shared.layers[5].keyWidth == 8 * 128)
        let bert = try Network.network("bert", Network.llama8B)
        #expect(try LlamaCppCache(bert, LlamaCppSettings(context: 512)).bytes == 0)
    }

    @Test("numbers that no network has are refused, and the largest that are believed do not overflow")
    func hugeNumbers() throws {
        for (key, value, detail) in [
            ("attention.key_length", 1 << 24 + 1, "16777217, and no network has more than 16777216"),
            ("attention.key_length", 1 << 62, "\(1 << 62), and no network has more than 16777216"),
            ("block_count", 513, "513, and no network has more than 512"),
            ("nextn_predict_layers", 32, "32, and there are 32 blocks"),
        ] {
            #expect(throws: RuntimeError.impossibleValue(key: "llama.\(key)", detail: "it is \(detail)")) {
                try Network.network("llama", Network.llama8B.merging([key: value]) { $1 })
            }
        }
        let most = 1 << 24
        let numbers = [
            "block_count": 512, "embedding_length": most, "feed_forward_length": most,
            "attention.head_count": most,
            "attention.key_length": most, "attention.value_length": most, "expert_used_count": most,
            "expert_feed_forward_length": most, "ssm.inner_size": most, "ssm.state_size": most,
            "ssm.group_count": most, "ssm.conv_kernel": most, "attention.sliding_window": 1 << 31,
        ]
        let settings = try LlamaCppSettings(
            context: 1 << 31,
            sequences: 256,
            microBatch: 1 << 20,
            batch: 1 << 20
        )
        for architecture in ["llama", "falcon-h1", "gemma3", "t5"] {
            let runtime = try LlamaCpp(
                Network.network(architecture, numbers, vocabulary: most),
                settings
            )
            #expect(runtime.cache.bytes == .max)
            #expect(runtime.buffer.upperBound > 0)
            let memory = CardMemory(bytes: 1 << 34, runtime: .llamaCpp, claims: runtime.claims(for: []))
            #expect(memory.bytesForWeights < 0)
        }
        #expect(
            throws: RuntimeError.settingOutOfRange(name: "the context", value: 0, range: 1...1 << 31)
        ) { try LlamaCppSettings(context: 0) }
        #expect(
            throws: RuntimeError.settingOutOfRange(
                name: "the number of sequences",
                value: 257,
                range: 1...256
            )
        ) { try LlamaCppSettings(context: 4_096, sequences: 257) }
    }
}
