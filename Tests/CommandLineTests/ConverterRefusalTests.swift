import Converters
import Foundation
import Recipes
import Tensors
import TestSupport
import Testing

/// What a converter cannot serve, and what it leaves as it is, as a user meets them.
@Suite struct ConverterRefusalTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func plan(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun.plan(arguments, in: folder.url)
    }

    private func write(_ name: String, _ text: String) throws {
        try folder.write(text, name)
    }

    /// A plan of a model given as inventory entries and a table given as text.
    private func planned(
        _ tensors: [(String, [Int], String)],
        table: String,
        converter: String,
        budget: String = "90%"
    ) throws -> ProgramRun {
        let entries = tensors.map { #"{"name": "\#($0.0)", "shape": \#($0.1), "type": "\#($0.2)"}"# }
        try write("m.json", #"{"model": "m", "tensors": [\#(entries.joined(separator: ", "))]}"#)
        try write("t.csv", table)
        return try ProgramRun.plan(
            ["--budget", budget, "--model", "m.json", "--impacts", "t.csv", "--converter", converter]
                + ["--grouping", "per tensor", "-o", "r.json"],
            in: folder.url
        )
    }

    @Test("names of the other kind of file, five dimensions and types that are not read are refused")
    func unusableTensors() throws {
        let hub = [("model.layers.0.mlp.up_proj.weight", [64, 64], "BF16")]
        for converter in ["llama-quantize", "ik_llama.cpp", "thireus"] {
            let run = try planned(
                hub,
                table: "layer,Q8_0\nmodel.layers.0.mlp.up_proj.weight,1\n",
                converter: converter
            )
            #expect(run.exitCode == 65 && run.errors.contains("convert_hf_to_gguf.py"), "\(run.errors)")
        }
        let ggml = try planned(
            [("blk.0.ffn_up.weight", [64, 64], "BF16")],
            table: "layer,MLX_A4_G64\nblk.0.ffn_up.weight,1\n",
            converter: "mlx"
        )
        #expect(
            ggml.exitCode == 65 && ggml.errors.contains("the safetensors of this model"),
            "\(ggml.errors)"
        )
        let weight = [("a.weight", [64, 64], "BF16")]
        let five = try planned(
            weight + [("patch.weight", [2, 2, 2, 2, 32], "BF16")],
            table: "layer,Q8_0\na.weight,1\npatch.weight,1\n",
            converter: "llama-quantize"
        )
        #expect(five.exitCode == 65 && five.errors.contains("5 dimensions"), "\(five.errors)")
        let mask = try planned(
            weight + [("mask", [64, 64], "BOOL")],
            table: "layer,Q8_0\na.weight,1\n",
            converter: "stable-diffusion.cpp"
        )
        #expect(mask.exitCode == 65 && mask.errors.contains("whose type BOOL it does not read"))
        let list = try plan("inspect", "m.json", "--layers", "--grouping", "per tensor").output
        #expect(list.contains("a.weight") && !list.contains("mask") && list.contains("1 tensor as BOOL"))
    }

    @Test("a layer stays as it is in its tensor's own type, and in F32 where nothing smaller holds it")
    func staying() throws {
        let table = "layer,MLX_A4_G64\na.weight,1\nb.weight,2\n"
        let mlx = try planned(
            [("a.weight", [64, 64], "F32"), ("b.weight", [64, 64], "F16")],
            table: table,
            converter: "mlx",
            budget: "1MB"
        )
        #expect(mlx.exitCode == 0, "\(mlx.errors)")
        let recipe = try RecipeReader.read(path: folder.path("r.json"))
        #expect(recipe.layers.map(\.format) == ["F32", "F16"] && recipe.impact.total == 0)
        for (converter, format) in [("cg-mixed-casting", "F16"), ("mixed-gguf-converter", "F32")] {
            let type = try #require(QuantizationFormat(named: "F16"))
            #expect(try Converters.named(converter).stayingFormat(of: type)?.name == format)
        }
    }

    @Test("a layer that the converter keeps, and a recipe of another table, are named")
    func reasons() throws {
        let experts = try planned(
            [("a.weight", [64, 64], "BF16"), ("a_exps.weight", [4, 64, 64], "BF16")],
            table: "layer,float8_e4m3fn\na.weight,1\na_exps.weight,1\n",
            converter: "comfyui"
        )
        #expect(experts.errors.contains("as comfyui never quantizes"), "\(experts.errors)")
        let weight = [("a.weight", [64, 64], "BF16")]
        let first = try planned(weight, table: "layer,Q8_0\na.weight,1\n", converter: "llama-quantize")
        #expect(first.exitCode == 0, "\(first.errors)")
        try write("other.csv", "layer,Q8_0\na.weight,2\n")
        func nested(_ table: String) throws -> ProgramRun {
            try plan(
                "--budget",
                "90%",
                "--model",
                "m.json",
                "--impacts",
                table,
                "--nested-in",
                "r.json",
                "-o",
                "n.json"
            )
        }
        #expect(try nested("other.csv").errors.contains("--nested-in was planned on the table \"t\""))
        #expect(try !nested("t.csv").errors.contains("--nested-in"))
    }
}
