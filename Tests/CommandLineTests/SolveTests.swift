import Foundation
import IntegerProgramming
import Recipes
import TestSupport
import Testing

@Suite struct SolveTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func plan(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun.plan(arguments, in: folder.url)
    }

    private func files() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.url.path).sorted()
    }

    @Test("plan --budget 9GB writes the recipe under plans and says what it holds")
    func plansWithNothingElse() throws {
        let run = try plan("--budget", "9GB")
        #expect(run.exitCode == 0)
        #expect(run.errors.isEmpty)
        #expect(try files() == ["plans", "plans/flux1-dev-9GB.json"])
        let recipe = try RecipeReader.read(path: folder.path("plans/flux1-dev-9GB.json"))
        #expect(recipe.size.tensorData == 8_994_967_808)
        #expect(recipe.impact.total == 2.449754524519905)
        #expect(recipe.proof.status == .optimal)
        #expect(IntegerProgram.hasSolver ? recipe.proof.solver == .glpk : recipe.proof.solver != .glpk)
        #expect(recipe.generator.arguments == ["--budget", "9GB"])
        for text in [
            "9.00 GB (8.38 GiB)", "6.05 bits per weight", "2.4498", "optimal", "layer00,07-09,11.txt", "BF16",
            "Q4_1",
            "+113 %", "plans/flux1-dev-9GB.json",
        ] {
            #expect(run.output.contains(text))
        }
        #expect(!run.output.contains("\u{1B}"))
    }

    @Test("the same input gives the same bytes, wherever the recipe goes")
    func isDeterministic() throws {
        let first = try plan("--budget", "12GB", "--combine", "rss", "-o", "a.json")
        let second = try plan("--budget", "12GB", "--combine", "rss", "-o", "-")
        let third = try plan("--budget", "12GB", "--combine", "rss", "-o", "b.json", "--format", "json")
        #expect([first, second, third].allSatisfy { $0.exitCode == 0 })
        let bytes = try folder.text("a.json")
        #expect(second.output == bytes)
        #expect(third.output == bytes)
        #expect(second.errors.contains("Proof"))
        #expect(try files() == ["a.json", "b.json"])
    }

    @Test("layers come as CSV and Markdown")
    func writesTables() throws {
        let csv = try plan("--budget", "9GB", "--format", "csv")
        #expect(csv.output.split(separator: "\n").count == 77)
        #expect(csv.output.hasPrefix("layer,format,bytes,impact\nlayer00.img,BF16,339738624,0\n"))
        let markdown = try plan("--budget", "9GB", "--format", "markdown")
        #expect(markdown.output.contains("| layer00.img | BF16   |"))
    }

    @Test(
        "a budget that nothing fits ends with exit code 2 and the smallest possible size, and writes nothing"
    )
    func refusesImpossibleBudgets() throws {
        let run = try plan("--budget", "6GB")
        #expect(run.exitCode == 2)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("7,536,977,184 bytes"))
        #expect(run.errors.split(separator: "\n").count == 1)
        #expect(try files().isEmpty)
    }

    @Test("the greedy allocator states its gap")
    func greedyStatesItsGap() throws {
        let run = try plan("--budget", "8GB", "--solver", "greedy", "-o", "g.json")
        #expect(run.exitCode == 0)
        let recipe = try RecipeReader.read(path: folder.path("g.json"))
        #expect(recipe.proof.solver == .greedy)
        #expect(recipe.proof.status == .feasible)
        #expect(recipe.proof.gap > 0)
        #expect(recipe.proof.bound <= 3.701071820596581)
        #expect(run.output.contains("feasible, at most"))
        #expect(recipe.generator.arguments == ["--budget", "8GB", "--solver", "greedy"])
    }

    @Test("a build without GLPK refuses to be told to use it", .enabled(if: !IntegerProgram.hasSolver))
    func saysThatGLPKIsMissing() throws {
        let run = try plan("--budget", "9GB", "--solver", "glpk")
        #expect(run.exitCode == 64)
        #expect(run.errors.contains("does not have GLPK"))
    }

    @Test("GLPK asked for by name finds the same plan", .enabled(if: IntegerProgram.hasSolver))
    func glpkByName() throws {
        #expect(try plan("--budget", "9GB", "--solver", "glpk", "-o", "a.json").exitCode == 0)
        let recipe = try RecipeReader.read(path: folder.path("a.json"))
        #expect(recipe.impact.total == 2.449754524519905)
        #expect(recipe.proof.solver == .glpk)
    }

    @Test("formats bind before solving; the source format always may be used")
    func bindsFormats() throws {
        let run = try plan("--budget", "10GB", "--formats", "Q4_1, Q8_0", "-o", "a.json")
        #expect(run.exitCode == 0)
        let recipe = try RecipeReader.read(path: folder.path("a.json"))
        #expect(Set(recipe.layers.map(\.format)).isSubset(of: ["Q4_1", "Q8_0", "BF16"]))
    }

    @Test("an own model and an own table are planned")
    func plansOwnModel() throws {
        try write(
            "m.json",
            #"{"model": "tiny/one", "tensors": [{"name": "a", "shape": [8, 64]}, {"name": "b", "shape": [8, 64]}]}"#
        )
        try write("i.csv", "layer,Q8_0,Q4_0\na,0.1,1\nb,0.2,3\n")
        let run = try plan("--budget", "100%", "--model", "m.json", "--impacts", "i.csv")
        #expect(run.exitCode == 0)
        #expect(try files().contains("plans/tiny-one-100percent.json"))
        // A byte less than both layers take in Q8_0: the one that suffers less gives way.
        func solve(_ budget: Int) throws -> Recipe {
            let run = try plan(
                "--budget",
                "\(budget)",
                "--model",
                "m.json",
                "--impacts",
                "i.csv",
                "-o",
                "t.json"
            )
            #expect(run.exitCode == 0, "\(run.errors)")
            return try RecipeReader.read(path: folder.path("t.json"))
        }
        let both = try solve(1600)
        #expect(both.layers.map(\.format) == ["Q8_0", "Q8_0"] && both.size.bytes <= 1600)
        #expect(try solve(both.size.bytes - 1).layers.map(\.format) == ["Q4_0", "Q8_0"])
    }

    @Test("of the plans with the least impact the smallest file is taken, whichever command plans")
    func takesTheSmallestFile() throws {
        let tensors = [4, 5, 3].enumerated().map { #"{"name": "t\#($0)", "shape": [\#($1), 256]}"# }
        try write("m.json", #"{"model": "three", "tensors": [\#(tensors.joined(separator: ", "))]}"#)
        try write("i.csv", "layer,Q4_0,Q8_0\nt0,3,3\nt1,3,1\nt2,3,2\n")
        let model = ["--model", "m.json", "--impacts", "i.csv"]
        let run = try ProgramRun.plan(["--budget", "5152", "-o", "r.json"] + model, in: folder.url)
        #expect(run.exitCode == 0)
        let recipe = try RecipeReader.read(path: folder.path("r.json"))
        #expect(recipe.size.bytes == 4544)
        #expect(recipe.impact.total == 3)
        #expect(recipe.proof.status == .optimal)
        let compare = try ProgramRun.plan(
            ["compare", "--budgets", "5152", "--format", "csv"] + model,
            in: folder.url
        )
        #expect(compare.output.contains("\n5152,4544,"))
        let frontier = try ProgramRun.plan(["frontier", "--format", "csv"] + model, in: folder.url)
        let rows = frontier.output.split(separator: "\n").filter { $0.hasPrefix("frontier,") }
        #expect(
            rows.map { $0.split(separator: ",", omittingEmptySubsequences: false)[2] } == [
                "2048", "2432", "2688", "3072", "3776", "4544", "5248", "6432",
            ]
        )
        for row in rows {
            let cells = row.split(separator: ",", omittingEmptySubsequences: false)
            let own = try ProgramRun.plan(
                ["--budget", String(cells[2]), "-o", "r.json"] + model,
                in: folder.url
            )
            #expect(own.exitCode == 0)
            let recipe = try RecipeReader.read(path: folder.path("r.json"))
            #expect("\(recipe.size.bytes)" == cells[2])
            #expect(recipe.impact.total == Double(cells[3]))
        }
    }

    @Test("a process that is paused again and again writes the same recipe")
    func isTheSameWhenPaused() throws {
        let published = try Data(
            contentsOf: packageRoot.appendingPathComponent("plans/flux1-dev-9GB.json")
        )
        // The pauses are longer than the time that a plan may take.
        let arguments = ["--budget", "9GB", "--time-limit", "0.2", "-o", "r.json"]
        for delay in [0.01, 0.03, 0.06] {
            let run = try ProgramRun.plan(arguments, in: folder.url) { process in
                for _ in 0..<6 where process.isRunning {
                    Thread.sleep(forTimeInterval: delay)
                    kill(process.processIdentifier, SIGSTOP)
                    Thread.sleep(forTimeInterval: 0.25)
                    kill(process.processIdentifier, SIGCONT)
                }
            }
            #expect(run.exitCode == 0)
            if IntegerProgram.hasSolver {
                #expect(try folder.data("r.json") == published)
            }
        }
    }

    private func write(_ name: String, _ text: String) throws {
        try folder.write(text, name)
    }

    @Test("Ctrl-C ends a long search with the best plan so far, its gap, and the recipe")
    func endsEarlyOnInterrupt() throws {
        try HardProblem.write(to: folder.url)
        let start = ContinuousClock.now
        let run = try ProgramRun.plan(
            [
                "--budget", "40%", "--model", "m.json", "--impacts", "i.csv", "--time-limit", "600", "-o",
                "a.json",
            ],
            in: folder.url
        ) { process in
            Thread.sleep(forTimeInterval: 3)
            #expect(process.isRunning, "the problem was too easy to be interrupted")
            process.interrupt()
        }
        #expect(run.exitCode == 0)
        #expect(run.errors.contains("interrupted"))
        #expect(start.duration(to: .now) < .seconds(120))
        let recipe = try RecipeReader.read(path: folder.path("a.json"))
        #expect(recipe.proof.status == .feasible)
        #expect(recipe.proof.gap > 0)
        #expect(recipe.proof.gap < 0.01)
        guard case .bytes(let budget) = recipe.limit else {
            Issue.record("the recipe has no budget in bytes")
            return
        }
        #expect(recipe.size.bytes <= budget)
    }

    @Test("a time limit ends a long search as Ctrl-C does")
    func endsAtTheTimeLimit() throws {
        try HardProblem.write(to: folder.url)
        let run = try plan(
            "--budget",
            "40%",
            "--model",
            "m.json",
            "--impacts",
            "i.csv",
            "--time-limit",
            "0.5",
            "-o",
            "a.json"
        )
        #expect(run.exitCode == 0)
        #expect(run.errors.contains("--time-limit"))
        #expect(try RecipeReader.read(path: folder.path("a.json")).proof.status == .feasible)
    }

    @Test(
        "a model without a table is told where one comes from: its weights where it has any, in commands that work"
    )
    func noTable() throws {
        try folder.write(WeightedModelFile(seed: 1).bytes, "m.gguf")
        let run = try plan("--budget", "40%", "--model", "m.gguf")
        #expect(run.exitCode == 64, "\(run.errors)")
        #expect(run.errors.contains("plan estimate m.gguf makes one of its weights"), "\(run.errors)")
        #expect(run.errors.contains("plan quantize m.gguf --budget 40% -o OUT.gguf makes"), "\(run.errors)")
        #expect(!run.errors.contains("flux"), "\(run.errors)")
        let known = try plan("--budget", "40%", "--model", "llama-3.1-8b")
        #expect(known.exitCode == 64 && known.errors.contains("name one that plan estimate made of a file"))
        #expect(!known.errors.contains("flux"), "\(known.errors)")
        // The built-in table is named where the layers are those.
        let schnell = try plan("--budget", "40%", "--model", "flux1-schnell")
        #expect(schnell.errors.contains("flux1-dev-table3, which was measured on FLUX.1-dev"))
    }
}
