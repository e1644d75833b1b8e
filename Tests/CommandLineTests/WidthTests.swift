import Foundation
import Recipes
import Tensors
import TestSupport
import Testing

/// What people read keeps to the width of their terminal, and to a page.
@Suite struct WidthTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func write(_ name: String, _ text: String) throws {
        try folder.write(text, name)
    }

    /// The lines that stay on the terminal: what progress wrote over itself is left out.
    private func lines(_ run: TerminalRun) -> [String] {
        run.output.replacing(/\r[^\n]*?\u{1B}\[K/, with: "").split(separator: "\n").map(String.init)
    }

    private static let commands: [[String]] = [
        ["--budget", "9GB", "-o", "a.json"], ["--budget", "9GB", "--robust", "20", "-o", "a.json"],
        ["explain", "layer05.txt", "--budget", "9GB"], ["explain", "--budget", "9GB"],
        ["compare", "--budgets", "8GB,9GB,10GB,12GB", "--changes"],
        ["compare", "--budgets", "8GB,9GB,10GB,12GB", "--nested"],
        ["frontier"], ["impacts"], ["formats"],
    ]

    @Test("no line is longer than the terminal is wide", arguments: commands, [60, 80, 130])
    func keepsToTheWidth(command: [String], columns: Int) throws {
        let run = try TerminalRun.plan(command, in: folder.url, columns: columns)
        #expect(run.exitCode == 0)
        for line in lines(run) {
            #expect(line.count <= columns, "\(line)")
        }
    }

    @Test("what a longer context costs is said within the terminal's width", arguments: [40, 60])
    func costsOfContexts(columns: Int) throws {
        let network = try LanguageModelFile()
        let widths: KeyValuePairs = [
            "embedding_length": 256, "feed_forward_length": 512, "context_length": 8_192,
        ]
        try folder.write(network.bytes(more: widths), "m.gguf")
        try folder.write(network.table([.q4_K, .q6_K, .q8_0]), "i.csv")
        let arguments = """
            compare --model m.gguf --impacts i.csv --card 23MiB --overhead 1MiB --margin 0 --contexts 2k,2304 --kv f16,q8_0
            """
        let run = try TerminalRun.plan(
            arguments.split(separator: " ").map(String.init),
            in: folder.url,
            columns: columns
        )
        #expect(run.exitCode == 0, "\(run.output)")
        let shown = lines(run)
        #expect(shown.contains { $0.hasPrefix("2304 instead of 2k ") }, "\(run.output)")
        for line in shown { #expect(line.count <= columns, "\(line)") }
    }

    /// A command with long notes, on a terminal.
    private func estimate(columns: Int) throws -> TerminalRun {
        try folder.write(WeightedModelFile(seed: 3).bytes, "m.gguf")
        return try TerminalRun.plan(
            [
                "estimate", "m.gguf", "--formats", "Q4_0,Q8_0", "-o", "t.csv", "--force", "--errors",
                "e.jsonl",
            ],
            in: folder.url,
            columns: columns
        )
    }

    @Test("notes keep to the terminal's width and to their words", arguments: [60, 80])
    func notes(columns: Int) throws {
        let run = try estimate(columns: columns)
        #expect(run.exitCode == 0, "\(run.output)")
        let shown = lines(run)
        for line in shown where !line.hasPrefix("Next") && !line.hasPrefix("     ") {
            #expect(line.count <= columns, "\(line)")
        }
        let note =
            "squared relative errors count by role, as they cost in all-MiniLM-L6-v2 and gemma-3-270m: attn_q"
        #expect(shown.joined(separator: " ").contains(note))
        #expect(!shown.contains { $0.contains(note) })
        // A command is one line, however long.
        #expect(shown.contains { $0.hasPrefix("Next ") && $0.hasSuffix("--impacts t.csv") })
    }

    @Test("what is no terminal gets a note in one line where COLUMNS is not set")
    func notesInOneLine() throws {
        try folder.write(WeightedModelFile(seed: 3).bytes, "m.gguf")
        func note(_ columns: String) throws -> [Substring] {
            let run = try ProgramRun.plan(
                [
                    "estimate", "m.gguf", "--formats", "Q4_0,Q8_0", "-o", "t.csv", "--force", "--errors",
                    "e\(columns).jsonl",
                ],
                in: folder.url,
                environment: ["COLUMNS": columns]
            )
            return run.errors.split(separator: "\n")
        }
        #expect(try note("").contains { $0.hasPrefix("squared relative errors") && $0.count > 200 })
        #expect(try note("70").allSatisfy { $0.count <= 70 })
    }

    @Test("a command to paste is one line on a narrow terminal, and what is said beside it is broken")
    func commandsToPaste() throws {
        _ = try estimate(columns: 80)
        let name = "a-recipe-of-a-long-name-in-a-narrow-terminal.json"
        let recipe = try ProgramRun.plan(
            ["--budget", "60%", "--model", "m.gguf", "--impacts", "t.csv", "-o", name],
            in: folder.url
        )
        #expect(recipe.exitCode == 0, "\(recipe.errors)")
        func export(_ target: String) throws -> [String] {
            lines(
                try TerminalRun.plan(
                    ["export", name, "--converter", "llama-quantize", "--model", "m.gguf", "-o", target],
                    in: folder.url,
                    columns: 60
                )
            )
        }
        let command = "plan export \(name) --converter llama-quantize --model m.gguf -o "
        #expect(try export("-").contains { $0.hasPrefix(command) })
        #expect(try export("-").contains("To use it, write it to a file, which shows the command that"))
        #expect(try export("r.txt").contains { $0.contains("llama-quantize --tensor-type-file r.txt") })
    }

    @Test("plan inspect keeps to 80 columns, whatever tensors and metadata are called")
    func inspects() throws {
        var file = SafetensorsBytes()
        let name = "conditioner.embedders.0.transformer.text_model.encoder.layers.attention.fc1.w"
        file.add(name, [8, 256], [Float](repeating: 1, count: 2048))
        try folder.write(file.bytes, "m.safetensors")
        func number(_ value: some FixedWidthInteger) -> [UInt8] { SafetensorsBytes.bytes(of: value) }
        func text(_ text: String) -> [UInt8] { number(UInt64(text.utf8.count)) + Array(text.utf8) }
        let keys = ["general.architecture", "tokenizer.ggml.model.of.words", "tokenizer.ggml.pre.of.words"]
        let entries = keys.flatMap { text($0) + number(UInt32(8)) + text("llama") }
        try folder.write(
            Array("GGUF".utf8) + number(UInt32(3)) + number(Int64(0)) + number(Int64(keys.count)) + entries,
            "v.gguf"
        )
        for (model, word) in [("m.safetensors", name), ("v.gguf", keys[2])] {
            let run = try TerminalRun.plan(["inspect", model], in: folder.url)
            #expect(run.exitCode == 0, "\(run.output)")
            #expect(run.output.contains(word))
            for line in lines(run) { #expect(line.count <= 80, "\(line)") }
        }
    }

    @Test("COLUMNS says how wide text is where there is no terminal, and 80 where nothing does")
    func columns() throws {
        func longest(_ columns: String) throws -> Int {
            let run = try ProgramRun.plan(
                ["explain", "layer05.txt", "--budget", "9GB"],
                in: folder.url,
                environment: ["COLUMNS": columns]
            )
            return run.output.split(separator: "\n").map(\.count).max() ?? 0
        }
        #expect((50...60).contains(try longest("60")))
        #expect((70...80).contains(try longest("")))
        #expect(try longest("500") > 110)
    }

    @Test("words are not broken: those of a narrow terminal are those of a wide one")
    func keepsWords() throws {
        func words(_ columns: Int) throws -> Set<String> {
            let run = try TerminalRun.plan(
                ["--budget", "9GB", "-o", "a.json"],
                in: folder.url,
                columns: columns
            )
            return Set(lines(run).joined(separator: " ").split(separator: " ").map(String.init))
        }
        let wide = try words(400).filter { !$0.hasPrefix("--") && !$0.contains("layer") }
        let narrow = try words(60).filter { !$0.hasPrefix("--") && !$0.contains("layer") }
        #expect(narrow == wide)
    }

    @Test("a comparison has no column for a format that no plan takes, but its CSV has")
    func leavesOutUnusedFormats() throws {
        let arguments = ["compare", "--budgets", "8GB,9GB"]
        let text = try ProgramRun.plan(arguments, in: folder.url)
        #expect(text.output.contains("Q5_1"))
        #expect(!text.output.contains("float8_e4m3fn"))
        let csv = try ProgramRun.plan(arguments + ["--format", "csv"], in: folder.url)
        #expect(csv.output.contains("layers_float8_e4m3fn"))
    }

    @Test("what is more than 1,000 percent worse is so many times as bad")
    func saysTimes() throws {
        try write(
            "m.json",
            #"{"model": "m", "tensors": [{"name": "a", "shape": [64, 256]}, {"name": "b", "shape": [64, 256]}]}"#
        )
        try write("i.csv", "# kind: loss\nlayer,Q4_0,Q8_0\na,45,2.5\nb,45,2.5\n")
        let run = try ProgramRun.plan(
            ["--budget", "36000", "--model", "m.json", "--impacts", "i.csv", "-o", "a.json"],
            in: folder.url
        )
        #expect(run.output.contains(" 18×"))
    }

    @Test("the summary of thousands of layers is a page, and the recipe has them all")
    func isAPage() throws {
        var generator = SeededGenerator(seed: 3)
        var tensors: [String] = []
        var rows = "# kind: loss\nlayer,Q4_0,Q8_0,Q3_K\n"
        for layer in 0..<2_000 {
            // Names that no range brings together.
            let name = "block.\(UInt64.random(in: 0 ... .max, using: &generator)).part.\(layer)"
            tensors.append(
                #"{"name": "\#(name)", "shape": [\#(layer % 3 == 0 ? 16 : 32), \#(layer % 5 == 0 ? 96 : 256)]}"#
            )
            let impact = Double.random(in: 1..<2, using: &generator)
            rows += "\(name),\(impact),\(impact / 9),\(impact * 2)\n"
        }
        try write("m.json", #"{"model": "m", "tensors": ["# + tensors.joined(separator: ",") + "]}")
        try write("i.csv", rows)
        let run = try ProgramRun.plan(
            ["--budget", "40%", "--model", "m.json", "--impacts", "i.csv", "-o", "a.json"],
            in: folder.url
        )
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.output.split(separator: "\n").count <= 60)
        #expect(run.output.utf8.count < 6_000)
        #expect(run.output.contains(" in all"))
        #expect(try RecipeReader.read(path: folder.path("a.json")).layers.count == 2_000)
    }
}
