import Checkpoints
import Foundation
import TestSupport
import Testing

/// `plan quantize` as a user of MLX drives it.
@Suite struct MLXQuantizeTests {
    /// A folder with the folder of a model in it.
    private static func scratch(
        _ hub: HubFolder = HubFolder(seed: 1),
        named name: String = "hub"
    ) throws -> ScratchFolder {
        let scratch = try ScratchFolder()
        try hub.write(to: scratch.url.appendingPathComponent(name))
        return scratch
    }

    @Test("from a Hugging Face folder to MLX: what the article types, on a small model of the same name")
    func article() throws {
        let scratch = try Self.scratch(named: "Llama-3.2-1B")
        let article = try String(
            contentsOf: packageRoot.appendingPathComponent(
                "Sources/Conversion/Documentation.docc/FromHuggingFaceToMLX.md"
            ),
            encoding: .utf8
        )
        let commands = article.split(separator: "```sh\n").dropFirst().flatMap { block in
            block.prefix { $0 != "`" }.split(separator: "\n").map { String($0.trimmingPrefix("plan ")) }
        }
        #expect(commands.count == 4)
        for command in commands {
            let run = try scratch.plan(command)
            #expect(run.exitCode == 0, "\(command): \(run.errors)")
            guard let recipe = run.output.firstMatch(of: /Recipe  (plans\/\S+)/)?.1 else { continue }
            let out = try #require(command.split(separator: " ").last)
            let check = try scratch.plan("check \(recipe) \(out) --model Llama-3.2-1B/")
            #expect(check.exitCode == 0, "\(check.output) \(check.errors)")
            #expect(run.output.contains("Size"), "\(run.output)")
        }
        for out in ["Llama-3.2-1B-5bpw", "Llama-3.2-1B-mlx"] {
            #expect(
                try scratch.names(out) == [
                    "LICENSE", "chat_template.jinja", "config.json", "model.safetensors",
                    "model.safetensors.index.json", "tokenizer.json", "tokenizer_config.json",
                ]
            )
        }
        // 40 % of the tensors, and of what headers take at most.
        let size = try scratch.data("Llama-3.2-1B-mlx/model.safetensors").count
        #expect(try size * 100 <= scratch.data("Llama-3.2-1B/model.safetensors").count * 42)
    }

    @Test("the impact of the folder is the plan's, experts that are stacked included", arguments: [0, 2])
    func impact(experts: Int) throws {
        let scratch = try Self.scratch(HubFolder(seed: 2, expertCount: experts))
        let run = try scratch.plan("quantize hub --budget 45% -o out/")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.output.contains("of the file as planned"), "\(run.output)")
        // The folder stays behind.
        #expect(
            run.errors.contains("the folders in the model's folder are not copied: onnx; "),
            "\(run.errors)"
        )
        let recipe = try #require(run.output.firstMatch(of: /Recipe  (plans\/\S+)/)?.1)
        // A recipe says what it is for, so that the slash may be left out.
        let again = try scratch.plan("quantize hub --recipe \(recipe) -o again")
        #expect(again.exitCode == 0, "\(again.errors)")
        for name in try scratch.names("out") {
            #expect(try scratch.data("again/\(name)") == scratch.data("out/\(name)"), "\(name)")
        }
    }

    @Test("a matrix weighs what is measured for MLX, whose encoders look at none, and that is said")
    func matrix() throws {
        let scratch = try Self.scratch()
        let tensors = (0..<2).map { "model.layers.\($0).self_attn.q_proj.weight" }
        try scratch.write(QuantizeTests.matrix(of: tensors, inputs: HubFolder.width), "i.dat")
        let estimate = try scratch.plan(
            "estimate hub --imatrix i.dat --formats MLX_A4_G64,MLX_A8_G64 -o i.csv"
        )
        #expect(estimate.exitCode == 0, "\(estimate.errors)")
        let planned = try scratch.plan(
            "--budget 45% --model hub --impacts i.csv --imatrix i.dat --converter mlx -o r.json"
        )
        #expect(planned.exitCode == 0, "\(planned.errors)")
        #expect(planned.output.contains("\nNext    plan quantize "), "\(planned.output)")
        #expect(!planned.output.contains("--imatrix"), "\(planned.output)")
        let without = try scratch.plan("quantize hub --recipe r.json -o a/")
        #expect(without.exitCode == 0 && !without.errors.contains("matrix"), "\(without.errors)")
        let with = try scratch.plan("quantize hub --recipe r.json --imatrix i.dat -o b/")
        #expect(with.exitCode == 0, "\(with.errors)")
        #expect(
            with.errors.contains(
                "the encoders of a folder for MLX look at no importance of the inputs, so the file is the same without --imatrix"
            ),
            "\(with.errors)"
        )
        for name in try scratch.names("a") {
            #expect(try scratch.data("a/\(name)") == scratch.data("b/\(name)"), "\(name)")
        }
    }

    @Test("the summary of a plan for MLX ends with the command that writes the folder, which works")
    func nextStep() throws {
        let scratch = try Self.scratch()
        let estimate = try scratch.plan("estimate hub --formats MLX_A4_G64,MLX_A8_G64 -o i.csv")
        #expect(
            estimate.output.contains(" --model hub --impacts i.csv --converter mlx\n")
        )
        // A model that MLX does not convert has no line for it, whatever was measured.
        try scratch.write(WeightedModelFile(seed: 1, rows: 256).bytes, "w.gguf")
        let other = try scratch.plan("estimate w.gguf --formats Q4_0,MLX_A4_G64 -o w.csv")
        #expect(other.exitCode == 0 && !other.output.contains("--converter"), "\(other.output)")
        let line = try #require(other.output.firstMatch(of: /Next +plan (.*)\n/)?.1)
        let planned = try scratch.plan(String(line))
        #expect(planned.exitCode == 0, "\(planned.errors)")
        let run = try scratch.plan("--budget 45% --model hub --impacts i.csv --converter mlx")
        let next = try #require(
            run.output.firstMatch(of: /Next    plan (quantize .*)\n$/)?.1,
            "\(run.output)"
        )
        let written = try scratch.plan(String(next))
        #expect(written.exitCode == 0, "\(written.errors)")
        #expect(scratch.exists("hub-45percent/config.json"))
    }

    @Test(
        "plan score gives a folder for MLX its weights' bytes and its plan's impact, which none of its size is below",
        arguments: [0, 2]
    )
    func scored(experts: Int) throws {
        let scratch = try Self.scratch(HubFolder(seed: 4, expertCount: experts))
        let table = "--model hub --impacts i.csv --converter mlx"
        #expect(try scratch.plan("estimate hub --formats MLX_A4_G64,MLX_A8_G64 -o i.csv").exitCode == 0)
        #expect(try scratch.plan("--budget 40% -o r.json \(table)").exitCode == 0)
        #expect(try scratch.plan("quantize hub --recipe r.json -o out/").exitCode == 0)
        let run = try scratch.plan("score out r.json --format json \(table)")
        #expect(run.exitCode == 0, "\(run.errors)")
        let rows = try #require(
            try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]]
        )
        let recipe = try #require(
            try JSONSerialization.jsonObject(with: scratch.data("r.json")) as? [String: Any]
        )
        let planned = try #require((recipe["impact"] as? [String: Any])?["total"] as? Double)
        #expect(rows.map { $0["kind"] as? String } == ["file", "recipe"])
        #expect(rows[0]["bytes"] as? Int == (try scratch.data("out/model.safetensors")).count)
        for row in rows {
            let impact = try #require(row["impact"] as? Double)
            #expect(abs(impact / planned - 1) < 1e-12)
            #expect(row["ratio"] as? Double == 1)
        }
        // The same folder is none of a network with other layers.
        try HubFolder(seed: 4, expertCount: experts, blockCount: 3).write(
            to: scratch.url.appendingPathComponent("larger")
        )
        #expect(try scratch.plan("estimate larger --formats MLX_A8_G64 -o l.csv").exitCode == 0)
        let other = try scratch.plan("score out --model larger --impacts l.csv --converter mlx")
        #expect(other.exitCode == 65 && other.errors.contains("model.layers.2."), "\(other.errors)")
    }

    @Test("Ctrl-C leaves what is finished, and --resume makes the same folder")
    func interrupted() throws {
        let scratch = try Self.scratch(HubFolder(seed: 3, blockCount: 40))
        #expect(try scratch.plan("estimate hub --formats MLX_A4_G64,MLX_A8_G64 -o i.csv").exitCode == 0)
        let words = "quantize hub --budget 45% --impacts i.csv -o"
        #expect(try scratch.plan(words + " whole/").exitCode == 0)
        let journal = scratch.url.appendingPathComponent("out.partial.journal")
        let run = try ProgramRun.plan(
            (words + " out/").split(separator: " ").map(String.init),
            in: scratch.url
        ) { process in
            while process.isRunning {
                if FileManager.default.fileExists(atPath: journal.path) {
                    process.interrupt()
                    break
                }
                usleep(500)
            }
        }
        #expect(run.exitCode == 130 && run.errors.contains("--resume"), "\(run.exitCode) \(run.errors)")
        #expect(!scratch.exists("out") && scratch.exists("out.partial"))
        let again = try scratch.plan(words + " out/ --resume")
        #expect(again.exitCode == 0, "\(again.errors)")
        for name in try scratch.names("whole") {
            #expect(try scratch.data("out/\(name)") == scratch.data("whole/\(name)"), "\(name)")
        }
        #expect(!scratch.exists("out.partial") && !scratch.exists("out.partial.journal"))
    }

    @Test("a folder that mlx-lm would not load is refused", arguments: [true, false])
    func notLoadable(isTied: Bool) throws {
        var hub = HubFolder(seed: 1, expertCount: isTied ? 0 : 2)
        hub.tiesOutput = isTied
        if !isTied { hub.architecture = "dots1" }
        let scratch = try Self.scratch(hub)
        #expect(try scratch.plan("estimate hub --formats MLX_A4_G64,MLX_A8_G64 -o i.csv").exitCode == 0)
        let words = "quantize hub --budget 45% --impacts i.csv -o out/"
        let run = try scratch.plan(words)
        #expect(run.exitCode == 65, "\(run.output) \(run.errors)")
        #expect(run.errors.contains("mlx-lm would not load"), "\(run.errors)")
        #expect(run.errors.contains(isTied ? "tie_word_embeddings" : "dots1"))
        #expect(!scratch.exists("out") && !scratch.exists("out.partial"))
        if isTied {
            #expect(try scratch.plan(words + " --keep lm_head.weight").exitCode == 0)
            #expect(scratch.exists("out/model.safetensors"))
        }
    }

    @Test(
        "what cannot be is refused in a sentence, and nothing is written",
        arguments: [
            ("quantize hub --recipe r.json -o mine/", 64, "did not write"),
            ("quantize hub --recipe r.json -o mine/ --force", 64, "did not write"),
            ("quantize hub --recipe r.json -o hub/ --force", 64, "that this command reads"),
            ("quantize hub --recipe mine/r.json -o mine/ --force", 64, "that this command reads"),
            ("quantize hub --recipe r.json -o own/", 64, "--force"),
            ("quantize hub --recipe r.json -o q.gguf", 64, "mlx"),
            (
                "quantize hub --budget 45% --impacts i.csv --converter plan -o out/", 64,
                "plan makes no folder"
            ),
            ("quantize hub --budget 45% --impacts i.csv -o out", 64, "/ for a folder"),
            ("quantize hub --recipe r.json -o r.json/", 73, "folder"),
            ("quantize hub --recipe r.json -o none/out/", 73, "none/out"),
            ("quantize hub --recipe r.json -o taken/", 64, "taken.partial"),
            ("quantize bare/model.safetensors --recipe r.json -o out/", 65, "config.json"),
            ("quantize m.gguf --recipe r.json -o out/", 65, "GGUF"),
            ("quantize hub --budget 5% --impacts i.csv -o out/", 2, "budget"),
        ]
    )
    func refuses(line: String, code: Int, phrase: String) throws {
        let scratch = try Self.scratch()
        #expect(try scratch.plan("estimate hub --formats MLX_A4_G64,MLX_A8_G64 -o i.csv").exitCode == 0)
        #expect(
            try scratch.plan("--budget 45% --model hub --impacts i.csv --converter mlx -o r.json").exitCode
                == 0
        )
        #expect(try scratch.plan("quantize hub --recipe r.json -o own/").exitCode == 0)
        for name in ["mine", "bare", "taken.partial"] {
            try FileManager.default.createDirectory(
                at: scratch.url.appendingPathComponent(name),
                withIntermediateDirectories: true
            )
            try Data("mine".utf8).write(to: scratch.url.appendingPathComponent("\(name)/thesis.txt"))
        }
        try scratch.data("r.json").write(to: scratch.url.appendingPathComponent("mine/r.json"))
        try scratch.data("hub/model.safetensors")
            .write(to: scratch.url.appendingPathComponent("bare/model.safetensors"))
        try Data(WeightedModelFile(seed: 1).bytes).write(to: scratch.url.appendingPathComponent("m.gguf"))
        let before = try scratch.names("mine") + scratch.names("hub") + scratch.names(".")
        let run = try scratch.plan(line)
        #expect(Int(run.exitCode) == code, "\(line): \(run.exitCode) \(run.errors)")
        #expect(run.errors.contains(phrase), "\(run.errors)")
        #expect(run.errors.split(separator: "\n").count <= 6)
        #expect(try scratch.names("mine") + scratch.names("hub") + scratch.names(".") == before)
    }

    @Test("a folder that the program wrote is replaced with --force, whole")
    func replaces() throws {
        let scratch = try Self.scratch()
        #expect(try scratch.plan("estimate hub --formats MLX_A4_G64,MLX_A8_G64 -o i.csv").exitCode == 0)
        #expect(try scratch.plan("quantize hub --budget 40% --impacts i.csv -o out/").exitCode == 0)
        let before = try scratch.data("out/model.safetensors")
        let run = try scratch.plan("quantize hub --budget 50% --impacts i.csv -o out --force")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(try scratch.data("out/model.safetensors") != before)
        #expect(!scratch.exists("out.partial") && !scratch.exists("out.partial.earlier"))
    }

    @Test("by default a language model from Hugging Face is measured for MLX, and a GGUF file is not")
    func defaultFormats() throws {
        let scratch = try Self.scratch(HubFolder(seed: 4, blockCount: 1))
        try Data(WeightedModelFile(seed: 1).bytes).write(to: scratch.url.appendingPathComponent("m.gguf"))
        for (model, holds, lacks) in [("hub", "MLX_A4_G64", "Q4_K"), ("m.gguf", "Q4_K", "MLX_A4_G64")] {
            #expect(try scratch.plan("estimate \(model) --rows 5% -o \(holds).csv").exitCode == 0)
            // A sampled table has a row per layer and format.
            let formats = String(decoding: try scratch.data("\(holds).csv"), as: UTF8.self).split(
                separator: "\n"
            )
            .compactMap { $0.split(separator: ",").dropFirst().first }
            #expect(formats.contains { $0 == holds } && !formats.contains { $0 == lacks })
        }
    }

    @Test("a table of MLX's formats alone is planned for a folder for MLX, by whoever plans with it")
    func usualConverter() throws {
        let scratch = try Self.scratch()
        #expect(try scratch.plan("estimate hub --formats MLX_A4_G64,MLX_A8_G64 -o i.csv").exitCode == 0)
        let table = "--model hub --impacts i.csv"
        let planned = try scratch.plan("--budget 45% \(table) -o r.json")
        #expect(planned.exitCode == 0 && !planned.errors.contains("no converter"), "\(planned.errors)")
        let next = try #require(planned.output.firstMatch(of: /Next    plan (quantize .* -o (\S+))\n$/))
        let written = try scratch.plan(String(next.1))
        #expect(written.exitCode == 0 && written.output.contains(", as planned"), "\(written)")
        let check = try scratch.plan("check r.json \(table)")
        #expect(check.exitCode == 0 && check.output.contains("solved again: "), "\(check)")
        // Its tensors are kept as MLX keeps them, so that nothing is to be said of the folder.
        let score = try scratch.plan("score \(next.2) r.json \(table)")
        #expect(score.exitCode == 0, "\(score.errors)")
        #expect(!(score.output + score.errors).contains("where plans keep"), "\(score)")
        // What nobody binds is refused with the option that does.
        let unbound = try scratch.plan("--budget 45% \(table) --converter none -o n.json")
        #expect(unbound.exitCode == 0, "\(unbound.errors)")
        let refused = try scratch.plan("quantize hub --recipe n.json -o n/")
        #expect(
            refused.exitCode == 0 || refused.errors.contains("plan again with --converter mlx"),
            "\(refused)"
        )
    }

    @Test("a finished folder is no obstacle to a run that is started again with --resume")
    func finished() throws {
        let scratch = try Self.scratch()
        #expect(try scratch.plan("estimate hub --formats MLX_A4_G64,MLX_A8_G64 -o i.csv").exitCode == 0)
        let words = "quantize hub --budget 45% --impacts i.csv -o out/"
        #expect(try scratch.plan(words).exitCode == 0)
        let again = try scratch.plan(words + " --resume")
        #expect(again.exitCode == 0 && again.errors.contains("out is whole"), "\(again)")
        #expect(try scratch.plan(words).exitCode == 64)
    }
}
