import Recipes
import Tensors
import TestSupport
import Testing

@testable import Checkpoints
@testable import Converters

/// Commands that are shown to be pasted: right for the model's own files, or a sentence where there is none.
@Suite struct UsageTests {
    private func recipe(_ format: String = "Q8_0", name: String = "a.weight") throws -> Recipe {
        let tensors = [try TensorInfo(name: name, shape: [64, 256])]
        return try RecipeFixtures.recipe(tensors: tensors) { _ in format }
    }

    @Test("a command names the user's own file where the converter can read it")
    func sources() throws {
        let llama = try Converters.named("llama-quantize")
        let own = SourceFiles(paths: ["my model.gguf"])
        #expect(try llama.usage(of: recipe(), file: "t", source: own).contains("'my model.gguf' tiny-mixed"))
        #expect(try !llama.usage(of: recipe(), file: "t", source: own).contains("stands for"))
        let other = try llama.usage(of: recipe(), file: "t", source: SourceFiles(paths: ["m.safetensors"]))
        #expect(other.contains("tiny-BF16.gguf tiny-mixed"))
        #expect(other.contains("tiny-BF16.gguf stands for the model's file"))
    }

    @Test(
        "a model in several files has no command where the converter would make a part of it",
        arguments: ["stable-diffusion.cpp", "mixed-gguf-converter", "convert_to_quant"]
    )
    func shards(name: String) throws {
        let converter = try Converters.named(name)
        let shards = SourceFiles(paths: ["a-1.safetensors", "a-2.safetensors"])
        let usage = try converter.usage(of: recipe(), file: "t", source: shards)
        #expect(usage.contains("this one is in 2") && !usage.contains("a-1"))
        let command = try converter.usage(
            of: recipe(),
            file: "t",
            source: SourceFiles(paths: ["a.safetensors"])
        )
        #expect(command.contains("a.safetensors") && !command.contains("stands for"))
        // The programs of llama.cpp find the other parts by themselves.
        let llama = try Converters.named("llama-quantize")
        let parts = SourceFiles(paths: ["a-1.gguf", "a-2.gguf"])
        #expect(try llama.usage(of: recipe(), file: "t", source: parts).contains("a-1.gguf tiny-mixed"))
    }

    @Test(
        "image models have no command of llama.cpp's programs",
        arguments: ["llama-quantize", "ik_llama.cpp"]
    )
    func imageModels(name: String) throws {
        let converter = try Converters.named(name)
        let flux = try recipe(name: "double_blocks.0.img_mlp.0.weight")
        for usage in [
            converter.usage(of: flux, file: "t"),
            try converter.usage(
                of: recipe(),
                file: "t",
                source: SourceFiles(paths: ["m.gguf"], architecture: "wan")
            ),
        ] {
            #expect(usage.contains("refuses models of the architecture") && !usage.contains("--"))
        }
        let llama = SourceFiles(paths: ["m.gguf"], architecture: "llama")
        #expect(try converter.usage(of: recipe(), file: "t", source: llama).contains("m.gguf tiny-mixed"))
    }

    /// Names that tell a diffusion model, as its publisher gives them and as diffusers does.
    static let diffusionNames = [
        [
            "time_text_embed.timestep_embedder.linear_2.weight",
            "transformer_blocks.0.attn.norm_added_q.weight",
            "transformer_blocks.0.img_mod.1.weight",
        ],
        ["caption_projection.0.linear.weight", "double_stream_blocks.0.block.ff_i.shared_experts.w3.weight"],
        [
            "adaln_single.emb.timestep_embedder.linear_2.weight", "transformer_blocks.27.scale_shift_table",
            "caption_projection.linear_2.weight",
        ],
        ["joint_blocks.0.x_block.attn.qkv.weight"], ["transformer_blocks.0.attn.add_q_proj.weight"],
        ["label_emb.0.0.weight"],
        ["down_blocks.0.downsamplers.0.conv.weight", "add_embedding.linear_1.weight"],
        ["blocks.0.self_attn.norm_q.weight", "text_embedding.2.weight", "head.modulation"],
        ["condition_embedder.text_embedder.linear_2.weight"],
        ["cap_embedder.1.weight", "context_refiner.0.attention.qkv.weight"],
        ["context_refiner.0.attention.to_q.weight"], ["transformer_blocks.0.attn.norm_added_k.weight"],
    ]

