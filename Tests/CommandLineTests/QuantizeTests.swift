import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing

/// `plan quantize` as a user drives it.
@Suite struct QuantizeTests {
    /// A folder with a model.
    private static func folder(seed: Int = 1, rows: Int = 256) throws -> ScratchFolder {
        let folder = try ScratchFolder()
        try folder.write(WeightedModelFile(seed: seed, rows: rows).bytes, "m.gguf")
        return folder
    }

    @Test("a model and a budget make a file within the budget, as planned, that the check finds nothing in")
    func modelIn() throws {
        let folder = try Self.folder()
        let run = try folder.plan("quantize m.gguf --budget 40% --formats Q4_0,Q4_K,Q8_0 -o q.gguf")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.output.contains("of the file as planned"), "\(run.output)")
        #expect(run.output.contains(", as planned"))
        let recipe = try #require(run.output.firstMatch(of: /Recipe  (plans\/\S+)/)?.1)
        let size = try folder.data("q.gguf").count
        #expect(size * 10 <= (try folder.data("m.gguf").count) * 4)
        let check = try folder.plan("check \(recipe) q.gguf --model m.gguf")
        #expect(check.exitCode == 0, "\(check.output)")
        // What was planned once is written again from its recipe, to the byte.
        let again = try folder.plan("quantize m.gguf --recipe \(recipe) -o r.gguf")
        #expect(again.exitCode == 0, "\(again.errors)")
        #expect(try folder.data("r.gguf") == folder.data("q.gguf"))
        #expect(!folder.exists("q.gguf.partial") && !folder.exists("q.gguf.partial.journal"))
    }

    @Test("the summary of a plan for a model in a file ends with the command that writes it, which works")
    func nextStep() throws {
        let folder = try Self.folder()
        #expect(try folder.plan("estimate m.gguf --formats Q4_0,Q8_0 -o i.csv").exitCode == 0)
        let run = try folder.plan("--budget 40% --model m.gguf --impacts i.csv --converter plan")
        let next = try #require(run.output.firstMatch(of: /Next    plan (quantize .*)\n$/)?.1)
        let written = try folder.plan(String(next))
        #expect(written.exitCode == 0, "\(written.errors)")
        #expect(written.output.contains("of the file as planned"), "\(written.output)")
        #expect(folder.exists("m-40percent.gguf"))
    }

    @Test("a recipe for llama-quantize is written too")
    func otherConverter() throws {
        let folder = try Self.folder()
        #expect(try folder.plan("estimate m.gguf --formats Q4_0,Q8_0 -o i.csv").exitCode == 0)
        let planned = try folder.plan(
            "--budget 40% --model m.gguf --impacts i.csv --converter llama-quantize -o r.json"
        )
        #expect(planned.exitCode == 0, "\(planned.errors)")
        let run = try folder.plan("quantize m.gguf --recipe r.json -o q.gguf")
        #expect(run.exitCode == 0 && run.errors.isEmpty, "\(run.errors)")
        #expect(try folder.plan("check r.json q.gguf").exitCode == 0)
    }

    @Test("a dry run says the size to the byte and writes nothing")
    func dryRun() throws {
        let folder = try Self.folder()
        #expect(try folder.plan("estimate m.gguf --formats Q4_0,Q8_0 -o i.csv").exitCode == 0)
        let words = "quantize m.gguf --budget 40% --impacts i.csv -o q.gguf"
        let dry = try folder.plan(words + " --dry-run")
        #expect(dry.exitCode == 0, "\(dry.errors)")
        #expect(!folder.exists("q.gguf") && !folder.exists("plans"))
        #expect(try folder.plan(words).exitCode == 0)
        let digits = try #require(dry.output.firstMatch(of: /Size +([0-9,]+) bytes/)?.1)
        #expect(Int(digits.filter { $0 != "," }) == (try folder.data("q.gguf").count))
    }

    @Test("a killed run goes on and makes the same bytes", arguments: [1, 3])
    func killed(seed: Int) throws {
        let folder = try Self.folder(seed: seed, rows: 1_024)
        #expect(
            try folder.plan("estimate m.gguf --formats Q4_0,Q8_0 --rows 1% -o i.csv").exitCode == 0
        )
        #expect(
            try folder.plan("--budget 40% --model m.gguf --impacts i.csv --converter plan -o r.json")
                .exitCode == 0
        )
        #expect(try folder.plan("quantize m.gguf --recipe r.json -o whole.gguf").exitCode == 0)
        let journal = folder.url.appendingPathComponent("q.gguf.partial.journal")
        let killed = try ProgramRun.plan(
            ["quantize", "m.gguf", "--recipe", "r.json", "-o", "q.gguf"],
            in: folder.url
        ) { process in
            // Until a tensor or more is finished.
            while process.isRunning {
                let lines =
                    (try? String(contentsOf: journal, encoding: .utf8))?.split(separator: "\n").count ?? 0
                if lines > seed {
                    kill(process.processIdentifier, SIGKILL)
                    break
                }
                usleep(500)
            }
        }
        #expect(killed.exitCode == -1 && !folder.exists("q.gguf") && folder.exists("q.gguf.partial"))
        let run = try folder.plan("quantize m.gguf --recipe r.json -o q.gguf --resume")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(try folder.data("q.gguf") == folder.data("whole.gguf"))
        #expect(!folder.exists("q.gguf.partial") && !folder.exists("q.gguf.partial.journal"))
    }

    @Test("Ctrl-C leaves what is finished, and says how to go on")
    func interrupted() throws {
        let folder = try Self.folder(rows: 1_024)
        #expect(
            try folder.plan("estimate m.gguf --formats Q4_0,Q8_0 --rows 1% -o i.csv").exitCode == 0
        )
        let journal = folder.url.appendingPathComponent("q.gguf.partial.journal")
        let run = try ProgramRun.plan(
            ["quantize", "m.gguf", "--budget", "40%", "--impacts", "i.csv", "-o", "q.gguf"],
            in: folder.url
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
        #expect(!folder.exists("q.gguf"))
        let again = try folder.plan("quantize m.gguf --budget 40% --impacts i.csv -o q.gguf --resume")
        #expect(again.exitCode == 0, "\(again.errors)")
    }

    @Test("a recorded recipe is part of the planned size, and of what the file and its record say")
    func records() throws {
        let folder = try Self.folder()
        #expect(try folder.plan("estimate m.gguf --formats Q4_0,Q4_K,Q8_0 -o i.csv").exitCode == 0)
        let run = try folder.plan("quantize m.gguf --budget 40% --impacts i.csv --record -o q.gguf")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.output.contains(", as planned") && run.errors.isEmpty, "\(run)")
        let path = String(try #require(run.output.firstMatch(of: /Recipe  (plans\/\S+)/)?.1))
        let made = try Model.read(path: folder.url.appendingPathComponent("q.gguf").path)
        // The digests are those that anybody computes of the files.
        var digests: [String] = []
        for name in [path, "q.gguf"] {
            var digest = SHA256()
            digest.update(Array(try folder.data(name)))
            digests.append(digest.text)
        }
        #expect(made.metadataValue(for: "plan.recipe.sha256") == .string(digests[0]))
        let record = try JSONSerialization.jsonObject(with: folder.data("q.gguf.json")) as? [String: Any]
        #expect((record?["file"] as? [String: Any])?["sha256"] as? String == digests[1])
        #expect((record?["file"] as? [String: Any])?["bytes"] as? Int == (try folder.data("q.gguf").count))
        #expect((record?["recipe"] as? [String: Any])?["sha256"] as? String == digests[0])
        let check = try folder.plan("check \(path) q.gguf --model m.gguf")
        #expect(check.exitCode == 0 && check.output.contains("SHA-256 of its record"), "\(check.output)")
        var damaged = Array(try folder.data("q.gguf"))
        damaged[damaged.count - 9] ^= 1
        try folder.write(damaged, "d.gguf")
        try folder.write(Array(try folder.data("q.gguf.json")), "d.gguf.json")
        let differs = try folder.plan("check \(path) d.gguf --model m.gguf")
        #expect(differs.exitCode == 1 && differs.output.contains(digests[1]), "\(differs.output)")
        let again = try folder.plan("check \(path) --model m.gguf --impacts i.csv")
        #expect(again.exitCode == 0 && again.output.contains("optimal"), "\(again)")
        // The recipe asks for the record by itself, and what it says of another file is taken away.
        let same = try folder.plan("quantize m.gguf --recipe \(path) -o q.gguf --force")
        #expect(same.exitCode == 0 && folder.exists("q.gguf.json"), "\(same.errors)")
        let words = "--budget 35% --model m.gguf --impacts i.csv --converter plan -o other.json"
        #expect(try folder.plan(words).exitCode == 0)
        #expect(try folder.plan("check other.json q.gguf --model m.gguf").output.contains("sha256:"))
        #expect(try folder.plan("quantize m.gguf --recipe other.json -o q.gguf --force").exitCode == 0)
        #expect(!folder.exists("q.gguf.json"))
        #expect(try folder.plan("check other.json q.gguf --model m.gguf").exitCode == 0)
        // A recipe that does not count it may be recorded all the same, where the budget leaves room.
        let late = try folder.plan(
            "--max-impact 0.05 --model m.gguf --impacts i.csv --converter plan -o late.json"
        )
        #expect(late.exitCode == 0, "\(late.errors)")
        let noted = try folder.plan("quantize m.gguf --recipe late.json --record -o late.gguf")
        #expect(noted.exitCode == 0 && noted.errors.contains("it records the recipe"), "\(noted)")
        #expect(try folder.plan("check late.json late.gguf --model m.gguf").exitCode == 0)
    }

    @Test("an update that is killed at any time leaves the old file or the new one, whole", arguments: 1...4)
    func updateIsKilled(seed: Int) throws {
        let folder = try Self.folder(seed: seed, rows: 1_024)
        #expect(
            try folder.plan("estimate m.gguf --formats Q4_0,Q5_K,Q8_0 --rows 1% -o i.csv").exitCode == 0
        )
        for (name, budget) in [("old", "30%"), ("new", "45%")] {
            let words = "quantize m.gguf --budget \(budget) --impacts i.csv -o \(name).gguf"
            #expect(try folder.plan(words).exitCode == 0)
        }
        let (old, new) = (try folder.data("old.gguf"), try folder.data("new.gguf"))
        #expect(old != new)
        try old.write(to: folder.url.appendingPathComponent("q.gguf"))
        let words = ["quantize", "m.gguf", "--budget", "45%", "--impacts", "i.csv", "--update", "q.gguf"]
        var random = SeededGenerator(seed: seed)
        _ = try ProgramRun.plan(words, in: folder.url) { process in
            usleep(UInt32.random(in: 0..<400_000, using: &random))
            kill(process.processIdentifier, SIGKILL)
        }
        let left = try folder.data("q.gguf")
        #expect(left == old || left == new)
        let run = try ProgramRun.plan(words + ["--resume"], in: folder.url)
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(try folder.data("q.gguf") == new)
        #expect(!folder.exists("q.gguf.partial") && !folder.exists("q.gguf.partial.journal"))
    }

    @Test("an update casts what changed, says so, and keeps the impact that was planned")
    func update() throws {
        let folder = try Self.folder()
        #expect(try folder.plan("estimate m.gguf --formats Q4_0,Q5_K,Q8_0 -o i.csv").exitCode == 0)
        for (name, pin) in [("a", "Q4_0"), ("b", "Q8_0")] {
            let words =
                "--budget 60% --model m.gguf --impacts i.csv --converter plan --formats Q4_0,Q5_K,Q8_0"
            let run = try folder.plan(words, "--pin *attn_q*=\(pin) --pin *ffn*=Q5_K -o \(name).json")
            #expect(run.exitCode == 0, "\(run.errors)")
            let written = "quantize m.gguf --recipe \(name).json -o \(name).gguf"
            #expect(try folder.plan(written).exitCode == 0)
        }
        let run = try folder.plan("quantize m.gguf --recipe b.json --update a.gguf")
        #expect(run.exitCode == 0 && run.output.contains("taken over from the earlier file"), "\(run)")
        #expect(run.output.contains("of the file as planned"), "\(run.output)")
        #expect(try folder.data("a.gguf") == folder.data("b.gguf"))
    }

    /// A file by a recorded plan, `q.gguf` with `q.gguf.json`, and another plan for it, `next.json`.
    private static func recorded(_ folder: ScratchFolder) throws {
        #expect(try folder.plan("estimate m.gguf --formats Q4_0,Q5_K,Q8_0 -o i.csv").exitCode == 0)
        let words = "--model m.gguf --impacts i.csv --converter plan --record"
        for (budget, name) in [("40%", "first"), ("45%", "next")] {
            #expect(try folder.plan("--budget \(budget) \(words) -o \(name).json").exitCode == 0)
        }
        #expect(try folder.plan("quantize m.gguf --recipe first.json -o q.gguf").exitCode == 0)
        #expect(try folder.plan("quantize m.gguf --recipe next.json -o next.gguf").exitCode == 0)
    }

    @Test("with a record, an update takes over what was cast from the same, and nothing of a damaged file")
    func recordedUpdate() throws {
        let folder = try Self.folder()
        try Self.recorded(folder)
        var damaged = Array(try folder.data("q.gguf"))
        damaged[damaged.count - 1_000] ^= 1
        try folder.write(damaged, "d.gguf")
        try folder.write(Array(try folder.data("q.gguf.json")), "d.gguf.json")
        let refused = try folder.plan("quantize m.gguf --recipe next.json --update d.gguf")
        #expect(refused.exitCode == 65 && refused.errors.contains("it was damaged"), "\(refused)")
        #expect(try folder.data("d.gguf") == Data(damaged) && folder.exists("d.gguf.json"))
        // A fine-tune whose change no error shows.
        var tuned = Array(try folder.data("m.gguf"))
        tuned[tuned.count - 1_000] ^= 1
        try folder.write(tuned, "t.gguf")
        #expect(try folder.plan("quantize t.gguf --recipe next.json -o fresh.gguf").exitCode == 0)
        for (model, expected) in [("t.gguf", "fresh.gguf"), ("m.gguf", "next.gguf")] {
            let run = try folder.plan("quantize \(model) --recipe next.json --update q.gguf")
            #expect(
                run.exitCode == 0 && run.output.contains("taken over from the earlier file and"),
                "\(run)"
            )
            #expect(try folder.data("q.gguf") == folder.data(expected))
            #expect(try folder.plan("check next.json q.gguf").output.contains("SHA-256 of its record"))
        }
        // Without the record it is said what was looked at.
        try FileManager.default.removeItem(atPath: folder.path("q.gguf.json"))
        let sampled = try folder.plan("quantize m.gguf --recipe next.json --update q.gguf")
        #expect(sampled.exitCode == 0, "\(sampled.errors)")
        if sampled.output.contains("taken over") {
            #expect(sampled.output.contains("by a sample of their rows"), "\(sampled.output)")
        }
    }

    @Test("a run with a record that is killed at any time goes on to its end", arguments: 1...6)
    func recordedIsKilled(seed: Int) throws {
        let folder = try Self.folder()
        try Self.recorded(folder)
        let words = ["quantize", "m.gguf", "--recipe", "next.json", "-o", "k.gguf"]
        var random = SeededGenerator(seed: seed)
        let killed = try ProgramRun.plan(words, in: folder.url) { process in
            usleep(UInt32.random(in: 0..<300_000, using: &random))
            kill(process.processIdentifier, SIGKILL)
        }
        // One that came to its end has nothing to go on with.
        let isWhole = folder.exists("k.gguf") && !folder.exists("k.gguf.partial.journal")
        if killed.exitCode != 0, !isWhole {
            let run = try ProgramRun.plan(words + ["--resume"], in: folder.url)
            #expect(run.exitCode == 0, "\(run.errors)")
        }
        #expect(try folder.data("k.gguf") == folder.data("next.gguf"))
        #expect(folder.exists("k.gguf.json"))
        #expect(!folder.exists("k.gguf.partial") && !folder.exists("k.gguf.partial.journal"))
    }

    @Test(
        "a run that ended once the file was in its place goes on, with both of its names or one",
        arguments: [true, false]
    )
    func endedInPlace(hasBothNames: Bool) throws {
        let folder = try Self.folder()
        try Self.recorded(folder)
        let words = ["quantize", "m.gguf", "--recipe", "next.json", "-o", "k.gguf"]
        // What the run goes on by is kept under another name, as the run takes it away in the end; on a busy machine it may be gone
        // before it is seen, and then another run is watched.
        for _ in 0..<20 where !folder.exists("kept") {
            for name in ["k.gguf", "k.gguf.json"] { _ = unlink(folder.path(name)) }
            let run = try ProgramRun.plan(words, in: folder.url) { process in
                while process.isRunning, link(folder.path("k.gguf.partial.journal"), folder.path("kept")) != 0
                {
                    usleep(500)
                }
            }
            try #require(run.exitCode == 0, "\(run.errors)")
        }
        try #require(folder.exists("kept"))
        #expect(rename(folder.path("kept"), folder.path("k.gguf.partial.journal")) == 0)
        if hasBothNames {
            #expect(link(folder.path("k.gguf"), folder.path("k.gguf.partial")) == 0)
        }
        #expect(unlink(folder.path("k.gguf.json")) == 0)
        let again = try ProgramRun.plan(words + ["--resume"], in: folder.url)
        #expect(again.exitCode == 0, "\(again.errors)")
        #expect(try folder.data("k.gguf") == folder.data("next.gguf"))
        #expect(folder.exists("k.gguf.json"))
        #expect(!folder.exists("k.gguf.partial") && !folder.exists("k.gguf.partial.journal"))
    }

    @Test(
        "what comes to stand in the file's place while it is written stays, and the run can be gone on with"
    )
    func cameMeanwhile() throws {
        let folder = try Self.folder(rows: 1_024)
        #expect(
            try folder.plan("estimate m.gguf --formats Q4_0,Q8_0 --rows 1% -o i.csv").exitCode == 0
        )
        #expect(
            try folder.plan("--budget 40% --model m.gguf --impacts i.csv --converter plan -o r.json")
                .exitCode == 0
        )
        let words = ["quantize", "m.gguf", "--recipe", "r.json", "-o", "q.gguf"]
        let run = try ProgramRun.plan(words, in: folder.url) { process in
            while process.isRunning, !folder.exists("q.gguf.partial.journal") { usleep(500) }
            try? Data("precious".utf8).write(to: folder.url.appendingPathComponent("q.gguf"))
        }
        #expect(try folder.data("q.gguf") == Data("precious".utf8))
        #expect(
            run.exitCode == 73 && run.errors.contains("is not written over"),
            "\(run.exitCode) \(run.errors)"
        )
        let refused = try ProgramRun.plan(words + ["--resume"], in: folder.url)
        #expect(refused.exitCode == 64 && refused.errors.contains("--force"), "\(refused.errors)")
        try FileManager.default.removeItem(atPath: folder.path("q.gguf"))
        let again = try ProgramRun.plan(words + ["--resume"], in: folder.url)
        #expect(again.exitCode == 0 && folder.exists("q.gguf"), "\(again.errors)")
    }

    @Test("a file that is larger than the system lets it be is like a full disk")
    func sizeLimit() throws {
        let folder = try Self.folder(rows: 1_024)
        #expect(
            try folder.plan("estimate m.gguf --formats Q4_0,Q8_0 --rows 1% -o i.csv").exitCode == 0
        )
        #expect(
            try folder.plan("--budget 40% --model m.gguf --impacts i.csv --converter plan -o r.json")
                .exitCode == 0
        )
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let words = "plan quantize m.gguf --recipe r.json -o q.gguf"
        let run = try ProgramRun.run(
            URL(fileURLWithPath: "/bin/sh"),
            ["-c", "ulimit -f 8; exec \(words)"],
            in: folder.url,
            ["PATH": ProgramRun.productsFolder.path + ":" + path]
        )
        #expect(run.exitCode == 73 && run.errors.contains("too large"), "\(run.exitCode) \(run.errors)")
        #expect(try folder.plan(String(words.dropFirst(5)) + " --resume").exitCode == 0)
    }

    @Test("a model that is quantized already is cast where that is asked for, in one command and in two")
    func requantizes() throws {
        let folder = try Self.folder()
        #expect(try folder.plan("estimate m.gguf --formats Q4_0,Q8_0 -o i.csv").exitCode == 0)
        let first = "quantize m.gguf --budget 80% --impacts i.csv --pin *=Q8_0 -o q8.gguf"
        #expect(try folder.plan(first).exitCode == 0)
        let options = "--budget 70% --impacts i.csv --allow-requantize"
        let refused = try folder.plan("quantize q8.gguf --budget 70% --impacts i.csv -o q.gguf")
        #expect(refused.exitCode == 65 && refused.errors.contains("--allow-requantize"), "\(refused.errors)")
        let one = try folder.plan("quantize q8.gguf \(options) -o one.gguf")
        #expect(one.exitCode == 0 && one.output.contains(", as planned"), "\(one.output)\(one.errors)")
        let plan = try folder.plan("--model q8.gguf \(options) --converter plan -o r.json")
        let next = try #require(plan.output.firstMatch(of: /Next    plan (quantize .* -o (\S+))\n$/))
        #expect(try folder.plan(String(next.1)).exitCode == 0)
        #expect(try folder.data(String(next.2)) == folder.data("one.gguf"))
        #expect(try folder.plan("check r.json one.gguf --model q8.gguf").exitCode == 0)
        let unmeasured = try folder.plan("quantize q8.gguf --budget 70% --allow-requantize -o n.gguf")
        #expect(unmeasured.exitCode == 65 && unmeasured.errors.contains("--impacts"), "\(unmeasured.errors)")
    }

    @Test("a table of a sample of the rows is named as what makes impacts differ, with its standard errors")
    func sampledTable() throws {
        let folder = try Self.folder()
        let run = try folder.plan("quantize m.gguf --budget 40% --formats Q4_K,Q8_0 --rows 10% -o q.gguf")
        let words = run.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(
            run.exitCode == 0 && words.contains("the table was made from a sample of the rows, and "),
            "\(words)"
        )
        #expect(words.contains("within twice its standard errors") && !words.contains("other weights"))
        // Another importance than the table's is named, too.
        #expect(
            try folder.plan("estimate m.gguf --formats Q4_K,Q8_0 --importance ones -o o.csv").exitCode == 0
        )
        let none = try folder.plan(
            "quantize m.gguf --budget 40% --impacts o.csv --importance none -o n.gguf"
        )
        let reason = none.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(
            reason.contains("the table was made with an importance of ones, and the file with no"),
            "\(reason)"
        )
    }

    @Test("a recipe says that its table counts every input alike, and the file is made so")
    func recordsOnes() throws {
        let folder = try Self.folder()
        #expect(
            try folder.plan("estimate m.gguf --formats Q4_K,Q8_0 --importance ones -o i.csv").exitCode == 0
        )
        #expect(
            try folder.plan("--budget 40% --model m.gguf --impacts i.csv --converter plan -o r.json")
                .exitCode == 0
        )
        let recipe = String(decoding: try folder.data("r.json"), as: UTF8.self)
        #expect(recipe.contains(#""encoderImportance": "ones""#) && recipe.contains(#""importance": null"#))
        #expect(recipe.contains(#""exact": "file""#))
        let run = try folder.plan("quantize m.gguf --recipe r.json -o q.gguf")
        #expect(run.exitCode == 0 && run.output.contains("of the file as planned"), "\(run)")
        #expect(run.output.contains(", as planned") && run.errors.isEmpty, "\(run)")
        let one = try folder.plan("quantize m.gguf --budget 40% --impacts i.csv -o one.gguf")
        #expect(one.exitCode == 0 && one.output.contains("of the file as planned"), "\(one)")
        #expect(try folder.data("one.gguf") == folder.data("q.gguf"))
        let other = try folder.plan("quantize m.gguf --recipe r.json --importance none -o n.gguf")
        #expect(
            other.exitCode == 0 && other.errors.contains("planned with an importance of ones"),
            "\(other)"
        )
        #expect(try folder.data("n.gguf") != folder.data("q.gguf"))
        let unknown = recipe.replacing(#""encoderImportance": "ones""#, with: #""encoderImportance": "twos""#)
        try folder.write(Array(unknown.utf8), "u.json")
        let refused = try folder.plan("quantize m.gguf --recipe u.json -o u.gguf")
        #expect(refused.exitCode == 65 && refused.errors.contains("twos"), "\(refused.errors)")
    }

    /// An importance matrix that knows the model's query weights.
    static func matrix(
        of tensors: [String] = ["blk.0.attn_q.weight", "blk.1.attn_q.weight"],
        inputs: Int = 256
    ) -> [UInt8] {
        let names = tensors.map { Array($0.utf8) }
        var bytes = SafetensorsBytes.bytes(of: Int32(names.count))
        for name in names {
            bytes += SafetensorsBytes.bytes(of: Int32(name.count)) + name
            bytes += SafetensorsBytes.bytes(of: Int32(1)) + SafetensorsBytes.bytes(of: Int32(inputs))
            for input in 0..<inputs { bytes += SafetensorsBytes.bytes(of: Float(1 + input % 7).bitPattern) }
        }
        return bytes
    }

    @Test(
        "with a matrix in any folder, the commands that are printed one after the other end in the planned size"
    )
    func matrixElsewhere() throws {
        let folder = try Self.folder()
        try FileManager.default.createDirectory(
            atPath: folder.path("my models"),
            withIntermediateDirectories: false
        )
        try folder.write(Self.matrix(), "my models/i m.dat")
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        var line = "plan estimate m.gguf --imatrix 'my models/i m.dat' --formats Q4_K,Q8_0"
        for command in ["--budget", "quantize", ""] {
            let run = try ProgramRun.run(
                URL(fileURLWithPath: "/bin/sh"),
                ["-c", line],
                in: folder.url,
                ["PATH": ProgramRun.productsFolder.path + ":" + path]
            )
            #expect(run.exitCode == 0, "\(line): \(run.errors)")
            guard !command.isEmpty else {
                #expect(run.output.contains(", as planned") && !run.errors.contains("bytes"), "\(run)")
                break
            }
            line = String(try #require(run.output.firstMatch(of: /\nNext +(plan .*)\n/)?.1))
            #expect(line.hasPrefix("plan \(command)") && line.contains("--imatrix 'my models/i m.dat'"))
        }
        // Without the matrix, the room that is left is named.
        let recipe = try #require(try folder.names("plans").first)
        let run = try folder.plan("quantize m.gguf --recipe plans/\(recipe) -o without.gguf")
        #expect(run.exitCode == 0 && run.errors.contains("no importance matrix is recorded"), "\(run.errors)")
    }

    /// Runs a script of the shell that finds `plan` and may mount what nobody else sees, where the system lets it.
    private static func runMounting(_ script: String, in folder: ScratchFolder) throws -> ProgramRun {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return try ProgramRun.run(
            URL(fileURLWithPath: "/usr/bin/env"),
            ["unshare", "--map-root-user", "--mount", "/bin/sh", "-c", script],
            in: folder.url,
            ["PATH": ProgramRun.productsFolder.path + ":" + path]
        )
    }

    @Test("a current folder that cannot be written to is found before anything is measured")
    func readOnlyFolder() throws {
        let folder = try Self.folder()
        let script = """
            mkdir ro out && mount --bind ro ro && mount -o remount,ro,bind ro || exit 99
            cd ro && plan quantize ../m.gguf --budget 40% -o ../out/q.gguf
            """
        let run = try Self.runMounting(script, in: folder)
        // Where nobody may mount there is no such folder to make.
        guard run.exitCode == 73 || run.errors.contains("plan:") else {
            #expect([1, 99, 125, 126, 127].contains(run.exitCode), "\(run.exitCode) \(run.errors)")
            return
        }
        #expect(run.exitCode == 73 && run.errors.contains("run this in a folder that can"), "\(run.errors)")
        #expect(!run.errors.contains("measuring"))
    }

    @Test(
        "what cannot be is refused in a sentence, and nothing is written",
        arguments: [
            ("quantize m.gguf -o q.gguf", 64, "--budget"),
            ("quantize m.gguf --recipe r.json", 64, "--update"),
            ("quantize m.gguf --recipe r.json -o q.gguf --update q.gguf", 64, "--update"),
            ("quantize m.gguf --recipe r.json --update m.gguf", 64, "is read by this command"),
            ("quantize m.gguf --recipe r.json --update none.gguf", 66, "none.gguf"),
            ("quantize m.gguf --recipe r.json --update taken.gguf", 65, "taken.gguf"),
            ("quantize m.gguf --recipe r.json --budget 40% -o q.gguf", 64, "--recipe"),
            ("quantize m.gguf --recipe r.json --robust 10 -o q.gguf", 64, "leave --robust out"),
            ("quantize m.gguf --recipe r.json --seed 4 -o q.gguf", 64, "--seed"),
            ("quantize m.gguf --recipe r.json --time-limit 1 -o q.gguf", 64, "leave --time-limit out"),
            ("quantize m.gguf --recipe r.json --pin *=Q8_0 -o q.gguf", 64, "--pin"),
            ("quantize m.gguf --recipe r.json -o q.bin", 64, ".gguf"),
            ("quantize m.gguf --budget 70% --converter none -o q.gguf", 64, "leave --converter out"),
            ("quantize m.gguf --budget 70% -o q.safetensors", 65, "is a GGUF file"),
            ("quantize m.gguf --budget 70% --formats float8_e4m3fn -o q.gguf", 64, "does not accept"),
            (
                "quantize m.gguf --budget 70% --formats Q8_0 --pin output_norm.weight=Q8_0 -o q.gguf", 64,
                "--pin output_norm.weight=Q8_0 matches no layer that is planned, only the tensor \"output_norm.weight\", which every "
                    + "plan keeps in F32; leave it out"
            ),
            (
                "quantize m.gguf --budget 70% --formats Q8_0 --at-least *norm*=Q8_0 -o q.gguf", 64,
                "only \"output_norm.weight\" and 2 other tensors, which every plan keeps, the first in F32"
            ),
            (
                "quantize m.gguf --budget 70% --formats Q8_0 --pin nowhere=Q8_0 -o q.gguf", 64,
                "--pin nowhere=Q8_0 matches no layer; layers have names such as"
            ),
            ("quantize m.gguf --recipe r.json --rows 5% -o q.gguf", 64, "--rows"),
            ("quantize m.gguf --budget 70% --impacts i.csv --rows 5% -o q.gguf", 64, "--rows"),
            ("quantize m.gguf --recipe r.json -o -", 64, "standard output"),
            ("quantize m.gguf --recipe r.json -o m.gguf", 64, "is read by this command"),
            ("quantize m.gguf --recipe r.json -o m.gguf --force", 64, "is read by this command"),
            ("quantize m.gguf --recipe r.json -o taken.gguf", 64, "--force"),
            ("quantize m.gguf --recipe r.json --imatrix i.csv -o q.gguf", 65, "i.csv"),
            ("quantize m.gguf --budget 40% --converter mlx --impacts i.csv -o q.gguf", 64, "mlx"),
            ("quantize m.gguf --budget 40% -o q.gguf --dry-run", 64, "--impacts"),
            ("quantize m.gguf --budget 1% --impacts i.csv -o q.gguf", 2, "budget"),
            ("quantize none.gguf --recipe r.json -o q.gguf", 66, "none.gguf"),
            ("quantize m.gguf --recipe none.json -o q.gguf", 66, "none.json"),
            ("quantize m.gguf --recipe r.json -o none/q.gguf", 73, "none/q.gguf"),
            ("quantize flux1-dev --recipe r.json -o q.gguf", 65, "flux1-dev"),
            ("quantize other.gguf --recipe r.json -o q.gguf", 65, "recipe"),
        ]
    )
    func refuses(words: String, code: Int, phrase: String) throws {
        let folder = try Self.folder()
        #expect(try folder.plan("estimate m.gguf --formats Q4_0,Q8_0 -o i.csv").exitCode == 0)
        #expect(
            try folder.plan("--budget 40% --model m.gguf --impacts i.csv --converter plan -o r.json")
                .exitCode == 0
        )
        try Data("mine".utf8).write(to: folder.url.appendingPathComponent("taken.gguf"))
        try Data(WeightedModelFile(seed: 1, rows: 128).bytes)
            .write(to: folder.url.appendingPathComponent("other.gguf"))
        let before = try folder.data("m.gguf")
        let run = try folder.plan(words)
        #expect(Int(run.exitCode) == code, "\(words): \(run.exitCode) \(run.errors)")
        #expect(run.errors.contains(phrase), "\(run.errors)")
        #expect(run.errors.split(separator: "\n").count <= 6)
        #expect(!folder.exists("q.gguf") && !folder.exists("q.gguf.partial"))
        #expect(try folder.data("m.gguf") == before)
        #expect(try folder.data("taken.gguf") == Data("mine".utf8))
    }

    /// FLUX.1-dev with every size cut down, under its publisher's names.
    static func smallFlux(prefix: String) throws -> [UInt8] {
        var file = SafetensorsBytes()
        var random = SeededGenerator(seed: 1)
        for tensor in try Model.builtIn(named: "flux1-dev").tensors {
            let shape = tensor.shape.map { max(32, $0 / 96 / 32 * 32) }
            let bytes = (0..<shape.reduce(1, *)).flatMap { _ in
                SafetensorsBytes.bytes(
                    of: UInt16(Float.random(in: -0.1..<0.1, using: &random).bitPattern >> 16)
                )
            }
            file.add(prefix + tensor.name, "BF16", shape, bytes)
        }
        return file.bytes
    }

    @Test(
        "from FLUX.1-dev to ComfyUI in two commands: the plan, and the file that its loader reads",
        arguments: ["", "model.diffusion_model."]
    )
    func fluxToComfyUI(prefix: String) throws {
        let folder = try Self.folder()
        try Data(try Self.smallFlux(prefix: prefix)).write(
            to: folder.url.appendingPathComponent("flux1-dev.safetensors")
        )
        let planned = try folder.plan(
            "--budget 50% --model flux1-dev.safetensors --impacts flux1-dev-table3 --converter plan -o r.json"
        )
        #expect(planned.exitCode == 0, "\(planned.errors)")
        let run = try folder.plan("quantize flux1-dev.safetensors --recipe r.json -o flux1-dev.gguf")
        #expect(run.exitCode == 0 && run.errors.isEmpty, "\(run.errors)")
        #expect(run.output.contains(", as planned"))
        #expect(try folder.plan("check r.json flux1-dev.gguf --model flux1-dev.safetensors").exitCode == 0)
        // What ComfyUI-GGUF's loader looks at: the architecture, every key of the model, and its shape.
        let made = try Model.read(path: folder.url.appendingPathComponent("flux1-dev.gguf").path)
        let published = try Model.builtIn(named: "flux1-dev").tensors
        #expect(made.metadataValue(for: "general.architecture") == .string("flux"))
        #expect(Set(made.tensors.map(\.name)) == Set(published.map(\.name)))
        let fast = ["BF16", "F16", "F32", "Q8_0", "Q5_1", "Q5_0", "Q4_1", "Q4_0"]
        for tensor in made.tensors {
            #expect(fast.contains(tensor.elementType?.name ?? ""), "\(tensor.name)")
            #expect(tensor.dimensionCount > 1 || tensor.elementType == .f32, "\(tensor.name)")
        }
        #expect(made.tensors.contains { $0.elementType?.name == "Q4_1" })
        // One command does the same.
        let words = "quantize flux1-dev.safetensors --budget 50% --impacts flux1-dev-table3 -o one.gguf"
        #expect(try folder.plan(words).exitCode == 0)
        #expect(try folder.data("one.gguf") == folder.data("flux1-dev.gguf"))
    }

    @Test(
        "a recipe for another converter is written with that one's header, so that its size is the planned one",
        arguments: ["stable-diffusion.cpp", "mixed-gguf-converter"],
        ["", "model.diffusion_model."]
    )
    func otherHeaders(converter: String, prefix: String) throws {
        let folder = try Self.folder()
        try folder.write(try Self.smallFlux(prefix: prefix), "flux1-dev.safetensors")
        let words = "--impacts flux1-dev-table3 --converter \(converter)"
        let planned = try folder.plan("--budget 60% --model flux1-dev.safetensors \(words) -o r.json")
        #expect(planned.exitCode == 0, "\(planned.errors)")
        #expect(planned.output.contains("\nNext    plan quantize flux1-dev.safetensors"), "\(planned.output)")
        let run = try folder.plan("quantize flux1-dev.safetensors --recipe r.json -o q.gguf")
        #expect(run.exitCode == 0 && run.errors.isEmpty && run.output.contains(", as planned"), "\(run)")
        let check = try folder.plan("check r.json q.gguf --model flux1-dev.safetensors")
        #expect(check.exitCode == 0, "\(check.output)")
        // A budget of exactly that size is kept.
        let size = try folder.data("q.gguf").count
        let tight = try folder.plan("quantize flux1-dev.safetensors --budget \(size) \(words) -o t.gguf")
        #expect(tight.exitCode == 0, "\(tight.errors)")
        #expect(try folder.data("t.gguf").count <= size)
    }

    @Test("8-bit floats for ComfyUI are refused for what they are, in one sentence")
    func nothingSmaller() throws {
        let folder = try Self.folder()
        var file = SafetensorsBytes()
        for block in 0..<2 {
            let bytes = (0..<64 * 256).map { UInt8(($0 * 37 + block) % 120) }
            file.add("double_blocks.\(block).img_attn.proj.weight", "F8_E4M3", [64, 256], bytes)
        }
        try folder.write(file.bytes, "f8.safetensors")
        for option in ["--runtime comfyui", "--converter comfyui"] {
            let run = try folder.plan("quantize f8.safetensors --budget 65% \(option) -o q.safetensors")
            #expect(run.exitCode == 65, "\(option): \(run.exitCode) \(run.errors)")
            #expect(
                run.errors.contains("that is smaller than float8_e4m3fn, which f8 is in"),
                "\(run.errors)"
            )
        }
    }

    @Test("a disk that is too small is found before the first byte")
    func fullDisk() throws {
        let folder = try Self.folder(rows: 1_024)
        #expect(
            try folder.plan("estimate m.gguf --formats Q4_0,Q8_0 --rows 1% -o i.csv").exitCode == 0
        )
        let script = """
            mkdir disk && mount -t tmpfs -o size=1m none disk || exit 99
            plan quantize m.gguf --budget 40% --impacts i.csv -o disk/q.gguf
            code=$?
            ls disk
            exit $code
            """
        let run = try Self.runMounting(script, in: folder)
        // Where nobody may mount a small disk there is none to fill.
        guard run.exitCode == 73 || run.errors.contains("free on its disk") else {
            #expect([1, 99, 125, 126, 127].contains(run.exitCode), "\(run.exitCode) \(run.errors)")
            return
        }
        #expect(run.exitCode == 73 && run.errors.contains("free on its disk"), "\(run.errors)")
        #expect(!run.output.contains("\nq.gguf\n"))
    }

    @Test(
        "what no plan can keep to, and what cannot be read, is said before any weights are measured",
        arguments: [
            ("--budget 40% --pin blk.99.*=Q8_0", 64, "matches no layer; layers have names such as blk."),
            ("--budget 40% --pin blk.1.*=Q9_0", 64, "there is no format named"),
            ("--budget 40% --keep nothing*", 64, "matches no layer"),
            ("--budget 40% --tie x*", 64, "matches no layer"),
            ("--budget 40% --at-least blk.*=Q8_0 --at-most blk.*=Q4_0", 2, "--at-"),
            ("--budget 40% --slowdown 1.3 --costs none.csv", 66, "none.csv"),
            ("--budget 40% --nested-in none.json", 66, "none.json"),
            ("--budget 40% --define X=1", 64, "--define"),
            ("--card 24GiB --reserve 1GiB --kv q9", 64, "--kv takes a format"),
            ("--card 24GiB --reserve 1GiB --beside none.gguf", 66, "none.gguf"),
            ("--card 24GiB --reserve 1GiB --context x", 64, "--context takes a number of tokens"),
            ("--card 1GiB --reserve 512MiB", 2, "nothing is left"),
            ("--card 2GiB --reserve 8GiB", 2, "nothing is left"),
            ("--device gpu=24GiB --min-speed 5 --context 512", 64, "cannot be put on several devices"),
            ("--budget 2%", 2, "no plan fits"),
            ("--budget 40% --robust 9", 64, "--rows 5%"),
        ]
    )
    func saidBeforeMeasuring(options: String, code: Int32, sentence: String) throws {
        let folder = try Self.folder()
        let run = try folder.plan("quantize m.gguf \(options) --formats Q4_0,Q8_0 -o q.gguf")
        #expect(run.exitCode == code && run.errors.contains(sentence), "\(run.exitCode) \(run.errors)")
        #expect(!run.errors.contains("measuring the weights"), "\(run.errors)")
        #expect(try folder.names() == ["m.gguf"])
    }

    @Test("a card is weighed up before a folder from Hugging Face is measured for MLX")
    func cardBeforeMeasuringAFolder() throws {
        let folder = try ScratchFolder()
        try HubFolder(seed: 1).write(to: folder.url.appendingPathComponent("hub"))
        let run = try folder.plan("quantize hub --card 16GiB --runtime mlx -o out/")
        #expect(run.exitCode == 64 && run.errors.contains("give the rest of the card as --budget"))
        #expect(try folder.names() == ["hub"])
    }

    @Test("an update of a table of some of the rows is not taken for one of a damaged file")
    func updateOfASample() throws {
        let folder = try Self.folder(rows: 1_024)
        let formats = "--formats Q4_0,Q5_K,Q8_0"
        let first = try folder.plan("quantize m.gguf --budget 40% --rows 10% \(formats) -o q.gguf")
        #expect(first.exitCode == 0, "\(first.errors)")
        let table = try #require(folder.names().first { $0.hasSuffix("impacts.csv") })
        let planned = try folder.plan("--budget 46% --model m.gguf --impacts \(table) -o r.json")
        #expect(planned.exitCode == 0, "\(planned.errors)")
        let run = try folder.plan("quantize m.gguf --recipe r.json --update q.gguf")
        #expect(run.exitCode == 0 && run.output.contains("taken over from the earlier file"), "\(run)")
        #expect(run.output.contains("or of a sample of the rows, is only near"), "\(run.output)")
        #expect(!run.output.contains("damaged"), "\(run.output)")
    }

    @Test(
        "a run that is started again without --resume says what it throws away, and one of a finished file ends well"
    )
    func startedAgain() throws {
        let folder = try Self.folder(rows: 1_024)
        let estimate = try folder.plan("estimate m.gguf --formats Q4_0,Q8_0 --rows 1% -o i.csv")
        #expect(estimate.exitCode == 0)
        #expect(try folder.plan("--budget 40% --model m.gguf --impacts i.csv -o r.json").exitCode == 0)
        let words = ["quantize", "m.gguf", "--recipe", "r.json", "-o", "q.gguf"]
        let journal = folder.url.appendingPathComponent("q.gguf.partial.journal")
        let killed = try ProgramRun.plan(words, in: folder.url) { process in
            while process.isRunning {
                if FileManager.default.fileExists(atPath: journal.path) {
                    kill(process.processIdentifier, SIGKILL)
                    break
                }
                usleep(500)
            }
        }
        #expect(killed.exitCode == -1 && folder.exists("q.gguf.partial"))
        let run = try ProgramRun.plan(words, in: folder.url)
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.errors.contains("begun anew; with --resume the same command goes on"), "\(run.errors)")
        let bytes = try folder.data("q.gguf")
        let again = try ProgramRun.plan(words + ["--resume"], in: folder.url)
        #expect(again.exitCode == 0 && again.errors.contains("q.gguf is whole"), "\(again.errors)")
        #expect(try folder.data("q.gguf") == bytes)
        // Another file is none of this, and stays.
        #expect(try folder.plan("--budget 60% --model m.gguf --impacts i.csv -o s.json").exitCode == 0)
        let other = try folder.plan("quantize m.gguf --recipe s.json -o q.gguf --resume")
        #expect(other.exitCode == 64 && other.errors.contains("is there and is no empty file"), "\(other)")
        #expect(try folder.data("q.gguf") == bytes)
    }

    @Test("what cannot be done is refused by what was asked for, not by what was not")
    func refusals() throws {
        let folder = try Self.folder()
        #expect(try folder.plan("estimate m.gguf --formats Q4_0,Q8_0 -o i.csv").exitCode == 0)
        let folders = try folder.plan("quantize m.gguf --budget 40% --impacts i.csv -o x/")
        #expect(
            folders.exitCode == 65 && folders.errors.contains("no folder for MLX is made"),
            "\(folders.errors)"
        )
        #expect(!folders.errors.contains("safetensors"), "\(folders.errors)")
        // A recipe for a model of several files.
        #expect(try folder.plan("--budget 40% --model m.gguf --impacts i.csv -o r.json").exitCode == 0)
        let recipe = try folder.text("r.json").replacing(
            "\"--budget\"",
            with: "\"--keep-split\", \"--budget\""
        )
        try folder.write(recipe, "s.json")
        let single = try folder.plan("quantize m.gguf --recipe s.json -o q.gguf")
        #expect(single.exitCode == 64 && single.errors.contains("the recipe was planned with --keep-split"))
        #expect(!single.errors.contains("leave it out"), "\(single.errors)")
        // A table that has no such cell.
        let lines = try folder.text("i.csv").split(separator: "\n", omittingEmptySubsequences: false)
        let header = try #require(lines.firstIndex { $0.hasPrefix("layer,") })
        let cells = lines.enumerated().map { number, line -> String in
            guard number > header, line.contains(",") else { return String(line) }
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            return line.hasPrefix("token_embd") ? "\(cells[0]),,\(cells[2])" : String(line)
        }
        try folder.write(cells.joined(separator: "\n"), "t.csv")
        let pin = try folder.plan("--budget 60% --model m.gguf --impacts t.csv --pin *=Q4_0")
        #expect(
            pin.exitCode == 64 && pin.errors.contains("the table has no Q4_0 for the layer token_embd"),
            "\(pin.errors)"
        )
        #expect(!pin.errors.contains("relax"), "\(pin.errors)")
    }

    @Test(
        "check holds every file of a split model against its record, whichever is named, and says where one has none"
    )
    func splitRecords() throws {
        let folder = try ScratchFolder()
        for number in 0..<2 {
            var file = GGUFModel(partOfTwo: number)
            let values = (0..<64 * 256).map { Float(($0 * 31 + number) % 97) / 97 - 0.5 }
            file.add("blk.\(number).attn_q.weight", [64, 256], values)
            try folder.write(file.bytes, "m-0000\(number + 1)-of-00002.gguf")
        }
        let model = "m-00001-of-00002.gguf"
        #expect(try folder.plan("estimate \(model) --formats Q4_0,Q8_0 -o i.csv").exitCode == 0)
        let words = "--budget 40% --model \(model) --impacts i.csv --keep-split --record -o r.json"
        #expect(try folder.plan(words).exitCode == 0)
        // The name of the first file stands for all.
        let written = try folder.plan("quantize \(model) --recipe r.json -o q-00001-of-00002.gguf")
        #expect(written.exitCode == 0 && folder.exists("q-00002-of-00002.gguf.json"), "\(written)")
        #expect(written.output.contains("Model    q-00001-of-00002.gguf and 1 more\n"), "\(written.output)")
        func check(_ part: Int) throws -> ProgramRun {
            try folder.plan("check r.json q-0000\(part)-of-00002.gguf --model \(model)")
        }
        let whole = try check(1)
        #expect(
            whole.exitCode == 0 && whole.output.contains("each of the 2 files has the SHA-256 of its record"),
            "\(whole)"
        )
        var bytes = try folder.bytes("q-00002-of-00002.gguf")
        bytes[bytes.count - 100] ^= 1
        try folder.write(bytes, "q-00002-of-00002.gguf")
        for part in 1...2 {
            let run = try check(part)
            #expect(run.exitCode == 1 && run.output.contains("q-00002-of-00002.gguf"), "\(run)")
            #expect(!run.output.contains("of its record"), "\(run)")
        }
        try FileManager.default.removeItem(atPath: folder.path("q-00002-of-00002.gguf.json"))
        let partly = try check(1)
        #expect(partly.exitCode == 0 && partly.output.contains("1 of the 2 files"), "\(partly)")
    }

    @Test("a file that another program is writing is left to it, and nothing is said to begin anew")
    func twoAtOnce() throws {
        let folder = try Self.folder()
        #expect(try folder.plan("estimate m.gguf --formats Q4_0,Q8_0 -o i.csv").exitCode == 0)
        #expect(try folder.plan("--budget 40% --model m.gguf --impacts i.csv -o r.json").exitCode == 0)
        let partial = try folder.write([1, 2, 3], "q.gguf.partial")
        try folder.write(#"{"version": 1, "draft": "fnv1a64:0"}"# + "\n", "q.gguf.partial.journal")
        let descriptor = open(partial, O_RDWR)
        #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        let run = try folder.plan("quantize m.gguf --recipe r.json -o q.gguf")
        #expect(run.exitCode == 73, "\(run)")
        #expect(
            run.errors.contains("another program is writing") && run.errors.contains("q.gguf"),
            "\(run.errors)"
        )
        #expect(!run.errors.contains("anew") && !run.errors.contains("--resume"), "\(run.errors)")
        #expect(try folder.bytes("q.gguf.partial") == [1, 2, 3])
        close(descriptor)
        let alone = try folder.plan("quantize m.gguf --recipe r.json -o q.gguf")
        #expect(alone.exitCode == 0 && alone.errors.contains("begun anew"), "\(alone.errors)")
    }
}
