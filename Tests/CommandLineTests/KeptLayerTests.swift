import Foundation
import Recipes
import Tensors
import TestSupport
import Testing

/// What is never quantized, what a user keeps, and what a table does not say, from the table to the converter's file.
@Suite struct KeptLayerTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func plan(_ arguments: [String]) throws -> ProgramRun {
        try ProgramRun.plan(arguments, in: folder.url)
    }

    private func write(_ name: String, _ bytes: [UInt8]) throws {
        try folder.write(bytes, name)
    }

    private func recipe(_ name: String = "r.json") throws -> Recipe {
        try RecipeReader.read(path: folder.path(name))
    }

    /// Tensors of networks that have more than matrices: names and shapes.
    static let networks: [String: [(name: String, shape: [Int])]] = [
        "mamba": [
            ("blk.0.ssm_in.weight", [512, 256]), ("blk.0.ssm_conv1d.weight", [512, 4]),
            ("blk.0.ssm_a", [512, 16]), ("blk.0.ssm_x.weight", [48, 512]),
            ("blk.0.ssm_dt.weight", [512, 16]),
            ("blk.0.ssm_out.weight", [256, 512]),
        ],
        "gemma3n": [
            ("per_layer_model_proj.weight", [512, 256]), ("altup_proj.weight", [3, 256, 256]),
            ("blk.0.altup_router.weight", [4, 256]), ("blk.0.laurel_l.weight", [64, 256]),
            ("blk.0.attn_q.weight", [256, 256]), ("blk.0.inp_gate.weight", [256, 256]),
        ],
        "command-r": [
            ("blk.0.attn_q.weight", [256, 256]), ("blk.0.attn_q_norm.weight", [4, 64]),
            ("blk.0.attn_v.weight", [256, 256]),
        ],
        "deepseek32": [
            ("blk.0.attn_k_b.weight", [4, 256, 128]), ("blk.0.attn_q_a.weight", [192, 256]),
            ("blk.0.indexer.k_proj.weight", [128, 256]), ("blk.0.indexer.attn_k.weight", [128, 256]),
        ],
    ]

    @Test(
        "a table that estimate makes is planned and written for every converter that takes the model",
        arguments: networks.keys.sorted(),
        ["llama-quantize", "ik_llama.cpp", "thireus", "stable-diffusion.cpp"]
    )
    func everyConverter(network: String, converter: String) throws {
        var file = SafetensorsBytes()
        var numbers = SeededGenerator(seed: 3)
        for (name, shape) in [("token_embd.weight", [64, 256])] + (Self.networks[network] ?? []) {
            let count = shape.reduce(1, *)
            file.add(name, shape, (0..<count).map { _ in Float.random(in: -1...1, using: &numbers) })
        }
        try write("m.safetensors", file.bytes)
        let estimate = try plan(["estimate", "m.safetensors", "--formats", "Q4_0,Q4_K,Q8_0", "-o", "t.csv"])
        #expect(estimate.exitCode == 0 && estimate.errors.contains("kept as"), "\(estimate.errors)")
        let table = ["--model", "m.safetensors", "--impacts", "t.csv"]
        for bound in [["--converter", converter], []] {
            let run = try plan(["--budget", "95%", "-o", "r.json", "--force"] + table + bound)
            #expect(run.exitCode == 0, "\(run.errors)")
            #expect(run.errors.components(separatedBy: "never quantizes").count == 2, "\(run.errors)")
            // What is kept stays as it is.
            for kept in try recipe().kept { #expect(kept.format == "F32") }
            let export = try plan(
                ["export", "r.json", "--converter", converter, "--model", "m.safetensors", "-o", "rules.txt"]
                    + ["--force"]
            )
            #expect(export.exitCode == 0, "\(export.errors)")
            let check = try plan(["check", "r.json"] + table)
            #expect(check.exitCode == 0, "\(check.output)\(check.errors)")
        }
    }

    @Test("a matrix that no block divides is kept beside the others of its block, and said")
    func shortRows() throws {
        var file = SafetensorsBytes()
        var numbers = SeededGenerator(seed: 4)
        for (name, shape) in [("token_embd.weight", [64, 256])] + (Self.networks["mamba"] ?? []) {
            let count = shape.reduce(1, *)
            file.add(name, shape, (0..<count).map { _ in Float.random(in: -1...1, using: &numbers) })
        }
        try write("m.safetensors", file.bytes)
        let options = ["--grouping", "per block"]
        let estimate = try plan(
            ["estimate", "m.safetensors", "--formats", "Q4_0,Q8_0", "-o", "t.csv"] + options
        )
        let note =
            "1 tensor is kept as it is beside the others of its layer, as no block divides its rows: blk.0.ssm_dt.weight"
        #expect(estimate.exitCode == 0 && estimate.errors.contains(note), "\(estimate.errors)")
        let run = try plan(
            ["--budget", "40%", "--model", "m.safetensors", "--impacts", "t.csv", "-o", "r.json"] + options
        )
        #expect(run.exitCode == 0 && run.errors.contains(note), "\(run.errors)")
        #expect(try recipe().kept.contains { $0.tensor == "blk.0.ssm_dt.weight" && $0.format == "F32" })
        #expect(try recipe().layers.contains { $0.layer == "blk.0" && $0.format.hasPrefix("Q") })
    }

    @Test("rows of a table for what is never quantized are passed over, and said")
    func needlessRows() throws {
        let network = LanguageModelFile(
            tensors: try ["blk.0.attn_q.weight", "blk.0.altup_router.weight"].map {
                try TensorInfo(name: $0, shape: [64, 256], elementType: .bf16)
            }
        )
        try write("m.gguf", network.bytes())
        try write("t.csv", Array(network.table([.q4_0, .q8_0]).utf8))
        let run = try plan(["--budget", "90%", "--model", "m.gguf", "--impacts", "t.csv", "-o", "r.json"])
        #expect(run.exitCode == 0 && run.errors.contains("blk.0.altup_router.weight"), "\(run.errors)")
        #expect(try recipe().layers.map(\.layer) == ["blk.0.attn_q.weight"])
    }

    /// The network with a table for its feed-forward weights alone.
    private func writePartialTable() throws -> [String] {
        let network = try LanguageModelFile()
        try write("m.gguf", network.bytes())
        let rows = network.table([.q4_0, .q8_0]).split(separator: "\n")
        let partial = rows.filter { $0.hasPrefix("layer") || $0.contains("ffn") }.joined(separator: "\n")
        try write("t.csv", Array((partial + "\n").utf8))
        return ["--model", "m.gguf", "--impacts", "t.csv", "-o", "r.json", "--budget", "70%"]
    }

    @Test("what is kept or pinned needs no row; the message about missing rows names both ways")
    func partialTables() throws {
        let options = try writePartialTable()
        let none = try plan(options)
        #expect(none.exitCode == 65 && none.errors.contains("--keep GLOB") && none.errors.contains("--pin"))
        let decided = [
            "--keep", "blk.*.attn_*", "--keep", "token_embd.weight=F16", "--pin",
            "blk.*.attn_{q,k}.weight=Q4_0", "--pin", "output.weight=Q8_0", "--converter", "llama-quantize",
        ]
        let run = try plan(options + decided)
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.errors.contains("says nothing of 9 pinned layers"), "\(run.errors)")
        #expect(run.errors.contains("1 from BF16 to F16 (token_embd.weight)"), "\(run.errors)")
        let made = try recipe()
        let formats = Dictionary(uniqueKeysWithValues: made.layers.map { ($0.layer, $0.format) })
        let kept = Dictionary(uniqueKeysWithValues: made.kept.map { ($0.tensor, $0.format) })
        #expect(formats["blk.2.attn_k.weight"] == "Q4_0" && formats["output.weight"] == "Q8_0")
        #expect(kept["blk.2.attn_v.weight"] == "BF16" && kept["token_embd.weight"] == "F16")
        #expect(formats["blk.3.ffn_up.weight"] != nil && formats["blk.3.attn_v.weight"] == nil)
        #expect(try plan(["check", "r.json"] + options.prefix(4)).exitCode == 0)
        let export = try plan([
            "export", "r.json", "--model", "m.gguf", "--converter", "llama-quantize", "-o", "x",
        ])
        #expect(export.exitCode == 0, "\(export.errors)")
        let rules = try folder.text("x")
        #expect(rules.contains("token_embd") && rules.contains("=f16"))
        #expect(try plan(options + ["--keep", "nothing*"]).exitCode == 64)
        let unfit = try plan(options + ["--keep", "*attn_*", "--keep", "*t*=Q4_9"])
        #expect(unfit.exitCode == 64 && unfit.errors.contains("Q4_9"))
    }

    @Test("formats that fit no row are named with the rows, in a budget's and in a pin's message")
    func rows() throws {
        let network = LanguageModelFile(
            tensors: try (0..<3).map {
                try TensorInfo(
                    name: "blk.\($0).ffn_up.weight",
                    shape: [64, $0 < 2 ? 2688 : 256],
                    elementType: .bf16
                )
            }
        )
        try write("m.gguf", network.bytes())
        try write("t.csv", Array(network.table([.q4_K, .q6_K]).utf8))
        let options = ["--model", "m.gguf", "--impacts", "t.csv", "-o", "r.json"]
        let sentence = "Q4_K and Q6_K need rows of 256; 2 of 3 layers have 2688"
        let budget = try plan(["--budget", "30%"] + options)
        #expect(budget.exitCode == 2 && budget.errors.contains(sentence), "\(budget.errors)")
        let pin = try plan(["--budget", "90%", "--pin", "blk.0.*=Q4_K"] + options)
        #expect(pin.exitCode == 64 && pin.errors.contains("Q4_K needs rows of 256"), "\(pin.errors)")
        try write("p.csv", Array("layer,Q4_0\nblk.2.ffn_up.weight,1\n".utf8))
        let given = try plan(
            ["--budget", "90%", "--pin", "blk.*=Q4_K", "--model", "m.gguf", "--impacts", "p.csv"]
        )
        #expect(given.exitCode == 65 && given.errors.contains("rows of 2688"), "\(given.errors)")
    }

    @Test(
        "cells that are blank because no row fits are explained by the rows, and no format is offered that does not fit them"
    )
    func blankCells() throws {
        let network = LanguageModelFile(
            tensors: try [2_688, 48, 57].enumerated().map { index, length in
                try TensorInfo(name: "blk.\(index).ffn_up.weight", shape: [64, length], elementType: .bf16)
            }
        )
        try write("m.gguf", network.bytes())
        try write(
            "t.csv",
            Array(
                """
                layer,Q4_K,Q8_0
                blk.0.ffn_up.weight,,
                blk.1.ffn_up.weight,,
                blk.2.ffn_up.weight,,
                """.utf8
            )
        )
        let run = try plan(["--budget", "10%", "--model", "m.gguf", "--impacts", "t.csv", "-o", "r.json"])
        #expect(run.exitCode == 2)
        #expect(run.errors.contains("Q4_K needs rows of 256; 3 of 3 layers have"), "\(run.errors)")
        #expect(run.errors.contains("Q8_0 needs rows of 32; 2 of 3 layers have 48, 57"), "\(run.errors)")
        #expect(!run.errors.contains("such as Q4_0"), "\(run.errors)")
    }

    @Test("rules that another rule leaves nothing to are refused by the other's name")
    func overruled() throws {
        let network = try LanguageModelFile()
        try write("m.gguf", network.bytes())
        try write("t.csv", Array(network.table([.q4_0, .q8_0]).utf8))
        let options = [
            "--budget", "99%", "--model", "m.gguf", "--impacts", "t.csv", "-o", "r.json", "--force",
        ]
        let keeps = try plan(options + ["--keep", "blk.*=Q8_0", "--keep", "blk.0.*=Q4_0"])
        #expect(
            keeps.exitCode == 64 && keeps.errors.contains("taken by --keep blk.*=Q8_0"),
            "\(keeps.errors)"
        )
        let exact = try plan(options + ["--keep", "blk.0.*=Q4_0", "--keep", "blk.*=Q8_0"])
        #expect(exact.exitCode == 0 && !exact.errors.contains("its grouping casts"), "\(exact.errors)")
        let pinned = try plan(options + ["--keep", "blk.0.attn_q*=Q8_0", "--pin", "blk.*=Q4_0"])
        #expect(pinned.exitCode == 64 && pinned.errors.contains("taken by a pin"), "\(pinned.errors)")
        let pins = try plan(options + ["--pin", "blk.*=Q8_0", "--pin", "blk.0.*=Q4_0"])
        #expect(pins.exitCode != 0 && pins.errors.contains("relax --pin blk."), "\(pins.errors)")
        let explained = try plan(
            ["explain", "token_embd.weight", "--keep", "token_embd*=Q8_0"] + options.prefix(6)
        )
        #expect(explained.exitCode == 64 && explained.errors.contains("kept in Q8_0"), "\(explained.errors)")
        let grouping = try plan(options + ["--grouping", "tensor"])
        #expect(grouping.errors.contains("\"per tensor\""), "\(grouping.errors)")
    }

    @Test("what a table of losses foretells is said of the layers that it has, and not at all of scores")
    func expectation() throws {
        let network = try LanguageModelFile()
        try write("m.gguf", network.bytes())
        let kind = "# kind: loss\n# unit: KL divergence, nats per token\n"
        let table = network.table([.q4_0, .q8_0])
        try write("t.csv", Array((kind + table).utf8))
        let options = ["--budget", "90%", "--model", "m.gguf", "-o", "r.json", "--force", "--impacts"]
        let whole = try plan(options + ["t.csv"])
        #expect(whole.output.contains("Expect  KL divergence of"), "\(whole.output)\(whole.errors)")
        #expect(!whole.output.contains("in the table alone"))
        let part = try plan(options + ["t.csv", "--keep", "blk.0.*=Q4_0"])
        #expect(part.output.contains("in the table alone"), "\(part.output)\(part.errors)")
        let names = table.split(separator: "\n").dropFirst().compactMap { $0.split(separator: ",").first }
        let scores = names.map { "\($0),5.6012,5.6010\n" }.joined()
        try write("s.csv", Array((kind + "layer,Q4_0,Q8_0\n" + scores).utf8))
        let odd = try plan(options + ["s.csv"])
        #expect(odd.exitCode == 0 && !odd.output.contains("Expect "), "\(odd.output)\(odd.errors)")
    }

    @Test("the source is what the file says: weights in F32 are not planned as BF16")
    func source() throws {
        let network = LanguageModelFile(
            tensors: [
                try TensorInfo(name: "cls_token", shape: [1, 256], elementType: .f32),
                try TensorInfo(name: "a.weight", shape: [256, 256], elementType: .f32),
                try TensorInfo(name: "b.weight", shape: [256, 256], elementType: .f32),
                try TensorInfo(name: "c.weight", shape: [64, 256], elementType: .f16),
            ]
        )
        try write("m.gguf", network.bytes())
        try write(
            "t.csv",
            Array("layer,Q8_0\ncls_token,inf\na.weight,1\nb.weight,2\nc.weight,9\n".utf8)
        )
        for converter in [[], ["--converter", "llama-quantize"]] {
            let run = try plan(
                ["--budget", "70%", "--model", "m.gguf", "--impacts", "t.csv", "-o", "r.json", "--force"]
                    + converter
            )
            #expect(run.exitCode == 0, "\(run.errors)")
            let formats = try recipe().layers.map { "\($0.layer) \($0.format)" }
            // 70 % of F32's bytes hold one of the two matrices as it is.
            #expect(formats.suffix(3) == ["a.weight Q8_0", "b.weight F32", "c.weight F16"])
            #expect(try plan(["check", "r.json", "--model", "m.gguf", "--impacts", "t.csv"]).exitCode == 0)
        }
    }

    @Test("a model that is quantized already is refused, or planned below what it is")
    func quantizedSource() throws {
        let network = try LanguageModelFile()
        try write("m.gguf", network.bytes { $0.dimensionCount > 1 ? .q4_K : nil })
        try write("t.csv", Array(network.table([.q3_K, .q5_K, .q8_0]).utf8))
        let options = [
            "--budget", "90%", "--model", "m.gguf", "--impacts", "t.csv", "-o", "r.json", "--converter",
            "llama-quantize",
        ]
        let refused = try plan(options)
        #expect(refused.exitCode == 65 && refused.errors.contains("is in Q4_K"), "\(refused.errors)")
        #expect(refused.errors.contains("--allow-requantize"))
        let run = try plan(options + ["--allow-requantize"])
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(Set(try recipe().layers.map(\.format)) == ["Q3_K", "Q4_K"])
        for restriction in ["--pin", "--at-least"] {
            let above = try plan(options + ["--allow-requantize", restriction, "blk.0.attn_q.*=Q8_0"])
            #expect(above.exitCode == 64, "\(above.errors)")
            #expect(
                above.errors.contains("\"blk.0.attn_q.weight\" is in Q4_K in the source"),
                "\(above.errors)"
            )
        }
        let kept = try plan(options + ["--allow-requantize", "--keep", "blk.0.attn_q.*=F16"])
        #expect(kept.exitCode == 64, "\(kept.errors)")
        #expect(kept.errors.contains("\"blk.0.attn_q.weight\" is in Q4_K in the source"), "\(kept.errors)")
        let export = try plan([
            "export", "r.json", "--converter", "llama-quantize", "--model", "m.gguf", "-o", "x",
        ])
        #expect((export.output + export.errors).contains("llama-quantize --allow-requantize"))
        #expect(try plan(["check", "r.json", "--model", "m.gguf", "--impacts", "t.csv"]).exitCode == 0)

        // Q4_K has the bits of Q4_0, and a cast to it only adds an error; nor does a cast to fewer bits cost less than the source.
        try write("m0.gguf", network.bytes { $0.dimensionCount > 1 ? .q4_0 : nil })
        let rows = network.table([.q4_0]).split(separator: "\n").dropFirst()
        let cells = rows.map { $0.prefix { $0 != "," } + ",0.01,0.5,0.2\n" }
        try write("t0.csv", Array(("layer,Q3_K,Q4_0,Q4_K\n" + cells.joined()).utf8))
        let equal = try plan(
            [
                "--budget", "99%", "--model", "m0.gguf", "--impacts", "t0.csv", "-o", "r0.json",
                "--allow-requantize",
            ]
        )
        #expect(equal.exitCode == 0, "\(equal.errors)")
        #expect(try RecipeReader.read(path: folder.path("r0.json")).converter == "plan")
        let planned = try RecipeReader.read(path: folder.path("r0.json")).layers
        #expect(
            Set(planned.map(\.format)) == ["Q3_K"] && planned.allSatisfy { $0.impact == 0.5 },
            "\(planned)"
        )
        #expect(try plan(["check", "r0.json", "--model", "m0.gguf", "--impacts", "t0.csv"]).exitCode == 0)

        var packed = SafetensorsBytes()
        packed.add("a.qweight", "I32", [32, 256], [UInt8](repeating: 1, count: 32 * 256 * 4))
        packed.add("a.scales", "F16", [2, 256], [UInt8](repeating: 1, count: 1024))
        try write("p.safetensors", packed.bytes)
        try write("p.csv", Array("layer,Q8_0\na.scales,1\n".utf8))
        let gptq = try plan(
            ["--budget", "90%", "--model", "p.safetensors", "--impacts", "p.csv", "--allow-requantize"]
        )
        #expect(gptq.exitCode == 65 && gptq.errors.contains("packed by GPTQ"), "\(gptq.errors)")
        #expect(!gptq.errors.contains("--allow-requantize"))
    }

    @Test("a layer that is kept in a format counts in the loss to expect, as a pinned one does")
    func keptLayersCount() throws {
        let network = try LanguageModelFile()
        try write("m.gguf", network.bytes())
        var marked = "# kind: loss\n# unit: nats\nlayer,Q4_K,Q8_0\n"
        for (index, tensor) in network.tensors.filter({ $0.dimensionCount > 1 }).enumerated() {
            let weight = Double(index * 7 % 5 + 1)
            marked += "\(tensor.name),\(0.008 * weight),\(0.00003 * weight)\n"
        }
        try write("t.csv", Array(marked.utf8))
        let words = ["--budget", "2MB", "--model", "m.gguf", "--impacts", "t.csv", "-o", "r.json", "--force"]
        let kept = try plan(words + ["--keep", "token_embd.weight=Q8_0"])
        let pinned = try plan(words + ["--pin", "token_embd.weight=Q8_0"])
        #expect(kept.exitCode == 0 && pinned.exitCode == 0, "\(kept.errors)\(pinned.errors)")
        let both = try [kept, pinned].map { run in
            try #require(run.output.firstMatch(of: /\nExpect  ([0-9.]+) nats(.*)\n/)?.output, "\(run.output)")
        }
        #expect(both[0].1 == both[1].1)
        #expect(both[0].2 == ", with 3e-05 of 1 kept layer" && both[1].2.isEmpty, "\(kept.output)")
        // Of what the table says nothing, that is said as before.
        let lines = marked.split(separator: "\n").filter { !$0.hasPrefix("token_embd") }
        try write("t.csv", Array((lines.joined(separator: "\n") + "\n").utf8))
        let unknown = try plan(words + ["--keep", "token_embd.weight=Q8_0"])
        #expect(unknown.output.contains(" nats, of the 29 layers in the table alone\n"), "\(unknown)")
    }
}
