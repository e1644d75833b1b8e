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
