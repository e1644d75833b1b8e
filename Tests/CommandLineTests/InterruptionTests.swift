import Foundation
import TestSupport
import Testing

/// Ctrl-C, pressed once the terminal shows that a search is at work, and progress on that terminal.
@Suite struct InterruptionTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    /// A command on the hard problem that would search for an hour, interrupted at work.
    private func interrupted(_ arguments: String...) throws -> TerminalRun { try interrupted(arguments) }

    private func interrupted(_ arguments: [String]) throws -> TerminalRun {
        try HardProblem.write(to: folder.url)
        return try TerminalRun.plan(
            arguments + HardProblem.arguments + ["--time-limit", "3600"],
            in: folder.url,
            once: "searching for"
        ) { $0.interrupt() }
    }

    @Test("a plan is written as good as it is by then")
    func solve() throws {
        let run = try interrupted("--budget", "40%", "-o", "a.json")
        #expect(run.exitCode == 0)
        #expect(run.output.contains("searching for the plan, "))
        #expect(run.output.contains("interrupted: this is the best plan so far"))
        #expect(folder.exists("a.json"))
    }

    @Test("a comparison shows the plans that were found, and those that were not")
    func compare() throws {
        let budgets = (20..<60).map { "\($0)%" }.joined(separator: ",")
        let run = try interrupted("compare", "--budgets", budgets)
        #expect(run.exitCode == 0)
        #expect(run.output.contains("not found"))
        #expect(run.output.contains("of 40 plans were found"))
        #expect(!run.output.contains("does not fit"))
    }

    @Test("an explanation says what was found, and that it is not all")
    func explain() throws {
        // The plan's own search is quick, those with the layer pinned are not.
        let run = try interrupted("explain", "t0", "--budget", "40%")
        #expect(run.exitCode == 0, "\(run.output)")
        #expect(run.output.contains("interrupted: "))
        #expect(run.output.contains("t0 takes "))
    }

    @Test("a curve or a page is there with what was found, or there is nothing and the exit code is 130")
    func curves() throws {
        for arguments in [["frontier", "-o", "a", "--format", "csv"], ["report", "-o", "a"]] {
            let run = try interrupted(arguments)
            let exists = folder.exists("a")
            #expect(run.exitCode == (exists ? 0 : 130))
            #expect(run.output.contains(exists ? "interrupted: " : "plan: interrupted"))
            try? FileManager.default.removeItem(atPath: folder.path("a"))
            #expect(
                try folder.names() == [
                    "i.csv", "m.json",
                ]
            )
        }
    }

    /// Writes the table `i.csv` of a built-in model.
    private func writeEvenTable(of model: String) throws {
        let layers = try ProgramRun.plan(
            [
                "inspect", model, "--layers", "--grouping", "per tensor", "--formats",
                "Q2_K,Q3_K,Q4_K,Q5_K,Q6_K,Q8_0", "--format", "csv",
            ],
            in: folder.url
        )
        #expect(layers.exitCode == 0, "\(layers.errors)")
        // Every bit fewer makes the squared error of a parameter four times as large, as in Examples/even-table.
        var rows = "layer,Q2_K,Q3_K,Q4_K,Q5_K,Q6_K,Q8_0\n"
        for line in layers.output.split(separator: "\n").dropFirst() {
            let cells = line.split(separator: ",")
            let count = try #require(Double(cells[2]))
            let impacts = try cells[3...].map { count * pow(4, -(try #require(Double($0))) * 8 / count) }
            rows += "\(cells[0])," + impacts.map { "\($0)" }.joined(separator: ",") + "\n"
        }
        try folder.write(rows, "i.csv")
    }

    @Test(
        "a search on several devices ends with its best plan, or with none and 130, and no limit is blamed",
        // What is said of the table comes just before the search.
        arguments: ["does not say what its cells are", "searching for the plan"]
    )
    func devices(sign: String) throws {
        try writeEvenTable(of: "llama-3.1-8b")
        let run = try TerminalRun.plan(
            [
                "--model", "llama-3.1-8b", "--impacts", "i.csv", "--device", "gpu=3GiB,500GB/s", "--device",
                "gpu1=3GiB,500GB/s", "--device", "cpu=3GiB,50GB/s", "--context", "8k", "--time-limit", "3600",
                "-o", "a.json",
            ],
            in: folder.url,
            columns: 400,
            once: sign
        ) { $0.interrupt() }
        let isWritten = folder.exists("a.json")
        #expect(run.exitCode == (isWritten ? 0 : 130), "\(run.output)")
        #expect(run.output.contains(isWritten ? "interrupted: " : "plan: interrupted"), "\(run.output)")
        #expect(!run.output.contains("limit"), "\(run.output)")
    }

    @Test("a page of fewer plans than were looked for says how many it has, and nothing of the others")
    func fewerPlans() throws {
        try writeEvenTable(of: "llama-3.1-8b")
        let run = try TerminalRun.plan(
            [
                "report", "--model", "llama-3.1-8b", "--impacts", "i.csv", "--card", "9GiB", "--context",
                "8k",
                "--points", "20000", "-o", "a",
            ],
            in: folder.url,
            columns: 400,
            once: "searching for the proofs of the plans"
        ) { $0.interrupt() }
        #expect(run.exitCode == 0 || run.exitCode == 130, "\(run.output)")
        // Where all were found before, nothing is missing.
        guard folder.exists("a"), run.output.contains("interrupted: ") else { return }
        let said = try #require(
            run.output.firstMatch(of: /interrupted: the page has ([0-9,]+) of ([0-9,]+) plans/)
        )
        if said.output.1 != said.output.2 {
            #expect(!run.output.contains("these are "), "\(run.output)")
            #expect(!run.output.contains("--points sets how many"))
        }
    }

    @Test("the draws of --robust that were solved are said, or the plan stands by itself")
    func robust() throws {
        let run = try TerminalRun.plan(
            ["--budget", "9GB", "--robust", "20000", "-o", "a.json"],
            in: folder.url,
            once: "searching for the best plans of the draws"
        ) { $0.interrupt() }
        #expect(run.exitCode == 0)
        #expect(run.output.contains("interrupted: "))
        #expect(run.output.contains(" of 20000"))
        #expect(folder.exists("a.json"))
    }

    @Test(
        "a command that is not searching, as where nobody reads what it writes, ends with exit code 130 at once"
    )
    func waiting() throws {
        let process = Process()
        process.executableURL = ProgramRun.productsFolder.appendingPathComponent("plan")
        process.arguments = ["frontier", "--format", "json"]
        process.currentDirectoryURL = folder.url
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        // The rest is more than a pipe holds.
        #expect(try output.fileHandleForReading.read(upToCount: 1)?.count == 1)
        process.interrupt()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 130)
        #expect(try errors.fileHandleForReading.readToEnd() == Data("plan: interrupted\n".utf8))
    }

    /// A command whose file stands and whose words nobody reads, interrupted there.
    ///
    /// - Parameters:
    ///   - file: The file that is waited for.
    ///   - arguments: The command.
    /// - Returns: The exit code, and what it wrote to standard error.
    /// - Throws: What starting a process throws.
    private func interruptedBehind(
        _ file: String,
        _ arguments: [String]
    ) throws -> (code: Int32, errors: String) {
        let process = Process()
        process.executableURL = ProgramRun.productsFolder.appendingPathComponent("plan")
        process.arguments = arguments
        process.currentDirectoryURL = folder.url
        let (output, errors) = (Pipe(), Pipe())
        // Not a byte more goes into the pipe.
        let end = output.fileHandleForWriting.fileDescriptor
        let flags = fcntl(end, F_GETFL)
        _ = fcntl(end, F_SETFL, flags | O_NONBLOCK)
        while write(end, [0], 1) == 1 {}
        _ = fcntl(end, F_SETFL, flags)
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let deadline = Date(timeIntervalSinceNow: 60)
        while !folder.exists(file), process.isRunning, Date() < deadline { usleep(1_000) }
        #expect(folder.exists(file))
        process.interrupt()
        let pressed = ContinuousClock.now
        process.waitUntilExit()
        #expect(pressed.duration(to: .now) < .seconds(5))
        #expect(process.terminationReason == .exit)
        let said = try errors.fileHandleForReading.readToEnd() ?? Data()
        return (process.terminationStatus, String(decoding: said, as: UTF8.self))
    }

    @Test(
        "once a file has its name the exit code is 0, whatever was left to be said of it",
        arguments: [
            (["--budget", "9GB", "-o", "a.json"], "a.json"),
            (["--budget", "9GB"], "plans/flux1-dev-9GB.json"),
            (["impacts", "-o", "a.csv"], "a.csv"),
            (["estimate", "m.gguf", "--formats", "Q4_0,Q8_0", "-o", "a.csv"], "a.csv"),
            (["quantize", "m.gguf", "--recipe", "r.json", "-o", "a.gguf"], "a.gguf"),
        ]
    )
    func standing(arguments: [String], file: String) throws {
        if arguments.contains("m.gguf") {
            try folder.write(WeightedModelFile(seed: 5).bytes, "m.gguf")
            let table = try ProgramRun.plan(
                ["estimate", "m.gguf", "--formats", "Q4_0,Q8_0", "--errors", "e.jsonl", "-o", "t.csv"],
                in: folder.url
            )
            let recipe = try ProgramRun.plan(
                ["--budget", "60%", "--model", "m.gguf", "--impacts", "t.csv", "-o", "r.json"],
                in: folder.url
            )
            #expect(table.exitCode == 0 && recipe.exitCode == 0, "\(table.errors)\(recipe.errors)")
        }
        let run = try interruptedBehind(file, arguments)
        #expect(run.code == 0)
        #expect(run.errors.contains("interrupted: the result is whole"), "\(run.errors)")
        #expect(try !folder.names().contains { $0.contains(".partial") })
    }

    @Test("a curve or a page that has its name at the moment of Ctrl-C is one of exit code 0")
    func standingCurves() throws {
        for arguments in [["frontier", "-o", "a", "--format", "csv"], ["report", "-o", "a"]] {
            try? FileManager.default.removeItem(atPath: folder.path("a"))
            let run = try ProgramRun.plan(arguments, in: folder.url) { process in
                while !folder.exists("a"), process.isRunning {}
                process.interrupt()
            }
            #expect(run.exitCode == 0)
            #expect(try !folder.bytes("a").isEmpty)
        }
    }

    @Test("a page of very many layers shows that it is made, and Ctrl-C gives all of it or nothing of it")
    func makingThePage() throws {
        var tensors: [String] = []
        var rows = "# kind: loss\nlayer,Q4_0,Q5_0,Q8_0,BF16\n"
        for layer in 0..<40_000 {
            tensors.append(#"{"name": "t\#(layer)", "shape": [32, 256]}"#)
            rows += "t\(layer),\(8 + layer % 7),\(4 + layer % 3),1,0\n"
        }
        try folder.write(#"{"model": "m", "tensors": ["# + tensors.joined(separator: ",") + "]}", "m.json")
        try folder.write(rows, "i.csv")
        let run = try TerminalRun.plan(
            [
                "report", "--model", "m.json", "--impacts", "i.csv", "--solver", "greedy", "--points", "2",
                "-o", "a",
            ],
            in: folder.url,
            once: "making the page"
        ) { $0.interrupt() }
        #expect(run.output.contains("making the page, "))
        let isThere = folder.exists("a")
        #expect(run.exitCode == (isThere ? 0 : 130))
        #expect(run.output.contains(isThere ? "interrupted: the page has " : "plan: interrupted"))
        if isThere { #expect(try folder.bytes("a").suffix(8).elementsEqual("</html>\n".utf8)) }
        #expect(try folder.names() == (isThere ? ["a", "i.csv", "m.json"] : ["i.csv", "m.json"]))
    }

    @Test("a recipe has its default name with all that is in it, and an empty file of that name is taken")
    func defaultName() throws {
        var sizes: Set<Int> = []
        let path = folder.path("plans/flux1-dev-9GB.json")
        let run = try ProgramRun.plan(["--budget", "9GB"], in: folder.url) { process in
            while process.isRunning {
                var status = stat()
                if stat(path, &status) == 0 { sizes.insert(Int(status.st_size)) }
            }
        }
        #expect(run.exitCode == 0)
        #expect(sizes.count <= 1 && !sizes.contains(0), "\(sizes)")

        try Data().write(to: URL(fileURLWithPath: path))
        let again = try ProgramRun.plan(["--budget", "9GB"], in: folder.url)
        #expect(again.exitCode == 0)
        #expect(!again.errors.contains("stays"))
        #expect(again.output.contains("Recipe  plans/flux1-dev-9GB.json\n"))
        #expect(try folder.names("plans") == ["flux1-dev-9GB.json"])
        #expect(try Set([folder.bytes("plans/flux1-dev-9GB.json").count]) == sizes)
    }

    @Test("what is no terminal gets no progress, and a terminal keeps none of it")
    func leavesNoProgress() throws {
        try HardProblem.write(to: folder.url)
        let arguments = ["--budget", "40%", "-o", "a.json", "--time-limit", "3"] + HardProblem.arguments
        let piped = try ProgramRun.plan(arguments, in: folder.url)
        #expect(!piped.errors.contains("searching"))
        let shown = try TerminalRun.plan(arguments, in: folder.url)
        let last = try #require(shown.output.range(of: "searching for the plan", options: .backwards))
        // The line is taken away before anything else is written.
        #expect(shown.output[last.upperBound...].contains("\r\u{1B}[K"))
        #expect(shown.output.contains("Recipe  a.json"))
    }
}
