import Foundation
import Recipes
import Tensors
import TestSupport
import Testing

/// Converters, tables of other programs and second budgets, as a user meets them.
@Suite struct ConverterOptionTests {
    private let folder: URL

    init() throws {
        folder = try makeScratchFolder()
    }

    private func plan(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun.plan(arguments, in: folder)
    }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }

    private func recipe(_ name: String) throws -> Recipe {
        try RecipeReader.read(path: folder.appendingPathComponent(name).path)
    }

    /// A small language model with a layer of experts, as it is on the hub.
    private func writeModel() throws {
        var tensors = ["model.embed_tokens.weight": [64, 64]]
        for layer in 0..<2 {
            for part in ["self_attn.q_proj", "mlp.up_proj"] where layer == 0 || part.hasPrefix("self") {
                tensors["model.layers.\(layer).\(part).weight"] = [64, 64]
            }
        }
        for expert in 0..<4 { tensors["model.layers.1.mlp.experts.\(expert).up_proj.weight"] = [32, 64] }
        tensors["model.norm.weight"] = [64]
        let entries = tensors.sorted { $0.key < $1.key }.map {
            #"{"name": "\#($0.key)", "shape": \#($0.value)}"#
        }
        try write("m.json", #"{"model": "tiny", "tensors": [\#(entries.joined(separator: ", "))]}"#)
    }

    @Test("sensitivities of mlx_lm are planned by module, weighed by parameters, and checked again")
    func mlx() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try writeModel()
        let paths = [
            "model.embed_tokens", "model.layers.0.mlp.up_proj", "model.layers.0.self_attn.q_proj",
            "model.layers.1.mlp.switch_mlp.up_proj", "model.layers.1.self_attn.q_proj",
        ]
        let pairs = paths.enumerated().map { #"["\#($1)", \#(Double($0 + 1) / 64)]"# }
        try write("s.json", "[\(pairs.joined(separator: ", "))]")
        let unnamed = try plan("--budget", "60%", "--model", "m.json", "--impacts", "s.json")
        #expect(unnamed.exitCode == 65 && unnamed.errors.contains("--low-format"))
        let run = try plan(
            "--budget",
            "60%",
            "--model",
            "m.json",
            "--impacts",
            "s.json",
            "--low-format",
            "MLX_A4_G64",
            "--high-format",
            "MLX_A8_G64",
            "--converter",
            "mlx",
            "-o",
            "r.json"
        )
        #expect(run.exitCode == 0, "\(run.errors)")
        let recipe = try recipe("r.json")
        #expect(Set(recipe.layers.map(\.layer)) == Set(paths))
        // The gain is per million weights: 4 / 64 times 8,192 of them, or nothing.
        let experts = try #require(recipe.layers.first { $0.layer.contains("switch_mlp") })
        #expect(experts.tensors.count == 4)
        #expect(experts.impact == 0 || experts.impact == 4.0 / 64 * 8192 / 1e6)
        let check = try plan("check", "r.json", "--model", "m.json", "--impacts", "s.json")
        #expect(check.exitCode == 0, "\(check.errors)\(check.output)")
        #expect(try plan("export", "r.json", "--converter", "mlx", "--model", "m.json").exitCode == 0)
    }

    @Test("a measurement of exllamav2 is planned with the sizes it brings along")
    func exllama() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try writeModel()
        let modules = ["0.self_attn", "0.mlp", "1.self_attn", "1.mlp"].map {
            #""model.layers.\#($0)": [{"accuracy": 0.9, "total_bits": 8000}, {"accuracy": 0.99, "total_bits": 24000}]"#
        }
        try write("measurement.json", #"{"measurement": {\#(modules.joined(separator: ", "))}}"#)
        let run = try plan(
            "--budget",
            "16320",
            "--model",
            "m.json",
            "--impacts",
            "measurement.json",
            "-o",
            "r.json"
        )
        #expect(run.exitCode == 0, "\(run.errors)")
        let recipe = try recipe("r.json")
        // Embedding and norm take 8,320 bytes in F16, so two of the four may take the larger option.
        #expect(recipe.layers.map(\.format).sorted() == ["exl2-01", "exl2-01", "exl2-02", "exl2-02"])
        #expect(recipe.size.bytes == 16320 && recipe.size.exact == "plannedLayers")
        let check = try plan("check", "r.json", "--model", "m.json", "--impacts", "measurement.json")
        #expect(check.exitCode == 0, "\(check.errors)\(check.output)")
        let export = try plan("export", "r.json", "--converter", "mlx", "--model", "m.json")
        #expect(export.exitCode == 65 && export.errors.contains("mlx cannot make exl2-0"))
    }

    @Test("what a converter cannot serve is refused before solving, with its sentence")
    func refused() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try write(
            "m.json",
            #"{"model": "m", "tensors": [{"name": "a,b.weight", "shape": [64, 64]}]}"#
        )
        try write("i.csv", "layer,Q8_0\n\"a,b.weight\",1\n")
        let name = try plan(
            "--budget",
            "1B",
            "--model",
            "m.json",
            "--impacts",
            "i.csv",
            "--converter",
            "thireus"
        )
        #expect(name.exitCode == 65)
        #expect(name.errors.contains("has a comma, which no rule for thireus can hold"))
        let model = try plan(
            "--budget",
            "1GB",
            "--model",
            "llama-3.1-8b",
            "--impacts",
            "flux1-dev-table3",
            "--converter",
            "cg-mixed-casting"
        )
        #expect(model.exitCode == 65)
        #expect(model.errors.contains("cg-mixed-casting reads FLUX.1's 19 double and 38 single blocks only"))
    }

    @Test("a recipe's slowdown is checked against its own table of costs")
    func slowdown() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try write("costs.csv", "format,cost\nBF16,1\nQ8_0,1.1\nQ5_1,1.2\nQ4_1,1.3\n")
        try write("others.csv", "format,cost\nBF16,1\nQ8_0,1.1\nQ5_1,1.2\nQ4_1,1.6\n")
        let run = try plan(
            "--budget",
            "10GB",
            "--formats",
            "Q4_1,Q5_1,Q8_0",
            "--slowdown",
            "1.2",
            "--costs",
            "costs.csv",
            "-o",
            "r.json"
        )
        #expect(run.exitCode == 0, "\(run.errors)")
        let recipe = try recipe("r.json")
        #expect(recipe.slowdown?.factor == 1.2)
        #expect(try plan("check", "r.json", "--costs", "costs.csv").exitCode == 0)
        let unchecked = try plan("check", "r.json")
        #expect(unchecked.exitCode == 0 && unchecked.errors.contains("was not checked"))
        #expect(try plan("check", "r.json", "--costs", "others.csv").exitCode == 65)
        let forced = try plan("check", "r.json", "--costs", "others.csv", "--force")
        #expect(forced.exitCode == 1 && forced.output.contains("slowdown"))
        let published = packageRoot.appendingPathComponent("plans/flux1-dev-9GB.json").path
        #expect(try plan("check", published, "--costs", "costs.csv").exitCode == 64)
    }

    @Test("inspect lists a model's layers, and merges only numbers that count")
    func layers() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let run = try plan("inspect", "flux1-dev", "--layers")
        #expect(run.exitCode == 0)
        #expect(run.output.contains("grouping 'flux': 76 layers"))
        #expect(run.output.contains("layer18.txt"))
        let json = try plan(
            "inspect",
            "qwen3-30b-a3b",
            "--layers",
            "--grouping",
            "per-tensor",
            "--format",
            "json"
        )
        // Routers are kept, as every converter keeps them.
        #expect(json.output.contains("blk.0.attn_q.weight") && !json.output.contains("ffn_gate_inp"))
        let tensors = try plan("inspect", "flux1-dev").output
        #expect(tensors.contains("double_blocks.*.img_mlp.0.weight"))
        #expect(tensors.contains("double_blocks.*.img_mlp.2.weight"))
        #expect(try plan("inspect", "flux1-dev", "--grouping", "flux").exitCode == 64)
        #expect(try plan("inspect", "flux1-dev", "--layers", "--grouping", "sd3").exitCode == 65)
        #expect(try plan("inspect", "flux1-dev", "--layers", "--formats", "Q9").exitCode == 64)
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
            in: folder
        )
    }

    @Test("names of the other kind of file, five dimensions and types that are not read are refused")
    func unusableTensors() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
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
        #expect(ggml.exitCode == 65 && ggml.errors.contains("naming the safetensors of this model"))
        let weight = [("a.weight", [64, 64], "BF16")]
        for converter in ["llama-quantize", "stable-diffusion.cpp"] {
            let run = try planned(
                weight + [("patch.weight", [2, 2, 2, 2, 32], "BF16")],
                table: "layer,Q8_0\na.weight,1\npatch.weight,1\n",
                converter: converter
            )
            #expect(run.exitCode == 65 && run.errors.contains("5 dimensions"), "\(run.errors)")
        }
        let mask = try planned(
            weight + [("mask", [64, 64], "BOOL")],
            table: "layer,Q8_0\na.weight,1\n",
            converter: "stable-diffusion.cpp"
        )
        #expect(mask.exitCode == 65 && mask.errors.contains("whose type BOOL it does not read"))
        let list = try plan("inspect", "m.json", "--layers", "--grouping", "per tensor").output
        #expect(list.contains("a.weight") && !list.contains("mask") && list.contains("1 tensors as BOOL"))
    }

    @Test("a layer stays as it is in its tensor's own type, and in F32 where nothing smaller holds it")
    func staying() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let table = "layer,MLX_A4_G64\na.weight,1\nb.weight,2\n"
        let mlx = try planned(
            [("a.weight", [64, 64], "F32"), ("b.weight", [64, 64], "F16")],
            table: table,
            converter: "mlx",
            budget: "1MB"
        )
        #expect(mlx.exitCode == 0, "\(mlx.errors)")
        let recipe = try recipe("r.json")
        #expect(recipe.layers.map(\.format) == ["F32", "F16"] && recipe.impact.total == 0)
        for (converter, format) in [("cg-mixed-casting", "F16"), ("mixed-gguf-converter", "F32")] {
            let type = try #require(QuantizationFormat(named: "F16"))
            #expect(try Converters.named(converter).stayingFormat(of: type)?.name == format)
        }
    }

    @Test("a layer that the converter keeps, and a recipe of another table, are named")
    func reasons() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let experts = try planned(
            [("a.weight", [64, 64], "BF16"), ("a_exps.weight", [4, 64, 64], "BF16")],
            table: "layer,float8_e4m3fn\na.weight,1\na_exps.weight,1\n",
            converter: "comfyui"
        )
        #expect(experts.exitCode == 65 && experts.errors.contains("comfyui never quantizes the layer"))
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
