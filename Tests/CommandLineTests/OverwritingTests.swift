import Foundation
import TestSupport
import Testing

/// What a command may write over, and what it may not.
@Suite struct OverwritingTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func write(_ name: String, _ bytes: [UInt8]) throws {
        try folder.write(bytes, name)
    }

    @Test(
        "a curve of one plan is known again, and written over by the command that made it",
        arguments: ["frontier --at-least *=BF16 -o one.txt", "frontier --at-least *=BF16 -o one.md"]
    )
    func madeTwice(command: String) throws {
        for _ in 0..<2 {
            let run = try folder.plan(command)
            #expect(run.exitCode == 0, "\(run.errors)")
        }
    }

    private func write(_ name: String, _ text: String) throws {
        try write(name, Array(text.utf8))
    }

    private func plan(_ arguments: [String]) throws -> ProgramRun {
        try ProgramRun.plan(arguments, in: folder.url)
    }

    /// Every file below the folder with what is in it.
    private func contents() throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder.url.path) {
            contents[name] = FileManager.default.contents(atPath: folder.path(name))
        }
        return contents
    }

    /// A model of two layers as an inventory and in two shards with an index, and all that goes with it.
    private func makeInputs() throws {
        let files = FileManager.default
        try files.createDirectory(
            at: folder.url.appendingPathComponent("s"),
            withIntermediateDirectories: true
        )
        var random = SeededGenerator(seed: 3)
        for (number, name) in ["a", "b"].enumerated() {
            var file = SafetensorsBytes()
            let values = (0..<2048).map { _ in Float.random(in: -1...1, using: &random) }
            file.add(name, [8, 256], values)
            try write("s/model-0000\(number + 1)-of-00002.safetensors", file.bytes)
        }
        try write(
            "s/model.safetensors.index.json",
            """
            {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
            """
        )
        try write("s/config.json", "{}")
        try write(
            "m.json",
            #"{"model": "m", "tensors": [{"name": "a", "shape": [8, 256]}, {"name": "b", "shape": [8, 256]}]}"#
        )
        try write("i.csv", "layer,Q4_0,Q8_0\na,0.5,0.1\nb,0.7,0.2\n")
        try write("costs.csv", "format,cost\nBF16,1\nQ8_0,1.1\nQ4_0,1.3\n")
        try write("g.json", #"{"name": "own", "rules": [{"match": "*", "layer": "{1}"}]}"#)
        let matrix = [1, 1].flatMap { SafetensorsBytes.bytes(of: Int32($0)) } + Array("a".utf8)
        try write(
            "matrix.dat",
            matrix + [1, 256].flatMap { SafetensorsBytes.bytes(of: Int32($0)) }
                + (0..<256).flatMap { _ in SafetensorsBytes.bytes(of: Float(2).bitPattern) }
        )
        let recipes = packageRoot.appendingPathComponent("plans/flux1-dev-9GB.json")
        try files.copyItem(at: recipes, to: folder.url.appendingPathComponent("flux.json"))
        let run = try plan(
            ["--budget", "60%", "--model", "m.json", "--impacts", "i.csv", "-o", "recipe.json"]
        )
        try #require(run.exitCode == 0, "\(run.errors)")
        let errors = try plan(["estimate", "s", "--errors", "e.jsonl", "-o", "own.csv"])
        try #require(errors.exitCode == 0, "\(errors.errors)")
    }

    /// A command that writes to `OUT`, and what it reads.
    struct Writing: CustomTestStringConvertible, Sendable {
        let arguments: [String]
        let reads: [String]

        init(_ command: String, reads: String...) {
            arguments = command.split(separator: " ").map(String.init)
            self.reads = reads
        }

        var testDescription: String { arguments.joined(separator: " ") }

        func writing(to path: String) -> [String] {
            arguments.map { $0 == "OUT" ? path : $0 }
        }
    }

    private static let options = "--model m.json --impacts i.csv --grouping g.json"

    private static let writings = [
        Writing(
            "--budget 60% \(options) --slowdown 2 --costs costs.csv --nested-in recipe.json -o OUT",
            reads: "m.json",
            "i.csv",
            "g.json",
            "costs.csv",
            "recipe.json"
        ),
        Writing(
            "--budget 60% --model s --impacts i.csv -o OUT",
            reads: "s/config.json",
            "s/model-00001-of-00002.safetensors",
            "s/model-00002-of-00002.safetensors",
            "s/model.safetensors.index.json"
        ),
        Writing(
            "--budget 12GB --nested-in flux.json --robust 1 --choose robust --robust-table OUT -o r.json",
            reads: "flux.json"
        ),
        Writing(
            "frontier \(options) --with recipe.json --slowdown 2 --costs costs.csv -o OUT",
            reads: "m.json",
            "i.csv",
            "g.json",
            "costs.csv",
            "recipe.json"
        ),
        Writing("frontier --model s --impacts i.csv -o OUT", reads: "s/model-00002-of-00002.safetensors"),
        Writing(
            "report \(options) --with recipe.json --slowdown 2 --costs costs.csv -o OUT",
            reads: "m.json",
            "i.csv",
            "g.json",
            "costs.csv",
            "recipe.json"
        ),
        Writing("impacts i.csv --model m.json --grouping g.json -o OUT", reads: "i.csv", "m.json", "g.json"),
        Writing("impacts i.csv --model s -o OUT", reads: "s/model.safetensors.index.json"),
        Writing(
            "export recipe.json --converter stable-diffusion.cpp --model m.json --force -o OUT",
            reads: "recipe.json",
            "m.json"
        ),
        Writing(
            "estimate s --imatrix matrix.dat --profile analysis.md --grouping g.json -o OUT",
            reads: "s/config.json",
            "s/model-00001-of-00002.safetensors",
            "s/model.safetensors.index.json",
            "matrix.dat",
            "g.json"
        ),
        Writing(
            "estimate s --imatrix matrix.dat --grouping g.json --errors OUT --resume",
            reads: "s/model-00001-of-00002.safetensors",
            "s/model.safetensors.index.json",
            "matrix.dat",
            "g.json"
        ),
        Writing("estimate s -o OUT --merge e.jsonl", reads: "e.jsonl", "s/model-00002-of-00002.safetensors"),
        Writing("measure recipe.json -o OUT", reads: "recipe.json"),
        Writing("measure recipe.json -o t.json --markdown OUT", reads: "recipe.json"),
    ]

    @Test(
        "no command writes over what it reads, however the file is named, not even with --force",
        arguments: writings
    )
    func keepsInputs(writing: Writing) throws {
        try makeInputs()
        let files = FileManager.default
        for input in writing.reads {
            let path = folder.path(input)
            try? files.removeItem(atPath: folder.path("link"))
            try? files.removeItem(atPath: folder.path("hard"))
            try files.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: input)
            try files.linkItem(atPath: path, toPath: folder.path("hard"))
            let before = try contents()
            for name in [input, "./s/../" + input, path, "link", "hard"] {
                let force = writing.arguments.contains("--force") ? [] : ["--force"]
                let words = writing.writing(to: name)
                // An option that takes several values ends the line.
                let run = try plan(
                    words.first == "estimate" ? [words[0]] + force + words[1...] : words + force
                )
                #expect(run.exitCode == 64, "\(name): \(run.errors)")
                #expect(run.errors.contains("is read by this command"), "\(name): \(run.errors)")
                #expect(run.output.isEmpty)
            }
            #expect(try contents() == before)
        }
    }

    private static let plainWritings = [
        "--budget 60% --model m.json --impacts i.csv -o OUT",
        "--budget 12GB --robust 1 --choose robust -o r.json --robust-table OUT",
        "frontier --model m.json --impacts i.csv -o OUT",
        "frontier --model m.json --impacts i.csv --format csv -o OUT",
        "frontier --model m.json --impacts i.csv --format json -o OUT",
        "frontier --model m.json --impacts i.csv --format markdown -o OUT",
        "frontier --model m.json --impacts i.csv --format svg -o OUT",
        "report --model m.json --impacts i.csv -o OUT",
        "impacts i.csv -o OUT",
        "export ggml.json --converter llama-quantize -o OUT",
        "export flux.json --converter thireus -o OUT",
        "export flux.json --converter cg-mixed-casting -o OUT",
        "export mixed.json --converter mixed-gguf-converter -o OUT",
        "export module.json --converter comfyui -o OUT",
        "export module.json --converter convert_to_quant -o OUT",
        "estimate s --errors x.jsonl --resume -o OUT",
    ].map { Writing($0) }

    @Test("what the program did not write is only written over with --force", arguments: plainWritings)
    func keepsForeignFiles(writing: Writing) throws {
        try makeInputs()
        for (name, budget, formats) in [
            ("mixed", "14GB", ["--converter", "mixed-gguf-converter"]),
            ("ggml", "14GB", ["--converter", "llama-quantize"]),
            ("module", "14GB", ["--converter", "convert_to_quant", "--formats", "float8_e4m3fn"]),
        ] {
            let run = try plan(["--budget", budget, "-o", "\(name).json"] + formats)
            try #require(run.exitCode == 0, "\(run.errors)")
        }
        let foreign: [(name: String, bytes: [UInt8])] = [
            ("notes.txt", Array("dear diary\n".utf8)),
            ("model.gguf", Array("GGUF".utf8) + [3, 0, 0, 0] + [UInt8](repeating: 0, count: 100)),
            ("config.json", Array(#"{"model_type": "llama", "quantization": {"bits": 4}}"#.utf8)),
            ("configurations.yaml", Array("configurations:\n  mine:\n    casts:\n    - castto: Q8_0\n".utf8)),
            ("page.html", Array("<!doctype html>\n<title>mine</title>\n".utf8)),
            ("table.csv", Array("name,size\na,1\n".utf8)),
            ("own.csv", Array("# kind: loss\nlayer,Q4_0\nmine,0.3\n".utf8)),
            (
                "measured.csv",
                Array("# kind: loss\n# three weeks of my own\nlayer,Q4_0,Q8_0\noutput.weight,0.3,0.1\n".utf8)
            ),
            ("losses.csv", Array("layer,format,loss\nblk.0.attn_q.weight,Q4_0,0.0123\n".utf8)),
            ("diary.md", Array("Today the best plan was to sleep.\n".utf8)),
            ("casts.yaml", Array("casts:\n  # tuned by hand\n  - layers: 0-18\n    castto: Q8_0\n".utf8)),
            ("rules.txt", Array("^blk.[0-9].attn_q.weight$=q6_K\n".utf8)),
        ]
        for (name, bytes) in foreign {
            try write(name, bytes)
            let refused = try plan(writing.writing(to: name))
            #expect(refused.exitCode == 64, "\(name): \(refused.errors)")
            #expect(refused.errors.contains("add --force"), "\(name): \(refused.errors)")
            #expect(try contents()[name] == Data(bytes))
        }
        let forced = try plan(writing.writing(to: "notes.txt") + ["--force"])
        #expect(forced.exitCode == 0, "\(forced.errors)")
        #expect(try contents()["notes.txt"] != Data(foreign[0].bytes))
        // Its own file, and an empty one such as mktemp makes, are there to be written over.
        let again = try plan(writing.writing(to: "notes.txt"))
        #expect(again.exitCode == 0, "\(again.errors)")
        try write("empty", "")
        let filled = try plan(writing.writing(to: "empty"))
        #expect(filled.exitCode == 0, "\(filled.errors)")
        #expect(try contents()["empty"]?.isEmpty == false)
    }

    @Test("a table that was changed by hand, whoever made it first, is only written over with --force")
    func keepsChangedTables() throws {
        try makeInputs()
        let words = ["impacts", "i.csv", "-o", "t.csv"]
        #expect(try plan(words).exitCode == 0)
        let first = try #require(try contents()["t.csv"])
        #expect(try plan(words).exitCode == 0 && contents()["t.csv"] == first)
        let text = String(decoding: first, as: UTF8.self)
        #expect(text.contains("# plan: fnv1a64:"))
        try write("t.csv", text.replacing("0.5", with: "0.4"))
        let refused = try plan(words)
        #expect(refused.exitCode == 64 && refused.errors.contains("no impact table that plan wrote"))
        #expect(try contents()["t.csv"] != first)
        #expect(try plan(words + ["--force"]).exitCode == 0 && contents()["t.csv"] == first)
        // What is read of it is what the table says, not the mark.
        let again = try plan(["impacts", "t.csv", "-o", "-"])
        #expect(Data(again.output.utf8) == first)
    }

    @Test("a file may have a name of one letter", arguments: ["a", "./a", "s//a", "é"])
    func shortNames(name: String) throws {
        try makeInputs()
        let run = try plan(["--budget", "9GB", "-o", name])
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(folder.exists(name))
    }

    @Test("a recipe that the same options wrote is replaced, and one that others wrote stays")
    func namesRecipes() throws {
        try makeInputs()
        let own = ["--budget", "60%", "--model", "m.json", "--impacts", "i.csv"]
        func recipe(_ extra: String...) throws -> String {
            let run = try plan(own + extra)
            #expect(run.exitCode == 0, "\(run.errors)")
            return String(try #require(run.output.firstMatch(of: /\nRecipe  (\S+)/)?.1))
        }
        #expect(try recipe() == "plans/m-60percent.json")
        let first = try contents()
        #expect(try recipe() == "plans/m-60percent.json")
        #expect(try contents() == first)

        let max = try recipe("--combine", "max")
        #expect(max.hasPrefix("plans/m-60percent-max"))
        let pinned = try recipe("--pin", "a=Q8_0")
        let other = try recipe("--pin", "b=Q8_0")
        #expect(Set(["plans/m-60percent.json", max, pinned, other]).count == 4)
        #expect(try contents()["plans/m-60percent.json"] == first["plans/m-60percent.json"])
        // Each goes on under the name it has.
        let all = try contents()
        #expect(try recipe("--pin", "b=Q8_0") == other)
        #expect(try recipe("--pin", "a=Q8_0") == pinned)
        #expect(try recipe("--combine", "max") == max)
        #expect(try contents() == all)
        let run = try plan(own + ["--at-most", "a=Q8_0"])
        #expect(run.errors.contains("plans/m-60percent.json stays, as other options made it"))
        // In one line; what is said of the table stands in another.
        #expect(run.errors.split(separator: "\n").count { $0.contains("plans/m-60percent") } == 1)

        // What has the name and is no recipe stays as well.
        try write("plans/m-70percent.json", "my own notes")
        let note = try plan(["--budget", "70%", "--model", "m.json", "--impacts", "i.csv"])
        #expect(note.exitCode == 0)
        #expect(try contents()["plans/m-70percent.json"] == Data("my own notes".utf8))
    }

    @Test("commands that run at the same time with other options write files of their own")
    func namesRecipesAtOnce() async throws {
        try makeInputs()
        let pins = ["a=Q8_0", "a=Q4_0", "b=Q8_0", "b=Q4_0", "a=BF16", "b=BF16"]
        let codes = await withTaskGroup(of: Int32.self) { group in
            for pin in pins {
                group.addTask {
                    let run = try? ProgramRun.plan(
                        ["--budget", "90%", "--model", "m.json", "--impacts", "i.csv", "--pin", pin],
                        in: folder.url
                    )
                    return run?.exitCode ?? -1
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes == pins.map { _ in 0 })
        let files = try contents().filter { $0.key.hasPrefix("plans/m-90percent") }
        #expect(Set(files.values).count == pins.count)
        #expect(!files.values.contains(Data()))
    }

    @Test("devices and pipes are written to as they are")
    func writesToDevices() throws {
        try makeInputs()
        let own = "--budget 60% --model m.json --impacts i.csv"
        func shell(_ command: String) throws -> ProgramRun {
            try ProgramRun.run(
                URL(fileURLWithPath: "/bin/sh"),
                ["-c", command],
                in: folder.url,
                ["PATH": ProgramRun.productsFolder.path + ":/usr/bin:/bin"]
            )
        }
        #expect(try shell("plan \(own) -o /dev/null").exitCode == 0)
        #expect(try shell("test -c /dev/null").exitCode == 0)
        let expected = try contents()["recipe.json"]
        let pipe = try shell("mkfifo pipe && (cat pipe > copy.json & plan \(own) -o pipe > summary; wait)")
        #expect(pipe.exitCode == 0, "\(pipe.errors)")
        #expect(try contents()["copy.json"] == expected)
        for name in ["/dev/stdout", "-"] {
            #expect(try shell("plan \(own) -o \(name) 2> notes > copy.json").exitCode == 0)
            #expect(try contents()["copy.json"] == expected)
        }
        let errors = try shell("echo before >&2; plan \(own) -o /dev/stderr").errors
        #expect(errors.hasPrefix("before\n") && errors.contains("\n{\n"), "\(errors)")
    }

    @Test(
        "a damaged file of errors is named with its line, and nothing is measured anew"
    )
    func damagedErrors() throws {
        var random = SeededGenerator(seed: 1)
        var file = SafetensorsBytes()
        for name in ["a", "b", "c"] {
            file.add(name, [8, 256], (0..<2048).map { _ in Float.random(in: -1...1, using: &random) })
        }
        try write("model.safetensors", file.bytes)
        let words = ["estimate", "model.safetensors", "--formats", "Q8_0"]
        #expect(try plan(words).exitCode == 0)
        var lines = try folder.text("model-errors.jsonl").split(separator: "\n").map(String.init)
        try #require(lines.count == 4)
        lines[2].removeLast(10)
        try folder.write(lines.joined(separator: "\n") + "\n", "model-errors.jsonl")
        let before = try contents()
        let run = try plan(words + ["--resume"])
        #expect(run.exitCode == 65)
        #expect(
            run.errors.contains("line 3 of \"model-errors.jsonl\" is none that plan estimate wrote"),
            "\(run.errors)"
        )
        #expect(try contents() == before)
    }

    @Test("a second model of the same name keeps its errors and its table apart from the first one's")
    func namesEstimates() throws {
        for (name, seed) in [("one", 1), ("two", 2)] {
            try FileManager.default.createDirectory(
                at: folder.url.appendingPathComponent(name),
                withIntermediateDirectories: true
            )
            var random = SeededGenerator(seed: seed)
            var file = SafetensorsBytes()
            file.add("a", [8, 256], (0..<2048).map { _ in Float.random(in: -1...1, using: &random) })
            try write(name + "/model.safetensors", file.bytes)
        }
        let words = ["--formats", "Q8_0"]
        #expect(try plan(["estimate", "one/model.safetensors"] + words).exitCode == 0)
        let first = try contents()
        let run = try plan(["estimate", "two/model.safetensors"] + words)
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.errors.contains("model-errors.jsonl stays, as it is not of this model"))
        #expect(!run.errors.contains("--resume"))
        let second = try contents()
        #expect(Set(second.keys).subtracting(first.keys) == ["two-errors.jsonl", "two-impacts.csv"])
        #expect(first.allSatisfy { second[$0.key] == $0.value })

        // Each goes on with its own.
        for name in ["one", "two"] {
            let resumed = try plan(["estimate", "\(name)/model.safetensors", "--resume"] + words)
            #expect(resumed.exitCode == 0, "\(resumed.errors)")
            let refused = try plan(["estimate", "\(name)/model.safetensors"] + words)
            #expect(refused.exitCode == 73)
            #expect(refused.errors.contains("--resume"))
        }
        #expect(try contents() == second)
        // Another scale makes another table, and other settings other errors.
        #expect(
            try plan(["estimate", "one/model.safetensors", "--resume", "--grouping", "per-tensor"] + words)
                .exitCode == 0
        )
        #expect(try contents() == second)
        #expect(try plan(["estimate", "one/model.safetensors", "--formats", "Q4_0"]).exitCode == 0)
        let third = try contents()
        #expect(second.allSatisfy { third[$0.key] == $0.value })
        #expect(third.count == second.count + 2)
    }

    @Test("no file is written under the ending of something else, unless that is asked for")
    func endings() throws {
        let folder = try ScratchFolder()
        for (words, sentence) in [
            (
                "--budget 9GB --format csv -o plan.csv",
                "plan.csv has the ending of CSV, and this is written as JSON"
            ),
            ("report -o page.pdf", "page.pdf has the ending of PDF, and this is written as HTML"),
            (
                "impacts flux1-dev-table3 -o i.json",
                "i.json has the ending of JSON, and this is written as CSV"
            ),
        ] {
            let run = try folder.plan(words)
            #expect(run.exitCode == 64 && run.errors.contains(sentence), "\(run.errors)")
        }
        #expect(try folder.names() == [])
        #expect(try folder.plan("--budget 9GB -o plan.csv --force").exitCode == 0)
    }
}
