import Checkpoints
import Runtimes
import Tensors
import Testing

/// What takes memory of a card, and what does not.
@Suite struct CardTests {
    private static func model(_ names: [String]) throws -> Model {
        try Model(
            name: "m",
            tensors: names.map { try TensorInfo(name: $0, shape: [64, 512], elementType: .f16) }
        )
    }

    @Test(
        "words are looked up on the host, unless the output is made of them; drafting blocks are not loaded"
    )
    func offCardTensors() throws {
        let names = [
            "token_embd.weight", "blk.0.attn_q.weight", "blk.31.attn_q.weight", "output_norm.weight",
        ]
        let settings = try LlamaCppSettings(context: 4_096)
        let llama = try LlamaCpp(Network.network("llama", Network.llama8B), settings)
        #expect(try llama.offCardTensors(of: Self.model(names + ["output.weight"])) == ["token_embd.weight"])
        #expect(try llama.offCardTensors(of: Self.model(names)) == [])
        let drafting = try LlamaCpp(
            Network.network("glm4moe", Network.llama8B.merging(["nextn_predict_layers": 1]) { $1 }),
            settings
        )
        #expect(
            try drafting.offCardTensors(of: Self.model(names + ["output.weight"])) == [
                "token_embd.weight", "blk.31.attn_q.weight",
            ]
        )
    }

    @Test("the claims are the cache, the state and the bound of the buffer, and say how well they are known")
    func claims() throws {
        let settings = try LlamaCppSettings(context: 32_768, keys: .q8_0, values: .q8_0)
        let llama = try LlamaCpp(Network.network("llama", Network.llama8B, vocabulary: 128_256), settings)
        let claims = llama.claims(for: [])
        #expect(claims.map(\.name) == ["KV cache", "compute"])
        #expect(claims.map(\.certainty) == [.computed, .bound])
        #expect(claims[0].bytes == 2_176 << 20)
        #expect(claims[1].bytes == llama.buffer.upperBound)
        #expect(claims[0].note == "32,768 tokens, q8_0")
        let hybrid = try LlamaCpp(
            Network.network(
                "jamba",
                Network.llama8B.merging([
                    "ssm.conv_kernel": 4, "ssm.inner_size": 8_192, "ssm.state_size": 16,
                ]) { $1 },
                lists: ["attention.head_count_kv": (0..<32).map { $0 % 8 == 4 ? 8 : 0 }]
            ),
            settings
        )
        #expect(hybrid.claims(for: []).map(\.name) == ["KV cache", "state", "compute"])
        #expect(hybrid.claims(for: []).allSatisfy { $0.certainty == .stated })
        let memory = CardMemory(bytes: 24 << 30, runtime: .llamaCpp, claims: claims)
        #expect(memory.bytesForWeights == 24 << 30 - claims[0].bytes - claims[1].bytes)
    }

    @Test("the server is started with what was counted")
    func command() throws {
        let settings = try LlamaCppSettings(context: 32_768, sequences: 2, keys: .q8_0, values: .q8_0)
        let llama = try LlamaCpp(Network.network("llama", Network.llama8B), settings)
        #expect(
            llama.command(modelPath: "m.gguf") == [
                "llama-server", "-m", "m.gguf", "-c", "32768", "-np", "2", "-ctk", "q8_0", "-ctv", "q8_0",
                "-fa", "on",
                "-ngl", "99",
            ]
        )
    }

    @Test("a model that drafts takes its own cache, and a file of an unknown network its weights")
    func besideFiles() throws {
        let settings = try LlamaCppSettings(context: 4_096)
        let other = try Self.model(["v.blk.0.attn_q.weight", "mm.0.weight"])
        let claims = try LlamaCpp.claims(beside: other, named: "mmproj", settings)
        #expect(claims.map(\.bytes) == [2 * 64 * 512 * 2])
        let draft = try Model.builtIn(named: "llama-3.1-8b")
        let taken = try LlamaCpp.claims(beside: draft, named: "draft", settings)
        #expect(taken.map(\.name) == ["draft", "KV cache of draft", "compute of draft"])
        #expect(taken[1].bytes == 512 << 20)
    }

    @Test("experts that differ by block are counted as the widest")
    func expertsByBlock() throws {
        let settings = try LlamaCppSettings(context: 4_096)
        var numbers = Network.qwen30BA3B
        let one = try LlamaCpp(Network.network("qwen3moe", numbers), settings)
        (numbers["expert_feed_forward_length"], numbers["expert_used_count"]) = (nil, nil)
        let lists: [String: [Int32]] = [
            "expert_feed_forward_length": (0..<48).map { $0 == 7 ? 768 : 512 },
            "expert_used_count": (0..<48).map { $0 < 24 ? 8 : 4 },
        ]
        let several = try LlamaCpp(Network.network("qwen3moe", numbers, lists: lists), settings)
        #expect(several.buffer == one.buffer)
        #expect(several.cache == one.cache)
    }

    @Test("what shares the card is loaded by the command, in the formats that were counted")
    func loadsWhatIsBeside() throws {
        let model = try Model.builtIn(named: "llama-3.1-8b")
        var request = CardRequest(bytes: 24 << 30)
        (request.context, request.keys, request.values) = (8_192, .q8_0, .q8_0)
        let alone = try #require(try request.command(for: model, modelPath: "m.gguf"))
        request.companions = [
            Companion(name: "d.gguf", path: "drafts/d.gguf", bytes: 1, model: model),
            Companion(name: "words.txt", bytes: 5, model: nil),
        ]
        let command = try #require(try request.command(for: model, modelPath: "m.gguf"))
        #expect(Array(command.prefix(alone.count)) == alone)
        #expect(
            Array(command.dropFirst(alone.count)) == [
                "--spec-type", "draft-simple", "-md", "drafts/d.gguf", "-ngld", "99", "-ctkd", "q8_0",
                "-ctvd",
                "q8_0",
            ]
        )
        // Of the sequence the drafted tokens are scored, too.
        #expect(try request.llamaSettings(for: model).scoredTokens == 4)
        let device = Device(name: "gpu1", buffer: "CUDA1", bytes: 24 << 30, bandwidth: nil)
        let devices = try LlamaCppDevices(model, on: [device], request)
        let words = try devices.command(
            modelPath: "m.gguf",
            places: [Int](repeating: 0, count: devices.unitCount),
            tensors: [:]
        )
        #expect(words.suffix(6) == ["-devd", "CUDA1", "-ctkd", "q8_0", "-ctvd", "q8_0"])
    }

    @Test(
        "FLUX.1 takes what ComfyUI reserves, by its own estimate",
        arguments: [(512, 819), (1_024, 1_016), (1_536, 2_285), (2_048, 4_063)]
    )
    func comfyUI(_ side: Int, _ mebibytes: Int) throws {
        let claims = ComfyUIGGUF(image: try ImageSize(width: side, height: side), isFlux: true).claims
        // The published figures are cut or rounded to whole MiB.
        #expect(claims.count == 1)
        #expect(claims.allSatisfy { abs($0.bytes - mebibytes << 20) < 1 << 20 })
        #expect(claims.allSatisfy { $0.certainty == .assumed })
    }

    @Test(
        "stable-diffusion.cpp takes at least what it reserved for FLUX.1",
        arguments: [(512, 231), (768, 464), (1_024, 781), (1_536, 1_681)]
    )
    func stableDiffusion(_ side: Int, _ mebibytes: Int) throws {
        let claims = StableDiffusionRuntime(image: try ImageSize(width: side, height: side)).claims
        let compute = try #require(claims.first { $0.name == "compute" })
        #expect(compute.bytes >= (max(416, mebibytes) - 1) << 20)
        #expect(compute.bytes <= max(416, mebibytes * 108 / 100) << 20)
    }
}
