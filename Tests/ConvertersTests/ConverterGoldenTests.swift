import Checkpoints
import Converters
import Recipes
import Tensors
import Testing

@testable import Converters

/// What is written, to the byte.
@Suite struct ConverterGoldenTests {
    /// Five tensors of a language model.
    private static func tinyModel() throws -> [TensorInfo] {
        [
            try TensorInfo(name: "token_embd.weight", shape: [512, 256]),
            try TensorInfo(name: "blk.0.attn_norm.weight", shape: [256]),
            try TensorInfo(name: "blk.0.attn_q.weight", shape: [256, 256]),
            try TensorInfo(name: "blk.10.attn_q.weight", shape: [256, 256]),
            try TensorInfo(name: "blk.2.attn_q.weight", shape: [256, 256]),
            try TensorInfo(name: "blk.2.ffn_down.weight", shape: [256, 256]),
        ]
    }

    private static func tinyRecipe() throws -> Recipe {
        try RecipeFixtures.recipe(tensors: try tinyModel()) { layer in
            switch layer.name {
            case "token_embd.weight": "Q8_0"
            case "blk.10.attn_q.weight", "blk.0.attn_q.weight": "Q4_K"
            case "blk.2.attn_q.weight": "IQ4_XS"
            default: "BF16"
            }
        }
    }

    @Test(
        "rules are written to the byte",
        arguments: [
            (
                "llama-quantize",
                #"""
                ^token_embd\.weight$=q8_0
                ^blk\.0\.attn_q\.weight$=q4_K
                ^blk\.10\.attn_q\.weight$=q4_K
                ^blk\.2\.attn_q\.weight$=iq4_xs
                ^blk\.2\.ffn_down\.weight$=bf16

                """#
            ),
            (
                "thireus",
                #"""
                ^token_embd\.weight$=q8_0
                ^blk\.0\.attn_norm\.weight$=f32
                ^blk\.0\.attn_q\.weight$=q4_K
                ^blk\.10\.attn_q\.weight$=q4_K
                ^blk\.2\.attn_q\.weight$=iq4_xs
                ^blk\.2\.ffn_down\.weight$=bf16

                """#
            ),
            (
                "ik_llama.cpp",
                #"""
                ^token_embd\.weight$=q8_0,^blk\.(0|10)\.attn_q\.weight$=q4_K,^blk\.2\.attn_q\.weight$=iq4_xs,\#
                ^blk\.2\.ffn_down\.weight$=bf16

                """#
            ),
            (
                "stable-diffusion.cpp",
                #"""
                ^(model\.diffusion_model\.)?token_embd\.weight$=q8_0,\#
                ^(model\.diffusion_model\.)?blk\.0\.attn_norm\.weight$=f32,\#
                ^(model\.diffusion_model\.)?blk\.(0|10)\.attn_q\.weight$=q4_K,\#
                ^(model\.diffusion_model\.)?blk\.2\.attn_q\.weight$=iq4_xs,\#
                ^(model\.diffusion_model\.)?blk\.2\.ffn_down\.weight$=bf16

                """#
            ),
        ]
    )
    func rules(name: String, expected: String) throws {
        let converter = try Converters.named(name)
        #expect(try RecipeFixtures.text(converter, try Self.tinyRecipe(), try Self.tinyModel()) == expected)
    }

    @Test("FLUX.1-dev at 9 GB is written for cg-mixed-casting")
    func mixedCasting() throws {
        let (model, recipe) = try RecipeFixtures.fluxNineGigabytes()
        let text = try RecipeFixtures.text(try Converters.named("cg-mixed-casting"), recipe, model.tensors)
        #expect(
            text == """
                # made by plan
                casts:
                  - layers: 3, 5-18
                    blocks: img
                    castto: Q5_1
                  - layers: 1-2, 4
                    blocks: img
                    castto: Q8_0
                  - layers: '0'
                    blocks: img
                    castto: none
                  - layers: '18'
                    blocks: txt
                    castto: Q4_1
                  - layers: 1-6, 10, 12-17
                    blocks: txt
                    castto: Q5_1
                  - layers: 0, 7-9, 11
                    blocks: txt
                    castto: Q8_0
                  - layers: 19-52, 55-56
                    blocks:
                    castto: Q4_1
                  - layers: 53-54
                    blocks:
                    castto: Q5_1

                """
        )
    }

    @Test("whole blocks are written for mixed-gguf-converter")
    func mixedGGUF() throws {
        let model = try Model.builtIn(named: "flux1-schnell")
        let recipe = try RecipeFixtures.recipe(tensors: model.tensors, grouping: .flux) { layer in
            layer.name.hasPrefix("layer07") ? "Q5_K" : layer.name.hasSuffix(".x") ? "Q4_1" : "BF16"
        }
        let converter = try Converters.named("mixed-gguf-converter")
        #expect(
            try RecipeFixtures.text(converter, recipe, model.tensors) == """
                configurations:
                  '6_05':
                    casts:
                    - castto: Q4_1
                      layers: 19-56
                    - castto: BF16
                      layers: 0-6, 8-18
                    - castto: Q5_K_S
                      layers: '7'
                    notes: made by plan
                metadata:
                  native: Q4_1,Q5_1,Q8_0,BF16,F32

                """
        )
        #expect(
            converter.usage(of: recipe, file: "my file.yaml") == """
                Add the entry '6_05' of 'my file.yaml' to the configurations in the converter's own configurations.yaml, \
                which keeps those that are there. Then, in the converter's folder:
                python convert.py --load tiny.safetensors --config 6_05 --patch tiny-Q5_K_S.gguf
                It copies from tiny-Q5_K_S.gguf, which must be there.
                tiny.safetensors stands for the model's file.
                """
        )
    }

    @Test("float8 modules are written as JSON")
    func float8() throws {
        let tensors = [
            try TensorInfo(name: "img_in.weight", shape: [64, 64], elementType: .f16),
            try TensorInfo(name: "img_in.bias", shape: [64], elementType: .f16),
            try TensorInfo(name: "blocks.0.proj.weight", shape: [64, 64], elementType: .f16),
        ]
        let recipe = try RecipeFixtures.recipe(tensors: tensors) { layer in
            layer.name.hasPrefix("img") ? "F16" : "float8_e4m3fn"
        }
        #expect(
            try RecipeFixtures.text(try Converters.named("comfyui"), recipe, tensors) == """
                {"format_version": "1.0", "layers": {"blocks.0.proj": {"format": "float8_e4m3fn"}}}

                """
        )
        #expect(
            try RecipeFixtures.text(try Converters.named("convert_to_quant"), recipe, tensors) == #"""
                {"^img_in$": {"skip": true}, "^blocks\\.0\\.proj$": {"format": "float8_e4m3fn"}}

                """#
        )
    }

    @Test("a base type is given that rules are read under and that no rule asks for")
    func baseType() throws {
        let recipe = try Self.tinyRecipe()
        let usage = try Converters.named("llama-quantize").usage(of: recipe, file: "-types.txt")
        #expect(
            usage.hasPrefix(
                """
                llama-quantize --tensor-type-file ./-types.txt \\
                  tiny-BF16.gguf tiny-mixed.gguf Q5_1

                """
            )
        )
    }
}
