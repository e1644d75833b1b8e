import Checkpoints
import Runtimes
import Tensors
import TestSupport
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

    @Test(
        "without flash attention for its heads in CUDA a network needs the larger buffer, and quantized values the host",
        arguments: [(100, nil), (128, nil), (192, 128), (192, 192), (256, nil), (24, nil)] as [(Int, Int?)]
    )
    func headsWithoutFlashAttention(keys: Int, values: Int?) throws {
        let file = LanguageModelFile(tensors: [
            try TensorInfo(name: "token_embd.weight", shape: [300, 256], elementType: .f16)
        ])
        let scratch = try ScratchFolder()
        try scratch.write(
            file.bytes(more: [
                "embedding_length": 256, "feed_forward_length": 512, "attention.key_length": keys,
                "attention.value_length": values ?? keys,
            ]),
            "m.gguf"
        )
        let model = try Model.read(path: scratch.path("m.gguf"))
        let isRead = [128, 256].contains(keys) || (keys, values) == (192, 128)
        var request = CardRequest(bytes: 24 << 30)
        request.context = 32_768
        let memory = try request.memory(for: model)
        let settings = try request.llamaSettings(for: model)
        #expect(settings.hasFlashAttention == isRead)
        let command = try #require(try request.command(for: model, modelPath: "m.gguf"))
        #expect(command.joined(separator: " ").contains(isRead ? "-fa on" : "-fa off"))
        let cache = try #require(memory.claims.first { $0.name == LlamaCpp.cacheName })
        #expect(cache.note.contains("without flash attention") != isRead)
        var on = settings
        on.hasFlashAttention = true
        let compute = try #require(memory.claims.first { $0.name == "compute" })
        let read = try #require(LlamaCpp(model, on).claims(for: model.tensors).first { $0.name == "compute" })
        #expect(isRead ? compute.bytes == read.bytes : compute.bytes > 2 * read.bytes)
        // Quantized values need it, so the host computes it.
        request.values = .q8_0
        guard keys % 32 == 0, (values ?? keys) % 32 == 0 else { return }
        #expect(try request.llamaSettings(for: model).hasFlashAttention)
        let quantized = try #require(
            try request.memory(for: model).claims.first { $0.name == LlamaCpp.cacheName }
        )
        #expect(quantized.note.contains("CUDA computes attention on the host") != isRead)
    }

    @Test(
        "models that make pictures are run by ComfyUI, whatever their blocks are called",
        arguments: [
            "double_blocks.0.img_attn.proj.weight", "double_stream_blocks.0.block.attn1.to_q.weight",
            "double_layers.3.modX.1.weight", "blocks.0.self_attn.q.weight", "blocks.0.attn1.to_q.weight",
            "blocks.0.adaln_modulation_cross_attn.1.weight", "transformer_blocks.0.attn1.to_q.weight",
            "down_blocks.0.downsamplers.0.conv.weight", "noise_refiner.0.attention.qkv.weight",
        ]
    )
    func pictures(name: String) throws {
        var request = CardRequest(bytes: 12 << 30)
        #expect(try request.runtime(for: Self.model([name])) == .comfyUIGGUF)
        request.runtime = .llamaCpp
        let others = ["comfyui-gguf", "stable-diffusion.cpp"]
        #expect(throws: RuntimeError.wrongRuntime(model: "m", runtime: "llama.cpp", others: others)) {
            try request.runtime(for: Self.model([name]))
        }
        #expect(try CardRequest(bytes: 1).runtime(for: Self.model(["blk.0.attn_q.weight"])) == .llamaCpp)
    }

    @Test("of a network that is not known what stays free stands for any context, and lengths do not compare")
    func unknownNetwork() throws {
        let scratch = try ScratchFolder()
        try scratch.write(try LanguageModelFile().bytes(architecture: "zork", more: [:]), "z.gguf")
        let model = try Model.read(path: scratch.path("z.gguf"))
        var request = CardRequest(bytes: 1 << 30)
        request.context = 4_096
        try request.checkComparesContexts(of: model)
        #expect(throws: RuntimeError.unknownCache(architecture: "zork", runtime: "llama.cpp")) {
            try request.memory(for: model)
        }
        request.reserve = 100 << 20
        let claims = try request.memory(for: model).claims
        #expect(claims.last?.note == "as given; it stands for the cache and the buffer of any context")
        #expect(throws: RuntimeError.contextsAlike(model: model.name)) {
            try request.checkComparesContexts(of: model)
        }
        let known = try Model.builtIn(named: "llama-3.1-8b")
        try request.checkComparesContexts(of: known)
        #expect(try request.memory(for: known).claims.last?.note == "as given")
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
        let image = try ImageSize(width: side, height: side)
        let claims = ComfyUIGGUF(image: image, network: .flux1, largestMatrix: 66_060_288).claims
        // The published figures are cut or rounded to whole MiB.
        #expect(claims.map(\.name) == ["sampling", "one layer"])
        #expect(abs(claims[0].bytes - mebibytes << 20) < 1 << 20)
        #expect(claims[1].bytes == 126 << 20)
        #expect(claims.allSatisfy { $0.certainty == .assumed })
    }

    /// What is kept for a model with one of the tensors that tell networks apart.
    private static func memory(
        _ tensor: String,
        _ shape: [Int],
        on runtime: RuntimeName,
        beside companions: [Companion] = []
    ) throws -> CardMemory {
        let tensors = try [
            TensorInfo(name: tensor, shape: shape, elementType: .bf16),
            TensorInfo(name: "double_blocks.0.img_attn.qkv.weight", shape: [64, 64], elementType: .bf16),
        ]
        var request = CardRequest(bytes: 24 << 30)
        request.runtime = runtime
        request.companions = companions
        return try request.memory(for: Model(name: "m", tensors: tensors))
    }

    @Test(
        "FLUX.2 has a factor by its width and larger latent pixels",
        arguments: [(6_144, 2_163), (3_072, 1_081)]
    )
    func secondFlux(width: Int, mebibytes: Int) throws {
        let claims = try Self.memory(
            "double_stream_modulation_img.lin.weight",
            [6 * width, width],
            on: .comfyUIGGUF
        ).claims
        #expect(abs(claims[0].bytes - mebibytes << 20) <= 2 << 20)
        #expect(claims[0].note == "1024x1024: ComfyUI's estimate for FLUX.2")
        #expect(claims[1].bytes == 2 * 6 * width * width)
    }

    @Test("what is known of FLUX.1 alone is not said to be another model's own")
    func otherNetworks() throws {
        let comfy = try Self.memory("txt_in.token_refiner.0.weight", [64, 64], on: .comfyUIGGUF).claims
        #expect(
            comfy[0].note
                == "1024x1024: ComfyUI's least reserve; what it estimates for this model is not known"
        )
        let other = try Self.memory("distilled_guidance_layer.x", [64, 64], on: .stableDiffusionCpp).claims
        for name in ["compute", "VAE weights"] {
            let note = other.first { $0.name == name }?.note
            #expect(note?.hasSuffix("; FLUX.1's, as this model's is not known") == true)
        }
        let flux = try Self.memory("img_in.weight", [64, 64], on: .stableDiffusionCpp).claims
        #expect(!flux.contains { $0.note.contains("not known") })
    }

    @Test("a VAE that is named stands in the place of the one that is assumed")
    func decoderBeside() throws {
        func names(_ tensor: String) throws -> [String] {
            let companion = Companion(name: "ae", bytes: 7, model: try Self.model([tensor]))
            return try Self.memory("img_in.weight", [64, 64], on: .stableDiffusionCpp, beside: [companion])
                .claims.map(\.name)
        }
        let rest = ["compute", "ae", "overhead", "margin"]
        for decoder in ["decoder.conv_in.weight", "first_stage_model.decoder.conv_in.weight"] {
            #expect(try names(decoder) == ["text encoders"] + rest)
        }
        #expect(try names("shared.weight") == ["VAE weights"] + rest)
        #expect(try names("lora.weight") == ["text encoders", "VAE weights"] + rest)
    }

    @Test("what a draft keeps is stated, and an encoder is never taken for one")
    func draftsAndEncoders() throws {
        let settings = try LlamaCppSettings(context: 4_096)
        let llama = try Model.builtIn(named: "llama-3.1-8b")
        let claims = try LlamaCpp.claims(beside: llama, named: "d", settings)
        #expect(claims.map(\.certainty) == [.computed, .stated, .stated])
        // LanguageModelFile's network by the architecture's name, with no cache of its own as BERT, with one as T5.
        let scratch = try ScratchFolder()
        let file = try LanguageModelFile()
        for architecture in ["bert", "t5", "llama-embed", "clip"] {
            let widths: KeyValuePairs = ["embedding_length": 256, "feed_forward_length": 512]
            try scratch.write(file.bytes(architecture: architecture, more: widths), "e.gguf")
            let encoder = try Model.read(path: scratch.path("e.gguf"))
            var request = CardRequest(bytes: 24 << 30)
            request.context = 4_096
            let alone = try #require(try request.command(for: llama, modelPath: "m.gguf"))
            request.companions = [Companion(name: "e.gguf", bytes: 1, model: encoder)]
            let command = try #require(try request.command(for: llama, modelPath: "m.gguf"))
            #expect(command.dropFirst(alone.count).first != "--spec-type", "\(architecture)")
            #expect(try request.llamaSettings(for: llama).scoredTokens == 1)
            let own = try LlamaCpp.claims(beside: encoder, named: "e", settings)
            #expect(!own.contains { $0.name.hasPrefix("KV cache") }, "\(architecture)")
        }
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
