import Checkpoints
import Foundation
import Recipes
import Tensors
import TestSupport
import Testing

/// Tables and models that are not what a plan needs, as a user meets them: each its own sentence.
@Suite struct ForeignTableTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func plan(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun.plan(arguments, in: folder.url)
    }

    private func write(_ name: String, _ text: String) throws {
        let file = folder.url.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: file)
    }

    private func writeModel() throws {
        let tensors = (0..<8).map { #"{"name": "model.layers.\#($0).w.weight", "shape": [64, 256]}"# }
        try write("m.json", #"{"model": "m", "tensors": [\#(tensors.joined(separator: ", "))]}"#)
    }

    /// A table for the model's layers.
    private func table(_ formats: String, prefix: String = "model.", _ cells: (Int) -> String) -> String {
        "layer,\(formats)\n" + (0..<8).map { "\(prefix)layers.\($0).w.weight,\(cells($0))\n" }.joined()
    }

    @Test("a solve and impacts say what is odd about a table as a whole")
    func oddTables() throws {
        try writeModel()
        try write("p.csv", table("Q4_0,Q8_0") { "3.1\($0)5,3.1\($0)1" })
        try write("s.csv", table("Q4_0,Q8_0") { "89.\($0),97.\($0)" })
        for (file, words) in [("p.csv", "perplexities"), ("s.csv", "more is better")] {
            let run = try plan(
                "--budget",
                "60%",
                "--model",
                "m.json",
                "--impacts",
                file,
                "-o",
                "r.json",
                "--force"
            )
            #expect(run.exitCode == 0 && run.errors.contains(words), "\(run.errors)")
            #expect(try plan("impacts", file).output.contains(words))
        }
        try write("a.csv", table("Q4_0,Q8_0") { "\(16 + $0),\(1 + Double($0) / 16)" })
        let rule = ["--budget", "60%", "--model", "m.json", "--impacts", "a.csv", "-o", "r.json", "--force"]
        let sum = try ProgramRun.plan(rule + ["--combine", "sum"], in: folder.url)
        #expect(sum.errors.contains("--combine rss is the rule for them"), "\(sum.errors)")
        #expect(
            try !ProgramRun.plan(rule + ["--combine", "rss"], in: folder.url).errors.contains("is the rule")
        )
    }

    @Test("names that would fit with another beginning or other letters are found, offered, and then taken")
    func names() throws {
        try writeModel()
        try write("t.csv", table("Q4_0", prefix: "") { "\($0 + 1)" })
        let options = [
            "--budget", "60%", "--model", "m.json", "--impacts", "t.csv", "-o", "r.json", "--force",
        ]
        func run(_ more: String...) throws -> ProgramRun {
            try ProgramRun.plan(options + more, in: folder.url)
        }
        let offered = try run()
        #expect(offered.exitCode == 65 && offered.errors.contains("--rename '=model.'"), "\(offered.errors)")
        let impacts = try plan("impacts", "t.csv", "--model", "m.json")
        #expect(impacts.exitCode == 65 && impacts.errors.contains("--rename"), "\(impacts.errors)")
        #expect(try run("--rename", "=model.").exitCode == 0)
        try write("t.csv", table("Q4_0", prefix: "Model.") { "\($0 + 1)" })
        #expect(try run().errors.contains("--ignore-case"))
        let letters = try run("--ignore-case")
        #expect(letters.exitCode == 0, "\(letters.errors)")
        #expect(
            try RecipeReader.read(path: folder.path("r.json")).generator.arguments.contains("--ignore-case")
        )
        let check = try plan("check", "r.json", "--model", "m.json", "--impacts", "t.csv")
        #expect(check.exitCode == 0 && check.output.contains("Nothing differs"), "\(check.errors)")
        let named = try plan("impacts", "t.csv", "--model", "m.json", "--ignore-case")
        #expect(named.exitCode == 0, "\(named.errors)")
        #expect(try run("--rename", "model").exitCode == 64)
    }

    @Test("options of a table that change nothing are remarked on once, and others are not")
    func needlessOptions() throws {
        try writeModel()
        try write("t.csv", table("Q4_0,IQ4_KS") { "\($0 + 1),1" })
        let plain = ["--budget", "60%", "--model", "m.json", "--impacts", "t.csv", "-o", "r.json"]
        let impacts = ["impacts", "t.csv", "--model", "m.json"]
        func errors(_ words: [String]) throws -> String { try ProgramRun.plan(words, in: folder.url).errors }
        for (options, sentence) in [
            (["--rename", "x=y"], "--rename 'x=y' changes no name"),
            (["--define", "ZZ=1/2"], "--define 'ZZ=1/2' changes nothing"),
            (["--low-format", "Q4_0"], "--low-format changes nothing"),
            (
                ["--low-format", "Q4_0", "--high-format", "Q8_0"],
                "--low-format and --high-format change nothing"
            ),
        ] {
            for command in [plain, impacts] {
                let said = try errors(command + options)
                #expect(said.ranges(of: sentence).count == 1, "\(command + options): \(said)")
            }
        }
        #expect(try errors(["impacts", "t.csv", "--rename", "model.=m."]).contains("name it with --model"))
        for used in [
            ["--define", "iq4_ks=136/256"], ["--define", "ZZ=1/2", "--pin", "*.0.*=ZZ"],
            ["--rename", "model.=model."],
        ] {
            #expect(try !errors(plain + used).contains("changes no"), "\(used)")
        }
    }

    @Test(
        "columns for unknown formats are left out, and one note lists them; a table of nothing else is refused"
    )
    func unknownFormats() throws {
        try writeModel()
        try write("t.csv", table("IQ4_KS,Q4_0,IQ5_K_R4") { "1,\($0 + 2),1" })
        let run = try plan("--budget", "60%", "--model", "m.json", "--impacts", "t.csv", "-o", "r.json")
        #expect(run.exitCode == 0 && run.errors.contains("IQ4_KS, IQ5_K_R4 are left out"), "\(run.errors)")
        let known = ["--impacts", "t.csv", "--define", "IQ4_KS=136/256", "--at-least", "*.0.*=IQ4_KS"]
        let defined = try ProgramRun.plan(
            ["--budget", "28%", "--model", "m.json", "-o", "d.json"] + known,
            in: folder.url
        )
        // 64 rows of 256 elements, 136 bytes for each row.
        let recipe = try RecipeReader.read(path: folder.path("d.json"))
        #expect(defined.exitCode == 0 && recipe.layers[0].format == "IQ4_KS", "\(defined.errors)")
        #expect(recipe.layers[0].bytes == 64 * 136)
        let check = try plan("check", "d.json", "--model", "m.json", "--impacts", "t.csv")
        #expect(check.exitCode == 0 && check.output.contains("Nothing differs"), "\(check.errors)")
        for wrong in ["IQ4_KS", "=1/2", "IQ4_KS=0/256", "Q4_0=17/32", "a=1/x"] {
            let run = try plan(
                "--budget",
                "1MB",
                "--model",
                "m.json",
                "--impacts",
                "t.csv",
                "--define",
                wrong
            )
            #expect(run.exitCode == 64 && run.output.isEmpty, "\(wrong): \(run.errors)")
        }
        try write("u.csv", table("IQ4_KS") { "\($0 + 1)" })
        #expect(try plan("--budget", "60%", "--model", "m.json", "--impacts", "u.csv").exitCode == 65)
    }

    @Test("a built-in table for another model than it was measured on is named")
    func tableOfAnotherModel() throws {
        let run = try plan(
            "--budget",
            "9GB",
            "--model",
            "flux1-schnell",
            "--impacts",
            "flux1-dev-table3",
            "-o",
            "r.json"
        )
        #expect(run.exitCode == 0 && run.errors.contains("measured on FLUX.1-dev"), "\(run.errors)")
        #expect(try !plan("--budget", "9GB", "-o", "d.json").errors.contains("measured on FLUX.1-dev"))
        // What was trained from it has its tensors, and often its name.
        let tensors = try Model.builtIn(named: "flux1-dev").tensors.map {
            #"{"name": "\#($0.name)", "shape": \#($0.shape)}"#
        }
        for name in ["flux1-kontext-dev", "flux1-dev-kontext", "mine"] {
            try write("k.json", #"{"model": "\#(name)", "tensors": [\#(tensors.joined(separator: ","))]}"#)
            let run = try plan(
                "--budget",
                "9GB",
                "--model",
                "k.json",
                "--impacts",
                "flux1-dev-table3",
                "-o",
                "\(name).json"
            )
            #expect(run.exitCode == 0)
            let isNamed = run.errors.contains("measured on FLUX.1-dev; for \(name) it is a guess")
            #expect(isNamed == (name != "mine"), "\(run.errors)")
        }
    }

    @Test("a built-in table for a model of another architecture is refused, whatever names its layers have")
    func tableOfAnotherArchitecture() throws {
        // As in Chroma, whose layers have the names of FLUX.1's and no modulation of their own.
        let tensors = try Model.builtIn(named: "flux1-dev").tensors.filter { !$0.name.contains("_mod.") }
        let lines = tensors.map { #"{"name": "\#($0.name)", "shape": \#($0.shape)}"# }
        try write("c.json", #"{"model": "chroma", "tensors": [\#(lines.joined(separator: ","))]}"#)
        for model in ["c.json", "llama-3.1-8b"] {
            let options = ["--model", model, "--impacts", "flux1-dev-table3"]
            for command in [
                ["--budget", "4GB", "-o", "r.json"], ["explain", "layer05.txt", "--budget", "4GB"],
            ] {
                let run = try ProgramRun.plan(command + options, in: folder.url)
                #expect(run.exitCode == 65 && run.output.isEmpty, "\(run.errors)")
                #expect(run.errors.contains("was measured on FLUX.1-dev, and"), "\(run.errors)")
                #expect(run.errors.contains("such as \"double_blocks.0.img_"), "\(run.errors)")
            }
        }
    }

    @Test("spreadsheets, pointers, folders and lone parts each have their own sentence")
    func files() throws {
        try write("t.xlsx", "PK\u{03}\u{04}rest")
        #expect(try plan("impacts", "t.xlsx").errors.contains("spreadsheet"))
        try write("t.html", "\n<!DOCTYPE html>\n<html>404</html>\n")
        #expect(try plan("impacts", "t.html").errors.contains("a page of the web"))
        try write("p", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
        #expect(try plan("impacts", "p").errors.contains("git lfs pull"))
        #expect(try plan("inspect", "p").errors.contains("git lfs pull"))
        for words in [
            "check p", "score p", "estimate p", "diff p p", "measure p -o t.json", "impacts --model p",
        ] {
            let run = try ProgramRun.plan(words.split(separator: " ").map(String.init), in: folder.url)
            #expect(run.exitCode == 65 && run.errors.contains("git lfs pull"), "\(words): \(run.errors)")
        }
        var file = SafetensorsBytes()
        file.add("a.weight", [2, 32], [Float](repeating: 1, count: 64))
        let text = String(decoding: file.bytes, as: UTF8.self)
        try write("two/a.safetensors", text)
        try write("two/b.safetensors", text)
        let several = try plan("inspect", "two")
        #expect(several.exitCode == 65 && several.errors.contains("a.safetensors"), "\(several.errors)")
        try write("part/model-00002-of-00003.safetensors", text)
        let lone = try plan("inspect", "part/model-00002-of-00003.safetensors")
        #expect(lone.exitCode == 65 && lone.errors.contains("part 2 of 3"), "\(lone.errors)")
    }

    @Test("a whole pipeline in one file is named for what it is, and its other parts are kept")
    func pipeline() throws {
        let names = ["model.diffusion_model.a", "first_stage_model.b", "text_encoders.c"]
        let tensors = names.map { #"{"name": "\#($0).weight", "shape": [64, 256]}"# }
        try write("all.json", #"{"model": "all", "tensors": [\#(tensors.joined(separator: ", "))]}"#)
        try write("t.csv", "# kind: loss\nlayer,Q4_0\nmodel.diffusion_model.a.weight,1\n")
        let options = ["--budget", "90%", "--model", "all.json", "--impacts", "t.csv"]
        let alone = try ProgramRun.plan(options + ["-o", "a.json"], in: folder.url)
        #expect(alone.exitCode == 0 && alone.errors.contains("which alone is planned"), "\(alone.errors)")
        for keeps in [[], ["--keep", "first_stage_model.*", "--keep", "text_encoders.*"]] {
            let kept = try ProgramRun.plan(
                options + ["--converter", "none", "-o", "r.json"] + keeps,
                in: folder.url
            )
            #expect(kept.exitCode == 0 && kept.errors.contains("the others are kept"), "\(kept.errors)")
            let recipe = try RecipeReader.read(path: folder.path("r.json"))
            #expect(recipe.layers.count == 1 && recipe.kept.count == 2)
        }
    }

    @Test("a file without tensors can be inspected, and nothing else")
    func noTensors() throws {
        var bytes = Array("GGUF".utf8)
        func add<Number: FixedWidthInteger>(_ number: Number) {
            withUnsafeBytes(of: number.littleEndian) { bytes += Array($0) }
        }
        func add(_ text: String) {
            add(UInt64(text.utf8.count))
            bytes += Array(text.utf8)
        }
        add(UInt32(3))
        add(UInt64(0))
        add(UInt64(1))
        add("tokenizer.ggml.model")
        add(UInt32(8))
        add("gpt2")
        try folder.write(bytes, "v.gguf")
        let shown = try plan("inspect", "v.gguf")
        #expect(shown.exitCode == 0 && shown.output.contains("0 tensors"), "\(shown.errors)")
        #expect(shown.output.contains("1 metadata entry: tokenizer.ggml.model"))
        #expect(try plan("inspect", "v.gguf", "--format", "json").exitCode == 0)
        for command in [["inspect", "v.gguf", "--layers"], ["estimate", "v.gguf"]] {
            let run = try ProgramRun.plan(command, in: folder.url)
            #expect(run.exitCode == 65 && run.errors.contains("no tensors"), "\(run.errors)")
        }
    }
}
