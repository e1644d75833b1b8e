import Checkpoints
import Foundation
import Recipes
import Tensors
import TestSupport
import Testing

@Suite("Diffusion models that are planned for the GGUF file that ComfyUI-GGUF loads")
struct DiffusionPlanTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    /// Writes a model of FLUX's names, with other parts of a checkpoint beside it where it is a whole one.
    private func writeModel(isWhole: Bool = false, type: String = "BF16", seed: Int = 1) throws {
        var file = SafetensorsBytes()
        let prefix = isWhole ? "model.diffusion_model." : ""
        for block in 0..<4 {
            let name = prefix + "double_blocks.\(block).img_attn.proj.weight"
            let values = drawnWeights(64 * 256, seed: seed + block)
            if type == "F32" {
                file.add(name, [64, 256], values)
            } else {
                let bytes = values.flatMap { SafetensorsBytes.bytes(of: UInt16($0.bitPattern >> 16)) }
                file.add(name, type, [64, 256], bytes)
            }
        }
        if isWhole {
            for name in ["first_stage_model.decoder.conv_in.weight", "cond_stage_model.a.weight"] {
                file.add(name, [64, 256], drawnWeights(64 * 256, seed: 9))
            }
        }
        try folder.write(file.bytes, "m.safetensors")
    }

    private func writeTable(_ head: String, _ row: String) throws {
        let names = (0..<4).map { "double_blocks.\($0).img_attn.proj.weight" }
        let text = "# kind: amplitude\nlayer,\(head)\n" + names.map { "\($0),\(row)\n" }.joined()
        try folder.write(Array(text.utf8), "t.csv")
    }

    private func formats(_ recipe: String) throws -> Set<String> {
        Set(try RecipeReader.read(path: folder.path(recipe)).layers.map(\.format))
    }

    @Test("formats that ComfyUI-GGUF decodes slowly are left out and named, unless a runtime or formats are")
    func slowFormats() throws {
        try writeModel()
        try writeTable("Q4_0,NVFP4,Q8_0", "0.3,0.1,0.05")
        let options = "--model m.safetensors --impacts t.csv --grouping per-tensor"
        let words = "--budget 35% \(options)"
        let usual = try folder.plan(words + " -o a.json")
        #expect(usual.exitCode == 0, "\(usual.errors)")
        #expect(
            usual.errors.contains("NVFP4 is left out, as ComfyUI-GGUF decodes it slowly"),
            "\(usual.errors)"
        )
        #expect(try formats("a.json").contains("Q4_0") && !formats("a.json").contains("NVFP4"))
        let check = try folder.plan("check a.json --model m.safetensors --impacts t.csv")
        #expect(check.exitCode == 0 && check.output.contains("solved again: optimal"), "\(check.output)")
        let others = [
            "--runtime stable-diffusion.cpp", "--formats NVFP4,Q8_0", "--converter none", "--pin *=NVFP4",
        ]
        for (index, more) in others.enumerated() {
            let run = try folder.plan(words + " -o \(index).json \(more)")
            #expect(run.exitCode == 0, "\(more): \(run.errors)")
            #expect(try formats("\(index).json").contains("NVFP4"), "\(more)")
            #expect(!run.errors.contains("left out"), "\(more): \(run.errors)")
        }
        let compared = try folder.plan("compare --budgets 35%,60% \(options) --format json")
        #expect(compared.exitCode == 0 && !compared.output.contains("NVFP4"), "\(compared.output)")
        let quantized = try folder.plan("quantize m.safetensors --budget 35% --grouping per-tensor -o q.gguf")
        #expect(quantized.exitCode == 0, "\(quantized.errors)")
        let made = try Model.read(path: folder.path("q.gguf"))
        for tensor in made.tensors {
            let slow = ["NVFP4", "MXFP4", "Q1_0", "Q2_0", "TQ1_0", "TQ2_0", "IQ3_S"]
            #expect(!slow.contains(tensor.elementType?.name ?? ""), "\(tensor)")
        }
    }

    @Test(
        "of a whole checkpoint the diffusion model is measured, planned and written, as is said, and checked"
    )
    func checkpoint() throws {
        try writeModel(isWhole: true)
        let estimate = try folder.plan(
            "estimate m.safetensors --formats Q4_0,Q8_0 --grouping per-tensor -o i.csv"
        )
        #expect(estimate.exitCode == 0, "\(estimate.errors)")
        #expect(estimate.errors.contains("diffusion model, which alone is planned and written"))
        let solve = try folder.plan(
            "--budget 50% --model m.safetensors --impacts i.csv --grouping per-tensor -o r.json"
        )
        #expect(solve.exitCode == 0, "\(solve.errors)")
        #expect(solve.errors.contains("1 tensor of first_stage_model., 1 tensor of cond_stage_model. beside"))
        let next = try #require(solve.output.firstMatch(of: /Next    plan (quantize .* -o (\S+))\n$/))
        let written = try folder.plan(String(next.1))
        #expect(written.exitCode == 0 && written.output.contains(", as planned"), "\(written.errors)")
        let made = try Model.read(path: folder.path(String(next.2)))
        #expect(made.metadataValue(for: "general.architecture") == .string("flux"))
        #expect(
            Set(made.tensors.map(\.name))
                == Set((0..<4).map { "double_blocks.\($0).img_attn.proj.weight" })
        )
        for words in [
            "r.json \(next.2) --model m.safetensors", "r.json --model m.safetensors --impacts i.csv",
        ] {
            let check = try folder.plan("check \(words)")
            #expect(check.exitCode == 0, "\(words): \(check.output)\(check.errors)")
        }
        // One command does the same; another converter plans the whole.
        let one = try folder.plan(
            "quantize m.safetensors --budget 50% --impacts i.csv --grouping per-tensor -o one.gguf"
        )
        #expect(one.exitCode == 0, "\(one.errors)")
        #expect(try folder.data("one.gguf") == folder.data(String(next.2)))
    }

    @Test(
        "another converter makes the whole checkpoint, of which a table of the diffusion model leaves the rest as it is",
        arguments: [
            "", " --grouping per-tensor", " --grouping flux",
            " --keep cond_stage_model.*=F16 --keep first_stage_model.*",
        ]
    )
    func wholeCheckpoint(words: String) throws {
        try writeModel(isWhole: true)
        let grouping = words.contains("--grouping") ? words : ""
        let estimate = try folder.plan("estimate m.safetensors --formats Q4_0,Q8_0 -o i.csv\(grouping)")
        #expect(estimate.exitCode == 0, "\(estimate.errors)")
        let run = try folder.plan(
            "--budget 90% --model m.safetensors --impacts i.csv --converter stable-diffusion.cpp -o r.json\(words)"
        )
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.errors.contains("with a table of the diffusion model alone the others are kept"))
        let kept = Dictionary(
            uniqueKeysWithValues: try RecipeReader.read(path: folder.path("r.json")).kept.map {
                ($0.tensor, $0.format)
            }
        )
        #expect(kept["first_stage_model.decoder.conv_in.weight"] == "F32", "\(kept)")
        #expect(kept["cond_stage_model.a.weight"] == (words.contains("=F16") ? "F16" : "F32"), "\(kept)")
        let export = try folder.plan(
            "export r.json --model m.safetensors --converter stable-diffusion.cpp -o rules.txt"
        )
        #expect(export.exitCode == 0, "\(export.errors)")
        let check = try folder.plan("check r.json --model m.safetensors --impacts i.csv")
        #expect(check.exitCode == 0 && check.output.contains("solved again"), "\(check.output)")
        let list = try folder.plan("inspect m.safetensors --layers --format csv")
        let layers = list.output.split(separator: "\n").dropFirst().map { $0.prefix { $0 != "," } }
        #expect(list.exitCode == 0 && !layers.isEmpty, "\(list.errors)")
        if grouping.isEmpty {
            let table = String(decoding: try folder.data("i.csv"), as: UTF8.self)
            #expect(layers.allSatisfy { table.contains("\n\($0),") }, "\(layers)")
        }
    }

    @Test("the losses of a whole checkpoint are those of its diffusion model, and plan estimate takes them")
    func wholeCheckpointLosses() throws {
        try writeModel(isWhole: true)
        // The runtime loads the whole.
        _ = try folder.script(
            #"test $(wc -c < "$1") -eq $(wc -c < m.safetensors) && echo loss 0.$(cksum < "$1" | cut -c1-4)"#
        )
        let run = try ProgramRun.plan(
            ["calibrate", "m.safetensors", "--run", "./run.sh {}", "--loss", "loss ([0-9.]+)"],
            in: folder.url
        )
        #expect(run.exitCode == 0, "\(run.errors)")
        let next = try #require(run.output.firstMatch(of: /Next    plan (estimate .*)\n/)?.1, "\(run.output)")
        #expect(!String(decoding: try folder.data("m-losses.csv"), as: UTF8.self).contains("first_stage"))
        let estimate = try folder.plan(String(next) + " --formats Q4_0,Q8_0")
        #expect(estimate.exitCode == 0, "\(estimate.errors)")
    }

    @Test(
        "what Cosmos has of its training is not measured, planned or written, and missed by no check",
        arguments: ["", " --converter none"]
    )
    func trainingState(converter: String) throws {
        var file = SafetensorsBytes()
        for (index, part) in ["mlp.layer1", "adaln_modulation_cross_attn.1"].enumerated() {
            file.add("net.blocks.0.\(part).weight", [64, 256], drawnWeights(64 * 256, seed: index))
        }
        file.add("net.blocks.0.self_attn.k_norm._extra_state", [64], drawnWeights(64, seed: 3))
        file.add("net.accum_iteration", "I64", [1], [UInt8](repeating: 1, count: 8))
        try folder.write(file.bytes, "c.safetensors")
        let estimate = try folder.plan(
            "estimate c.safetensors --formats Q4_0,Q8_0 --grouping per-tensor -o i.csv"
        )
        #expect(estimate.exitCode == 0, "\(estimate.errors)")
        #expect(estimate.errors.contains("2 tensors with the state of its training"), "\(estimate.errors)")
        let plan = try folder.plan(
            "--budget 30% --model c.safetensors --impacts i.csv --grouping per-tensor -o r.json\(converter)"
        )
        #expect(plan.exitCode == 0, "\(plan.errors)")
        let kept = try RecipeReader.read(path: folder.path("r.json")).kept.map(\.tensor)
        #expect(kept.contains("net.accum_iteration") == !converter.isEmpty, "\(kept)")
        let run = try folder.plan("quantize c.safetensors --recipe r.json -o q.gguf")
        #expect(run.exitCode == 0 && converter.isEmpty == run.errors.isEmpty, "\(run.errors)")
        let made = try Model.read(path: folder.path("q.gguf")).tensors.map(\.name)
        #expect(made == ["mlp.layer1", "adaln_modulation_cross_attn.1"].map { "blocks.0.\($0).weight" })
        for words in ["r.json q.gguf --model c.safetensors", "r.json --model c.safetensors --impacts i.csv"] {
            let check = try folder.plan("check \(words)")
            #expect(check.exitCode == 0, "\(words): \(check.output)\(check.errors)")
        }
        let export = try folder.plan("export r.json --converter plan --model c.safetensors -o e.json")
        #expect(export.exitCode == 0, "\(export.errors)")
        guard converter.isEmpty else { return }
        // A safetensors file for ComfyUI keeps it, whichever way it is planned.
        let options = "--runtime comfyui --grouping per-tensor"
        let scaled = try folder.plan("estimate c.safetensors \(options) -o f.csv --errors f.jsonl")
        #expect(scaled.exitCode == 0, "\(scaled.errors)")
        let other = try folder.plan("--budget 80% --model c.safetensors --impacts f.csv \(options) -o s.json")
        #expect(other.exitCode == 0 && !other.errors.contains("state of its training"), "\(other.errors)")
        #expect(try folder.plan("quantize c.safetensors --recipe s.json -o s.safetensors").exitCode == 0)
        let names = try Model.read(path: folder.path("s.safetensors")).tensors.map(\.name)
        #expect(names.contains { $0.hasSuffix("accum_iteration") }, "\(names)")
        let one = try folder.plan(
            "quantize c.safetensors --budget 30% --impacts i.csv --grouping per-tensor -o one.gguf"
        )
        #expect(one.exitCode == 0 && one.output.contains(", as planned"), "\(one.output)\(one.errors)")
        #expect(try folder.data("one.gguf") == folder.data("q.gguf"))
    }

    @Test("where another model's weights are cast, that is named as what makes impacts differ")
    func otherWeights() throws {
        try writeModel(seed: 1)
        let options = "--grouping per-tensor --model m.safetensors"
        #expect(
            try folder.plan("estimate m.safetensors --formats Q4_0,Q8_0 --grouping per-tensor -o i.csv")
                .exitCode
                == 0
        )
        #expect(try folder.plan("--budget 50% --impacts i.csv \(options) -o r.json").exitCode == 0)
        let own = try folder.plan("quantize m.safetensors --recipe r.json -o own.gguf")
        #expect(own.output.contains("of the file as planned"), "\(own.output)\(own.errors)")
        for (type, sentence) in [
            ("BF16", "a table of other weights"), ("F32", "this is not the model that was planned"),
        ] {
            try writeModel(type: type, seed: 5)
            let run = try folder.plan("quantize m.safetensors --recipe r.json -o \(type).gguf")
            let words = run.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(run.exitCode == 0 && words.contains(sentence), "\(words)\(run.errors)")
            #expect(words.contains("4 of 4 layers differ"), "\(words)")
        }
    }

    @Test("a model of which no GGUF file is written is refused for what it is, before it is measured")
    func others() throws {
        try HubFolder(seed: 1).write(to: folder.url.appendingPathComponent("hub"))
        var file = SafetensorsBytes()
        file.add("a.b.weight", [64, 256], drawnWeights(64 * 256, seed: 1))
        try folder.write(file.bytes, "u.safetensors")
        for (model, sentence) in [
            ("hub", "of a language model in safetensors plan quantize writes a folder for MLX"),
            ("u.safetensors", "of diffusion models in safetensors under their publishers' names"),
        ] {
            let run = try folder.plan("quantize \(model) --budget 40% -o q.gguf")
            #expect(run.exitCode == 65 && run.errors.contains(sentence), "\(run.errors)")
            #expect(!run.errors.contains("use another converter") && !run.errors.contains("measuring"))
        }
    }

    @Test(
        "encoders may take an importance of ones, as stable-diffusion.cpp's do, in the table and in the file alike"
    )
    func ones() throws {
        try writeModel()
        let words = "quantize m.safetensors --budget 40% --grouping per-tensor --formats Q4_1,Q8_0"
        let plain = try folder.plan(words + " -o plain.gguf")
        #expect(plain.exitCode == 0, "\(plain.errors)")
        for (name, more) in [("ones", "--importance ones"), ("sd", "--converter stable-diffusion.cpp")] {
            let run = try folder.plan(words + " \(more) -o \(name).gguf")
            #expect(run.exitCode == 0, "\(run.errors)")
            let words = run.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(words.contains("of the file as planned") && words.contains("importance ones"), "\(words)")
            #expect(try folder.data("\(name).gguf") != folder.data("plain.gguf"))
        }
        let both = try folder.plan(words + " --importance gradients -o g.gguf")
        #expect(both.exitCode == 64 && both.errors.contains("--gradients"), "\(both.errors)")
    }
}
