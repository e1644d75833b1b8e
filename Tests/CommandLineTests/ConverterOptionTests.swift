import Foundation
import Recipes
import TestSupport
import Testing

/// Converters, tables of other programs and second budgets, as a user meets them.
@Suite struct ConverterOptionTests {
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

    private func recipe(_ name: String) throws -> Recipe {
        try RecipeReader.read(path: folder.path(name))
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
        #expect(recipe.size.bytes == 16320 && recipe.size.exact == .plannedLayers)
        let check = try plan("check", "r.json", "--model", "m.json", "--impacts", "measurement.json")
        #expect(check.exitCode == 0, "\(check.errors)\(check.output)")
        let export = try plan("export", "r.json", "--converter", "mlx", "--model", "m.json")
        #expect(export.exitCode == 65 && export.errors.contains("mlx cannot make exl2-0"))
    }

    @Test("a measurement of exllamav3 is planned by its own groups of modules")
    func exllamaGroups() throws {
        try writeModel()
        let experts = (0..<4).map { "model.layers.1.mlp.experts.\($0).up_proj" }
        let groups: [([String], change: Double, bits: Int)] = [
            (["model.layers.0.self_attn.q_proj", "model.layers.0.mlp.up_proj"], -0.3, 16384),
            (["model.layers.1.self_attn.q_proj"], -0.1, 8192), (experts, -0.2, 16384),
        ]
        let texts = groups.map { modules, change, bits in
            #"{"layers": \#(modules), "candidates": [{"dkld": \#(change), "dbits": \#(bits)}]}"#
        }
        try write(
            "measurement.json",
            #"{"base": {"bpw": 2}, "alts": [{"bpw": 4}], "groups": [\#(texts.joined(separator: ", "))]}"#
        )
        // All else takes 8,320 bytes in F16, the base's groups 5,120, and what is left 3,072.
        let options = ["--model", "m.json", "--impacts", "measurement.json"]
        let run = try ProgramRun.plan(["--budget", "16512", "-o", "r.json"] + options, in: folder.url)
        #expect(run.exitCode == 0, "\(run.errors)")
        let recipe = try recipe("r.json")
        #expect(recipe.layers.map(\.format).sorted() == ["exl3-2.00bpw", "exl3-4.00bpw", "exl3-4.00bpw"])
        #expect(recipe.layers.first { $0.tensors.count == 4 }?.format == "exl3-2.00bpw")
        #expect(recipe.size.bytes == 16512)
        let check = try ProgramRun.plan(["check", "r.json"] + options, in: folder.url)
        #expect(check.exitCode == 0, "\(check.errors)\(check.output)")
    }

    @Test("8-bit floats that are stored with a scale are planned by what that costs, where the table says it")
    func scaledFloats() throws {
        let names = (0..<4).map { "blocks.\($0).attn.proj" }
        let tensors = names.map { #"{"name": "\#($0).weight", "shape": [64, 64]}"# }
        try write("m.json", #"{"model": "m", "tensors": [\#(tensors.joined(separator: ", "))]}"#)
        let rows = names.enumerated().map { "\($1).weight,\($0 + 5),\(4 - $0)\n" }.joined()
        try write("both.csv", "layer,float8_e4m3fn,float8_e4m3fn_scaled\n" + rows)
        let plain = names.enumerated().map { "\($1).weight,\($0 + 5)\n" }.joined()
        try write("plain.csv", "layer,float8_e4m3fn\n" + plain)
        for converter in ["comfyui", "convert_to_quant"] {
            for (table, format, kept) in [
                ("both", "float8_e4m3fn_scaled", [0, 1]), ("plain", "float8_e4m3fn", [2, 3]),
            ] {
                // Two of the four fit in 16 bits.
                let run = try plan(
                    "--budget",
                    "28600",
                    "--model",
                    "m.json",
                    "--impacts",
                    "\(table).csv",
                    "--converter",
                    converter,
                    "--grouping",
                    "per tensor",
                    "-o",
                    "r.json",
                    "--force"
                )
                #expect(run.exitCode == 0, "\(run.errors)")
                let formats = try recipe("r.json").layers.map(\.format)
                #expect(
                    formats == (0..<4).map { kept.contains($0) ? "BF16" : format },
                    "\(converter): \(formats)"
                )
                let export = try plan(
                    "export",
                    "r.json",
                    "--converter",
                    converter,
                    "--model",
                    "m.json",
                    "-o",
                    "-"
                )
                #expect(
                    export.exitCode == 0 && export.output.contains(#""format": "float8_e4m3fn""#),
                    "\(export.errors)"
                )
                #expect(!export.output.contains("_scaled"))
            }
        }
        // Without a scale it is another format, which ComfyUI's caster stores.
        let cast = try plan("--budget", "28600", "--model", "m.json", "--impacts", "both.csv", "-o", "c.json")
        #expect(cast.exitCode == 0, "\(cast.errors)")
    }

    @Test("what a converter cannot serve is refused before solving, with its sentence")
    func refused() throws {
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
        let run = try plan("inspect", "flux1-dev", "--layers")
        #expect(run.exitCode == 0)
        #expect(run.output.contains("grouping \"flux\": 76 layers") && run.output.contains("(the streams"))
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
}
