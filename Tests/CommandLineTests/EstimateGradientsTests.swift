import Foundation
import TestSupport
import Testing

@Suite("plan estimate with gradients")
struct EstimateGradientsTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func plan(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun.plan(arguments, in: folder.url)
    }

    private func text(_ name: String) throws -> String {
        try folder.text(name)
    }

    private func write(_ bytes: [UInt8], _ name: String) throws {
        try folder.write(bytes, name)
    }

    /// Writes a model of four layers, m.safetensors, and gradients of those that are named, g.gguf.
    private func writeModel(seed: Int, without missing: Set<Int> = []) throws {
        var random = SeededGenerator(seed: seed)
        var model = SafetensorsBytes()
        var gradients = GradientsBytes()
        for layer in 0..<4 {
            let name = "blk.\(layer).attn_q.weight"
            model.add(name, [16, 256], (0..<4096).map { _ in Float.random(in: -1...1, using: &random) })
            let rows = (0..<16).map { _ in Float.random(in: 0...1, using: &random) * Float(layer + 1) }
            let columns = (0..<256).map { _ in Float.random(in: 0...1, using: &random) }
            if !missing.contains(layer) { gradients.add(name, rows: rows, columns: columns) }
        }
        try write(model.bytes, "m.safetensors")
        try write(gradients.bytes, "g.gguf")
    }

    @Test(
        "losses make a table in their unit, the same in parts, whose plans say what to expect",
        arguments: 1...2
    )
    func measures(seed: Int) throws {
        try writeModel(seed: seed)
        let run = try plan("estimate", "m.safetensors", "--gradients", "g.gguf")
        #expect(run.exitCode == 0, "\(run.errors)")
        let table = try text("m-impacts.csv")
        let head = table.split(separator: "\n").prefix(7)
        #expect(
            head.prefix(4) == [
                "# kind: loss", "# unit: KL divergence, nats per token",
                "# method: weights and gradients of 4 sequences", "# uncertainty: 0.3",
            ]
        )
        #expect(head[4].hasPrefix("# gradients: fnv1a64:") && head[4].hasSuffix(" g.gguf"))
        #expect(head[5].hasPrefix("# plan: fnv1a64:") && head[6].hasPrefix("layer,"))
        for part in ["1/2", "2/2"] {
            let run = try plan("estimate", "m.safetensors", "--gradients", "g.gguf", "--part", part)
            #expect(run.exitCode == 0, "\(run.errors)")
        }
        let merged = try plan(
            "estimate",
            "m.safetensors",
            "--merge",
            "m-errors-1-of-2.jsonl",
            "m-errors-2-of-2.jsonl",
            "-o",
            "-"
        )
        #expect(merged.output == table)

        let planned = try plan(
            "--budget",
            "20%",
            "--model",
            "m.safetensors",
            "--impacts",
            "m-impacts.csv",
            "-o",
            "r.json"
        )
        #expect(planned.exitCode == 0, "\(planned.errors)")
        #expect(
            planned.errors.split(separator: "\n").allSatisfy { $0.contains("no converter binds this plan") }
        )
        #expect(planned.output.contains("weights and gradients of 4 sequences; gradients g.gguf"))
        #expect(planned.output.contains("combined by sum"))
        let line = try #require(planned.output.split(separator: "\n").first { $0.hasPrefix("Expect ") })
        let match = try #require(line.firstMatch(of: /KL divergence of ([0-9.]+) nats per token, ±30 %/))
        let loss = try #require(Double(match.1))
        let recipe = try text("r.json")
        #expect(recipe.contains(#""kind": "loss""#) && recipe.contains(#""combine": "sum""#))
        #expect(recipe.contains(#""gradients": {"name": "g.gguf", "digest": "fnv1a64:"#))
        let check = try plan("check", "r.json", "--model", "m.safetensors", "--impacts", "m-impacts.csv")
        #expect(check.exitCode == 0, "\(check.errors)")

        // The loss that is allowed is one in the same unit: a little more than that of the plan gives a file no larger.
        let allowed = try plan(
            "--max-impact",
            "\(loss * 1.01)",
            "--model",
            "m.safetensors",
            "--impacts",
            "m-impacts.csv",
            "-o",
            "l.json"
        )
        #expect(allowed.exitCode == 0, "\(allowed.errors)")
        func bytes(_ name: String) throws -> Int {
            try #require(try text(name).firstMatch(of: /"bytes": ([0-9]+)/).flatMap { Int($0.1) })
        }
        #expect(try bytes("l.json") <= bytes("r.json"))
    }

    @Test("the file of errors goes on with the same gradients alone, and makes amplitudes too")
    func resumes() throws {
        try writeModel(seed: 1)
        let arguments = ["estimate", "m.safetensors", "--formats", "Q8_0", "--resume"]
        func run(_ more: [String]) throws -> ProgramRun {
            try ProgramRun.plan(arguments + more, in: folder.url)
        }
        #expect(try run(["--gradients", "g.gguf"]).exitCode == 0)
        let again = try run(["--gradients", "g.gguf"])
        #expect(again.exitCode == 0)
        #expect(again.errors.contains("has 4 tensors"))
        let without = try run([])
        #expect(without.exitCode == 65)
        #expect(without.errors.contains("another file of gradients"), "\(without.errors)")
        try writeModel(seed: 1, without: [3])
        #expect(try run(["--gradients", "g.gguf"]).errors.contains("another file of gradients"))
        for (option, unit) in [
            ("--absolute", "root mean square error"), ("--norm=unweighted", "relative error"),
        ] {
            let merged = try plan("estimate", "m.safetensors", "--merge", "m-errors.jsonl", option, "-o", "-")
            #expect(merged.exitCode == 0, "\(merged.errors)")
            #expect(merged.output.hasPrefix("# kind: amplitude\n# unit: \(unit)\n# method: weights only"))
        }
    }

    @Test("layers without gradients are listed, and every plan keeps them unless their rows are filled")
    func keepsUnknown() throws {
        try writeModel(seed: 3, without: [1, 3])
        let run = try plan("estimate", "m.safetensors", "--gradients", "g.gguf", "--formats", "Q8_0,Q4_0")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(
            run.errors.contains(
                "g.gguf has no gradients for 2 of 4 layers: blk.1.attn_q.weight, blk.3.attn_q.weight; their rows are "
            ),
            "\(run.errors)"
        )
        #expect(run.errors.contains("every plan keeps them unquantized"))
        #expect(try text("m-impacts.csv").contains("\nblk.1.attn_q.weight,,\n"))
        func solve(_ more: String...) throws -> ProgramRun {
            let words = [
                "--budget", "70%", "--model", "m.safetensors", "--impacts", "m-impacts.csv", "-o", "r.json",
            ]
            return try ProgramRun.plan(words + ["--force"] + more, in: folder.url)
        }
        let kept = try solve()
        #expect(kept.exitCode == 0, "\(kept.errors)")
        let recipe = try JSONSerialization.jsonObject(with: Data(try text("r.json").utf8)) as? [String: Any]
        let layers = try #require(recipe?["layers"] as? [[String: Any]])
        #expect(layers.map { $0["format"] as? String == "F32" } == [false, true, false, true])

        let filled = try text("m-impacts.csv").replacingOccurrences(of: "weight,,\n", with: "weight,0,\n")
        try write(Array(filled.utf8), "m-impacts.csv")
        let pinned = try solve("--pin", "blk.1.*=\(try column(0))", "--pin", "blk.3.*=\(try column(0))")
        #expect(pinned.exitCode == 0, "\(pinned.errors)")
    }

    /// The name of a format's column in the table.
    private func column(_ number: Int) throws -> String {
        let header = try #require(
            try text("m-impacts.csv").split(separator: "\n").first { $0.hasPrefix("layer,") }
        )
        return String(header.split(separator: ",")[number + 1])
    }

    @Test("encoders take nothing, ones, or the gradients' columns, and tables and recipes say which")
    func importance() throws {
        try writeModel(seed: 4)
        var tables: Set<String> = []
        for (choice, said) in [("none", nil), ("ones", "constant:1 ones"), ("gradients", "fnv1a64:")] {
            let table = "\(choice).csv"
            let run = try plan(
                "estimate",
                "m.safetensors",
                "--gradients",
                "g.gguf",
                "--importance",
                choice,
                "--formats",
                "Q4_K",
                "-o",
                table
            )
            #expect(run.exitCode == 0, "\(run.errors)")
            let content = try text(table)
            #expect(content.contains("# importance: ") == (said != nil))
            if let said { #expect(content.contains("# importance: \(said)")) }
            tables.insert(String(content.split(separator: "\n").last ?? ""))
            let words = [
                "--budget", "50%", "--model", "m.safetensors", "--impacts", table, "-o", "\(choice).json",
            ]
            #expect(try ProgramRun.plan(words, in: folder.url).exitCode == 0)
            // Ones are no file that a converter could be given.
            #expect(try text("\(choice).json").contains(#""importance": null"#) == (choice != "gradients"))
        }
        #expect(tables.count == 3)
    }

    @Test(
        "bad input gives a sentence, the exit code, and no file",
        arguments: [
            (["--gradients", "none.gguf"], 66, "none.gguf"),
            (["--gradients", "m.safetensors"], 65, "m.safetensors"),
            (["--gradients", "other.gguf"], 65, "knows no tensor of the model"),
            (["--gradients", "g.gguf", "--absolute"], 64, "leave out --profile"),
            (["--gradients", "g.gguf", "--importance", "ones", "--imatrix", "i.gguf"], 64, "choose one"),
            (["--importance", "gradients"], 64, "name the file"),
            (["--importance", "twos"], 64, "'twos'"),
            (["--gradients", "g.gguf", "-o", "g.gguf"], 64, "is read by this command"),
        ] as [([String], Int32, String)]
    )
    func refuses(arguments: [String], exitCode: Int32, part: String) throws {
        try writeModel(seed: 5)
        var other = GradientsBytes()
        other.add("another", rows: [1], columns: [1])
        try write(other.bytes, "other.gguf")
        let run = try ProgramRun.plan(["estimate", "m.safetensors"] + arguments, in: folder.url)
        #expect(run.exitCode == exitCode, "\(run.errors)")
        #expect(run.errors.contains(part), "\(run.errors)")
        #expect(run.output.isEmpty)
        let left = try folder.names()
        #expect(left == ["g.gguf", "m.safetensors", "other.gguf"])
    }

    @Test(
        "what the losses may be off by stands beside them, in the table that is shown as in the one that is written"
    )
    func uncertainty() throws {
        try writeModel(seed: 3)
        let run = try plan(
            "estimate",
            "m.safetensors",
            "--gradients",
            "g.gguf",
            "--formats",
            "Q8_0",
            "-o",
            "t.csv"
        )
        #expect(run.exitCode == 0, "\(run.errors)")
        let row = try #require(run.output.split(separator: "\n").first { $0.hasPrefix("Q8_0") })
        let cells = row.split(whereSeparator: \.isWhitespace)
        let (all, error) = (try #require(Double(cells[3])), try #require(Double(cells[4])))
        #expect(abs(error / all - 0.3) < 1e-3)
    }

    @Test("gradients that are all zero, or of no sequence, are said to be that")
    func nothing() throws {
        try writeModel(seed: 1)
        for (sequences, sentence) in [
            (4, "the gradients say nothing of any layer"), (0, "gradients of 0 sequences"),
        ] {
            var gradients = GradientsBytes(sequences: UInt64(sequences))
            for layer in 0..<4 {
                gradients.add(
                    "blk.\(layer).attn_q.weight",
                    rows: [Float](repeating: 0, count: 16),
                    columns: [Float](repeating: 0, count: 256)
                )
            }
            try write(gradients.bytes, "z.gguf")
            let run = try plan(
                "estimate",
                "m.safetensors",
                "--gradients",
                "z.gguf",
                "--formats",
                "Q8_0",
                "-o",
                "t.csv",
                "--errors",
                "e\(sequences).jsonl"
            )
            #expect(run.exitCode == 65 && run.errors.contains(sentence), "\(run.errors)")
        }
    }
}
