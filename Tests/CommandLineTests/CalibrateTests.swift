import Foundation
import TestSupport
import Testing

@Suite("plan calibrate")
struct CalibrateTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private static let names = ["attn_q", "attn_v", "ffn_down"]

    private func plan(_ arguments: [String], whileRunning: (Process) throws -> Void = { _ in }) throws
        -> ProgramRun
    {
        try ProgramRun.plan(arguments, in: folder.url, whileRunning: whileRunning)
    }

    private func text(_ name: String) throws -> String {
        try folder.text(name)
    }

    private func exists(_ name: String) -> Bool {
        folder.exists(name)
    }

    private func rows(_ name: String) throws -> [String] {
        try text(name).split(separator: "\n").filter { !$0.hasPrefix("#") }.dropFirst().map(String.init)
    }

    /// Writes a model of a few blocks and the program that scores it.
    private func write(_ name: String = "m.gguf", blocks: Int = 3, seed: Int = 1) throws {
        var random = SeededGenerator(seed: seed)
        var (gguf, safetensors) = (GGUFTensorBytes(), SafetensorsBytes())
        for block in 0..<blocks {
            for part in Self.names {
                let values = (0..<8 * 64).map { _ in Float.random(in: -1...1, using: &random) }
                gguf.add("blk.\(block).\(part).weight", [8, 64], values)
                safetensors.add("blk.\(block).\(part).weight", [8, 64], values)
            }
        }
        let bytes = name.hasSuffix(".gguf") ? gguf.bytes : safetensors.bytes
        try folder.write(bytes, name)
        try FakeRuntime.writeScore(in: folder.url)
    }

    private func calibrate(_ model: String = "m.gguf", _ more: String...) -> [String] {
        [
            "calibrate", model, "--run", "\(FakeRuntime.python) score.py \(model) {}", "--loss",
            "loss ([-0-9.e]+) ± ([-0-9.e]+)",
        ] + more
    }

    @Test("a text without words is refused before anything is started", arguments: ["", " \n\t"])
    func emptyText(content: String) throws {
        try write()
        try content.write(to: folder.url.appendingPathComponent("t.txt"), atomically: true, encoding: .utf8)
        let run = try plan(["calibrate", "m.gguf", "--text", "t.txt", "--llama-perplexity", "/bin/true"])
        #expect(run.exitCode == 65 && run.errors.contains("the text \"t.txt\" is empty"), "\(run.errors)")
    }

    @Test(
        "the loss of every layer is that of the copy with this layer cast",
        arguments: ["m.gguf", "m.safetensors"]
    )
    func measures(model: String) throws {
        try write(model)
        let run = try plan(calibrate(model))
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.output.contains("9 of 9 losses measured"))
        #expect(run.output.contains("plan estimate \(model) --losses m-losses.csv"))
        #expect(!exists("m-scratch"))
        // A run per layer, and one of the model as it is.
        #expect(try text("runs.txt").count == 10)

        let estimate = try plan([
            "estimate", model, "--formats", "Q4_0", "--format", "json", "-o", "relative.csv",
        ])
        let cells = try #require(
            try JSONSerialization.jsonObject(with: Data(estimate.output.utf8)) as? [[String: Any]],
            "\(estimate.errors)"
        )
        let measured = try rows("m-losses.csv").map { $0.split(separator: ",") }
        #expect(measured.count == 9)
        #expect(
            Set(measured.prefix(3).map { $0[0].split(separator: ".")[2] }) == Set(Self.names.map { $0[...] })
        )
        for (index, cell) in cells.enumerated() {
            let (layer, impact) = (cell["layer"] as? String, try #require(cell["impact"] as? Double))
            let row = try #require(measured.first { $0[0] == layer ?? "" })
            let (loss, error) = (try #require(Double(row[2])), try #require(Double(row[3])))
            #expect(abs(loss / (Double(index + 1) * impact * impact) - 1) < 1e-5)
            #expect(abs(error / loss - 0.125) < 1e-9)
        }
    }

    @Test(
        "a program that is killed anywhere is gone on with, and measures what it would have",
        arguments: 0..<3
    )
    func survivesKills(seed: Int) throws {
        try write(seed: seed)
        #expect(try plan(calibrate("m.gguf", "-o", "whole.csv")).exitCode == 0)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<5 {
            let wait = UInt32.random(in: 10_000...700_000, using: &random)
            _ = try plan(calibrate("m.gguf", "--resume")) { process in
                usleep(wait)
                kill(process.processIdentifier, SIGKILL)
            }
        }
        let run = try plan(calibrate("m.gguf", "--resume"))
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(try text("m-losses.csv") == text("whole.csv"))
        #expect(!exists("m-scratch"))
    }

    @Test("a copy that was left when all was measured goes with the next run, and no other folder does")
    func takesLeftCopyAway() throws {
        try write()
        #expect(try plan(calibrate()).exitCode == 0)
        let scratch = folder.url.appendingPathComponent("m-scratch")
        for (mark, stays) in [(".plan-scratch", false), ("notes.txt", true)] {
            try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
            try Data().write(to: scratch.appendingPathComponent(mark))
            try Data([1, 2]).write(to: scratch.appendingPathComponent("m.gguf"))
            let run = try plan(calibrate("m.gguf", "--resume"))
            #expect(run.exitCode == 0, "\(run.errors)")
            #expect(exists("m-scratch") == stays, "\(mark)")
        }
        #expect(exists("m-scratch/m.gguf"))
    }

    @Test("Ctrl-C keeps what is measured and takes the copy away", arguments: [SIGINT, SIGTERM])
    func keepsResults(signal: Int32) throws {
        try write()
        let run = try plan(calibrate()) { process in
            for _ in 0..<2_000 where (try? rows("m-losses.csv").count) ?? 0 < 2 { usleep(10_000) }
            kill(process.processIdentifier, signal)
        }
        #expect(run.exitCode == 130)
        #expect(
            run.errors.contains("of 9 losses measured, which are in \"m-losses.csv\"; go on with --resume")
        )
        #expect(try rows("m-losses.csv").count >= 2)
        #expect(!exists("m-scratch"))
        let again = try plan(calibrate("m.gguf", "--resume"))
        #expect(again.exitCode == 0 && again.errors.contains("m-losses.csv has "))
        #expect(Set(try rows("m-losses.csv")).count == 9)
    }

    @Test("a second model of the same name, or other settings, leave the losses that are there")
    func namesOfLosses() throws {
        try write()
        for (index, name) in ["a", "b"].enumerated() {
            try write("\(name).gguf", seed: index + 5)
            try FileManager.default.createDirectory(
                at: folder.url.appending(path: name),
                withIntermediateDirectories: true
            )
            try FileManager.default.moveItem(
                at: folder.url.appending(path: "\(name).gguf"),
                to: folder.url.appending(path: "\(name)/model.gguf")
            )
        }
        for part in 1...2 {
            #expect(try plan(calibrate("a/model.gguf", "--part", "\(part)/4")).exitCode == 0)
        }
        let first = try text("model-losses-1-of-4.csv")
        // Part 3 has a name that is free, but other parts of that name are the first model's.
        for part in [1, 3] {
            let run = try plan(calibrate("b/model.gguf", "--part", "\(part)/4"))
            #expect(run.exitCode == 0, "\(run.errors)")
            #expect(run.output.contains("Losses  b-losses-\(part)-of-4.csv"), "\(run.output)")
            #expect(run.output.contains("--losses b-losses-*-of-4.csv"), "\(run.output)")
        }
        #expect(try plan(calibrate("b/model.gguf", "--part", "1/4", "--resume")).exitCode == 0)
        let other = try plan(calibrate("a/model.gguf", "--part", "1/4", "--formats", "Q8_0"))
        #expect(other.exitCode == 0 && other.errors.contains("other settings"), "\(other.errors)")
        #expect(try text("model-losses-1-of-4.csv") == first)
        // The same measurement again is gone on with only where that is said.
        #expect(try plan(calibrate("a/model.gguf", "--part", "1/4")).exitCode == 73)
    }

    @Test("parts measure every layer once, and go together")
    func parts() throws {
        try write()
        #expect(try plan(calibrate("m.gguf", "-o", "whole.csv")).exitCode == 0)
        var all: [String] = []
        for part in 1...4 {
            let run = try plan(calibrate("m.gguf", "--part", "\(part)/4"))
            #expect(run.exitCode == 0, "\(run.errors)")
            #expect(run.output.contains("--losses m-losses-*-of-4.csv"))
            all += try rows("m-losses-\(part)-of-4.csv")
        }
        #expect(all.sorted() == (try rows("whole.csv")).sorted())
        #expect(try plan(calibrate("m.gguf", "--part", "5/4")).exitCode == 64)
    }

    @Test("llama-perplexity is run for the logits once and for every layer, with what comes after the dashes")
    func llamaPerplexity() throws {
        try write()
        let program = try FakeRuntime.writePerplexity(in: folder.url, original: "m.gguf")
        try folder.write("some words", "t.txt")
        let command = [
            "calibrate", "m.gguf", "--llama-perplexity", program, "--text", "t.txt", "--context", "128",
        ]
        let run = try plan(command + ["--chunks", "2", "--", "-ngl", "99"])
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.output.contains("9 of 9 losses measured, KL divergence, nats per token"))
        let calls = try text("calls.txt").split(separator: "\n")
        #expect(calls.count == 11)
        #expect(
            calls[0]
                == "-m m-scratch/m.gguf -f t.txt -c 128 --chunks 2 --kl-divergence-base m-scratch/base.kld -ngl 99"
        )
        #expect(
            calls[10]
                == "-m m-scratch/m.gguf -c 128 --kl-divergence-base m-scratch/base.kld --kl-divergence -ngl 99"
        )
        let table = try text("m-losses.csv")
        #expect(table.contains("# unit: KL divergence, nats per token\n") && table.contains("# chunks: 2\n"))

        // Another text, amount of it, or context does not go with these losses.
        try folder.write("other words", "u.txt")
        for others in [
            ["--text", "u.txt"], ["--chunks", "3"], ["--context", "256"], ["--formats", "Q8_0"],
        ] {
            let other = try plan(command + ["--resume"] + others)
            #expect(other.exitCode == 65, "\(other.errors)")
            #expect(other.errors.contains("\"m-losses.csv\" was measured with another"))
        }
        #expect(try text("m-losses.csv") == table)
        #expect(try plan(command).exitCode == 73)
        #expect(try plan(command + ["--resume"]).exitCode == 0)
        #expect(try text("calls.txt").split(separator: "\n").count == 11)
    }

    @Test("a command that prints the same for every model is named while it runs and at its end")
    func unchanging() throws {
        try write()
        let run = try plan([
            "calibrate", "m.gguf", "--run", "echo loss 0.5 # {}", "--loss", "loss ([-0-9.e]+)",
        ])
        #expect(run.exitCode == 1 && run.errors.contains("the first 3 losses are all 0"), "\(run.errors)")
        #expect(run.errors.contains("all 9 losses are 0") && !run.output.contains("Next"), "\(run.output)")
    }

    @Test("losses of a matrix, and of two ways of measuring, are said where they are completed otherwise")
    func differences() throws {
        try write()
        #expect(try plan(calibrate()).exitCode == 0)
        let losses = try text("m-losses.csv")
        try folder.write(
            losses.replacing("# importance: none", with: "# importance: fnv1a64:12 im.gguf"),
            "i.csv"
        )
        let run = try plan(["estimate", "m.gguf", "--formats", "Q4_0", "--losses", "i.csv", "-o", "t.csv"])
        #expect(run.exitCode == 0 && run.errors.contains("give it with --imatrix"), "\(run.errors)")
        let lines = losses.split(separator: "\n", omittingEmptySubsequences: false)
        let other = lines.map { $0.hasPrefix("# runtime: ") ? "# runtime: another" : String($0) }
        try folder.write(other.joined(separator: "\n"), "o.csv")
        let both = try plan(
            [
                "estimate", "m.gguf", "--formats", "Q4_0", "--losses", "m-losses.csv", "--losses", "o.csv",
                "--resume", "-o", "u.csv",
            ]
        )
        #expect(both.exitCode == 0 && both.errors.contains("measured in 2 ways"), "\(both.errors)")
    }

    @Test("where llama-perplexity ends well and its log is lost, it runs again")
    func lostLog() throws {
        try write(blocks: 1)
        let program = try FakeRuntime.writePerplexity(in: folder.url, original: "m.gguf")
        try folder.write("some words", "t.txt")
        try folder.write("3", "lost.txt")
        let run = try plan([
            "calibrate", "m.gguf", "--llama-perplexity", program, "--text", "t.txt", "--chunks", "2",
        ])
        #expect(run.exitCode == 0 && run.output.contains("3 of 3 losses measured"), "\(run.errors)")
        #expect(try text("calls.txt").split(separator: "\n").count == 8)
        try folder.write("9", "lost.txt")
        let command = [
            "calibrate", "m.gguf", "--llama-perplexity", program, "--text", "t.txt", "-o", "l.csv",
        ]
        let silent = try plan(command)
        #expect(silent.exitCode == 1 && silent.errors.contains("finds a finite loss in"), "\(silent.errors)")
    }

    @Test("a time chooses how much text is used, and what is measured by then makes a table")
    func budgetTime() throws {
        try write()
        let program = try FakeRuntime.writePerplexity(in: folder.url, original: "m.gguf")
        try folder.write("some words", "t.txt")
        let command = [
            "calibrate", "m.gguf", "--llama-perplexity", program, "--text", "t.txt", "--budget-time",
        ]
        let short = try plan(command + ["1s", "-o", "short.csv"])
        #expect(short.exitCode == 0, "\(short.errors)")
        let long = try plan(command + ["5h", "-o", "long.csv"])
        #expect(long.exitCode == 0, "\(long.errors)")
        #expect(long.errors.contains("32 chunks of 256 tokens"))
        #expect(try text("long.csv").contains("# chunks: 32\n"))

        // The first layer is measured however little time there is, and the command has no text to choose.
        let none = try plan(calibrate("m.gguf", "--budget-time", "0.001s"))
        #expect(none.exitCode == 0, "\(none.errors)")
        #expect(none.errors.contains("the time is up with 1 of 9 losses measured"))
        #expect(try rows("m-losses.csv").count == 1)
        for wrong in ["0s", "30", "min", "-1h", "1e9h", "5 parsecs"] {
            #expect(try plan(calibrate("m.gguf", "--budget-time", wrong)).exitCode == 64)
        }
    }

    @Test("a command that fails, or prints no loss, ends with its output, and leaves nothing behind")
    func failingCommands() throws {
        try write()
        let expression = ["--loss", "loss ([0-9.]+)"]
        let failing = try plan(
            ["calibrate", "m.gguf", "--run", "echo out of memory; exit 7 # {}"] + expression
        )
        #expect(failing.exitCode == 1)
        #expect(
            failing.errors.contains("failed with exit code 7") && failing.errors.contains("out of memory")
        )
        let silent = try plan(["calibrate", "m.gguf", "--run", "echo done {}"] + expression)
        #expect(silent.exitCode == 1 && silent.errors.contains("done m-scratch/m.gguf"))
        let absent = try plan(["calibrate", "m.gguf", "--llama-perplexity", "./absent", "--text", "score.py"])
        #expect(absent.exitCode == 66 && absent.errors.contains("\"./absent\" cannot be started"))
        let unplaced = try plan(["calibrate", "m.gguf", "--run", "echo loss 1"] + expression)
        #expect(unplaced.exitCode == 64 && unplaced.errors.contains("has no {}"))
        #expect(!exists("m-losses.csv") && !exists("m-scratch"))

        // One that fails later keeps what was measured before.
        let later = try plan(
            ["calibrate", "m.gguf", "--run", "echo x >> n; test $(wc -l < n) -lt 5 && echo loss 1 # {}"]
                + expression
        )
        #expect(later.exitCode == 1)
        #expect(try rows("m-losses.csv").count == 3)
        #expect(!exists("m-scratch"))
    }

    @Test("wrong usage is said before anything is copied")
    func wrongUsage() throws {
        try write()
        for (arguments, code) in [
            (["calibrate", "m.gguf"], 64), (["calibrate", "m.gguf", "--run", "x {}"], 64),
            (["calibrate", "m.gguf", "--text", "absent.txt"], 66),
            (["calibrate", "absent.gguf", "--text", "score.py"], 66),
            (["calibrate", "flux1-dev", "--text", "score.py"], 65),
            (calibrate("m.gguf", "--formats", "Q9_9"), 64),
            (calibrate("m.gguf", "--formats", "Q4_0,Q4_0"), 64),
            (calibrate("m.gguf", "--formats", "IQ1_S"), 64),
            (calibrate("m.gguf", "--scratch", "."), 64), (calibrate("m.gguf", "--scratch", "absent/x"), 73),
            (calibrate("m.gguf", "-o", "m.gguf"), 64), (calibrate("m.gguf", "--", "-ngl", "99"), 64),
            (["calibrate", "m.gguf", "--run", "x {}", "--loss", "("], 64),
            (calibrate("m.gguf", "--chunks", "3"), 64),
        ] as [([String], Int32)] {
            let run = try plan(arguments)
            #expect(run.exitCode == code, "\(arguments): \(run.errors)")
            #expect(!run.errors.isEmpty)
        }
        #expect(!exists("m-losses.csv") && !exists("m-scratch") && !exists("runs.txt"))
    }

    /// A command that prints a perplexity and its own standard error, which is that of the text.
    private func perplexity() throws -> [String] {
        let score = try text("score.py")
        try folder.write(
            score.replacing(
                #"print(f"loss {value!r} ± {value / 8!r}")"#,
                with: #"print(f"PPL = {6.25 + value} +/- 0.31")"#
            ),
            "ppl.py"
        )
        return [
            "calibrate", "m.gguf", "--run", "\(FakeRuntime.python) ppl.py m.gguf {}", "--unit", "perplexity",
        ]
    }

    @Test("the standard error of a perplexity is not taken for that of a difference")
    func perplexities() throws {
        try write()
        let command = try perplexity()
        let expression = #"PPL = ([0-9.]+) \+/- ([0-9.]+)"#
        let run = try plan(command + ["--loss", expression])
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.errors.contains("the command says 6.25 ± 0.31 of the model as it is"), "\(run.errors)")
        #expect(try rows("m-losses.csv").allSatisfy { $0.hasSuffix(",") })
        let estimate = try plan([
            "estimate", "m.gguf", "--formats", "Q4_0", "--losses", "m-losses.csv", "-o", "t.csv",
        ])
        #expect(estimate.exitCode == 0 && !estimate.errors.contains("three times"), "\(estimate.errors)")
        // The losses are those that are found without the second group.
        let plain = try plan(command + ["--loss", "PPL = ([0-9.]+)", "-o", "plain.csv"])
        #expect(plain.exitCode == 0 && !plain.errors.contains("left out"), "\(plain.errors)")
        #expect(try rows("plain.csv") == rows("m-losses.csv"))
        // A part that was interrupted goes on as it began.
        let lines = try text("m-losses.csv").split(separator: "\n")
        try folder.write(lines.dropLast(4).joined(separator: "\n") + "\n", "m-losses.csv")
        #expect(try plan(command + ["--loss", expression, "--resume"]).exitCode == 0)
        #expect(try rows("plain.csv") == rows("m-losses.csv"))
    }

    @Test("losses that are mostly noise say so in the table, the recipe and the summary")
    func mostlyNoise() throws {
        try write()
        #expect(try plan(perplexity() + ["--loss", "PPL = ([0-9.]+)"]).exitCode == 0)
        // A file as other programs, and this one before, write it: with the error of each perplexity.
        let noisy = try text("m-losses.csv").split(separator: "\n").map { line in
            line.hasSuffix(",") ? line + "0.31" : String(line)
        }
        try folder.write(noisy.joined(separator: "\n") + "\n", "noisy.csv")
        let estimate = try plan([
            "estimate", "m.gguf", "--formats", "Q4_0,Q8_0", "--losses", "noisy.csv", "-o", "t.csv",
        ])
        #expect(estimate.exitCode == 0, "\(estimate.errors)")
        #expect(
            estimate.errors.contains("those of a value of one model, such as a perplexity"),
            "\(estimate.errors)"
        )
        let table = try text("t.csv")
        #expect(
            table.contains(
                "# method: measured on 9 of 9 layers; 9 of 9 losses within their noise, completed by relative errors\n"
            ),
            "\(table)"
        )
        let share = try #require(table.firstMatch(of: /# uncertainty: ([0-9.]+)/)?.1)
        let uncertainty = try #require(Double(share))
        // The mean of a half of a normal distribution is off by 0.76 of itself.
        #expect(uncertainty > 0.75 && uncertainty < 1)
        let planned = try plan([
            "--budget", "20%", "--model", "m.gguf", "--impacts", "t.csv", "-o", "r.json",
        ])
        #expect(planned.exitCode == 0, "\(planned.errors)")
        #expect(planned.output.contains("±\(Int((100 * uncertainty).rounded())) %"), "\(planned.output)")
        let words = planned.output.replacing(/\s+/, with: " ")
        #expect(words.contains("9 of 9 losses within their noise"), "\(planned.output)")
        #expect(try text("r.json").contains("\"uncertainty\": \(share)"))
        // Losses that are sure say nothing of it.
        let sure = try plan([
            "estimate", "m.gguf", "--formats", "Q4_0,Q8_0", "--losses", "m-losses.csv", "-o", "s.csv",
            "--errors",
            "e.jsonl",
        ])
        #expect(sure.exitCode == 0, "\(sure.errors)")
        let said = try text("s.csv")
        #expect(said.contains("# uncertainty: 0.3\n") && !said.contains("noise"), "\(said)")
    }

    @Test("llama-perplexity is looked for before the model is copied")
    func absentProgram() throws {
        try write()
        // A folder is no program, nor is a file that may not be executed.
        for program in ["./absent", "absent-program-of-no-name", ".", "./score.py"] {
            let run = try plan([
                "calibrate", "m.gguf", "--text", "score.py", "--llama-perplexity", program, "--scratch",
                "absent/x",
            ])
            #expect(run.exitCode == 66, "\(program): \(run.errors)")
            #expect(run.errors.contains("\"\(program)\" cannot be started"), "\(run.errors)")
        }
    }
}