    @Test(
        "image models in safetensors, which do not say what they are, have no command of llama.cpp's programs",
        arguments: ["llama-quantize", "ik_llama.cpp"],
        diffusionNames
    )
    func namedImageModels(name: String, names: [String]) throws {
        let converter = try Converters.named(name)
        let source = SourceFiles(paths: ["m.safetensors"])
        for prefix in ["", "model.diffusion_model."] {
            let tensors = try (names + ["other.weight"]).map {
                try TensorInfo(name: prefix + $0, shape: [64, 256])
            }
            let usage = converter.usage(
                of: try RecipeFixtures.recipe(tensors: tensors) { _ in "Q8_0" },
                file: "t",
                source: source
            )
            #expect(usage.contains("refuses models of the architecture") && !usage.contains("--"), "\(usage)")
        }
    }

    @Test(
        "a source of another alignment is told to be written at 32, which is what llama.cpp writes",
        arguments: ["llama-quantize", "ik_llama.cpp"]
    )
    func alignment(name: String) throws {
        let converter = try Converters.named(name)
        let override = "--override-kv general.alignment=int:32 "
        for (alignment, isTold) in [(32, false), (64, true), (8, true)] {
            let entry = GGUFMetadata("general.alignment", .uint32(UInt32(alignment)))
            let model = try Model(
                name: "m",
                tensors: [try TensorInfo(name: "a.weight", shape: [64, 256])],
                kind: .gguf,
                metadata: [entry],
                files: [ModelFile(path: "m.gguf", byteCount: 1, headerByteCount: 0)]
            )
            let usage = try converter.usage(of: recipe(), file: "t", source: SourceFiles(model))
            #expect(usage.contains(override) == isTold, "\(alignment)")
            #expect(usage.contains("m.gguf tiny-mixed"))
        }
    }

    @Test(
        "the importance matrix of the table is part of the command, and what stands for one is said to",
        arguments: [("llama-quantize", "imatrix.gguf"), ("ik_llama.cpp", "imatrix.dat")]
    )
    func importance(name: String, placeholder: String) throws {
        let converter = try Converters.named(name)
        #expect(try !converter.usage(of: recipe(), file: "t").contains("imatrix"))
        let recipe = try recipe().changed {
            $0.importance = .init(name: "my matrix.gguf", digest: "fnv1a64:12")
        }
        let own = converter.usage(of: recipe, file: "t")
        #expect(own.hasPrefix("llama-quantize --imatrix 'my matrix.gguf' --"))
        #expect(own.contains("fnv1a64:12"))
        let needed = try converter.usage(of: self.recipe("IQ2_XS"), file: "t")
        #expect(needed.hasPrefix("llama-quantize --imatrix \(placeholder) --"))
        #expect(needed.contains("\(placeholder) stands for an importance matrix"))
        let alike = try self.recipe().changed { $0.impacts.encoderImportance = "ones" }
        let ones = converter.usage(of: alike, file: "t")
        #expect(ones.contains("with a matrix of ones alone: without one it makes another file"), "\(ones)")
    }

    @Test("nothing is copied over a configuration of the user's own")
    func copies() throws {
        let mixed = try Converters.named("mixed-gguf-converter")
        let usage = try mixed.usage(
            of: recipe(),
            file: "my file.yaml",
            source: SourceFiles(paths: ["flux.safetensors"])
        )
        #expect(!usage.contains("cp ") && usage.contains("Add the entry '6_05' of 'my file.yaml'"))
        // The command is run in another folder, where a relative path leads nowhere.
        #expect(
            usage.firstMatch(of: /python convert\.py --load \/\S*\/flux\.safetensors --config 6_05/) != nil
        )
        let cg = try Converters.named("cg-mixed-casting").usage(of: recipe(), file: "plan.yaml")
        #expect(cg.hasPrefix("cp -i plan.yaml "))
        let thireus = try Converters.named("thireus")
        #expect(try thireus.usage(of: recipe(), file: "x.recipe.txt") == "quant_downloader.sh x.recipe.txt")
        #expect(try !thireus.usage(of: recipe(), file: "x.txt").contains("quant_downloader"))
    }

    @Test("a plan that quantizes nothing has no command for MLX")
    func nothingToQuantize() throws {
        let mlx = try Converters.named("mlx")
        #expect(
            try mlx.usage(of: recipe("BF16"), file: "t")
                == "The plan quantizes nothing: use the model as it is."
        )
    }
}
