import Foundation
import Recipes
import TestSupport
import Testing

@Suite("plan additivity")
struct AdditivityCommandTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func plan(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun.plan(arguments, in: folder.url)
    }

    private func write(_ text: String, to name: String) throws {
        try folder.write(text, name)
    }

    /// Plans for several budgets and rules, and losses that follow from them under rss.
    private func writeLosses() throws {
        try FileManager.default.createDirectory(
            at: folder.url.appendingPathComponent("d"),
            withIntermediateDirectories: true
        )
        var lines = ["recipe,loss"]
        for budget in ["8GB", "9GB", "10GB", "12GB"] {
            for rule in ["sum", "rss", "max"] {
                let name = "\(budget)-\(rule).json"
                #expect(try plan("--budget", budget, "--combine", rule, "-o", "d/\(name)").exitCode == 0)
                let recipe = try RecipeReader.read(path: folder.path("d/\(name)"))
                let squares = recipe.layers.reduce(0) { $0 + $1.impact * $1.impact }
                lines.append("\(name),\(0.01 * squares)")
            }
        }
        try write(lines.joined(separator: "\n") + "\n", to: "d/losses.csv")
    }

    @Test("the rule that losses were made with is named, with its exponent")
    func namesTheRule() throws {
        try writeLosses()
        let run = try plan("additivity", "d/losses.csv")
        #expect(run.exitCode == 0)
        #expect(run.errors.isEmpty)
        #expect(run.output.contains("Best      rss, off by less than 0.01 % as a rule\n"))
        #expect(run.output.contains("\nDefault   sum, off by "))
        #expect(run.output.contains("% as a rule; rss is the best of the three\n"))
        #expect(!run.output.contains("speak"))
        #expect(run.output.contains("Exponent  2, in 95 % of cases between 2 and 2;"))
        #expect(
            run.output.contains(
                "rss   off by less than 0.01 % as a rule, with the loss growing as impact^2\n"
            )
        )
        let csv = try plan("additivity", "d/losses.csv", "--power", "2", "--format", "csv")
        #expect(csv.exitCode == 0)
        #expect(csv.output.hasPrefix("recipe,loss,sum,sumLoss,rss,rssLoss,max,maxLoss\n"))
        #expect(csv.output.split(separator: "\n").count == 13)
        #expect(csv.errors.contains("Best      rss"))
    }

    @Test("what cannot be judged is one sentence and an exit code")
    func refuses() throws {
        try writeLosses()
        try write("recipe,loss\n9GB-sum.json,1\n", to: "d/few.csv")
        try write("recipe,loss\n9GB-sum.json,-1\n", to: "d/negative.csv")
        try write("recipe,loss\n9GB-sum.json,0\n", to: "d/zero.csv")
        try write("recipe,loss\nnowhere.json,1\n", to: "d/nowhere.csv")
        try write("recipe,loss\nlosses.csv,1\n", to: "d/norecipe.csv")
        try write("file,loss\n", to: "d/header.csv")
        try write("", to: "d/empty.csv")
        for (arguments, code) in [
            (["d/few.csv"], 65), (["d/negative.csv"], 65), (["d/zero.csv"], 65), (["d/nowhere.csv"], 66),
            (["d/norecipe.csv"], 65), (["d/header.csv"], 65), (["d/empty.csv"], 65), (["d/none.csv"], 66),
            (["d/losses.csv", "--power", "0"], 64), ([], 64),
        ] as [([String], Int32)] {
            let run = try ProgramRun.plan(["additivity"] + arguments, in: folder.url)
            #expect(run.exitCode == code, "\(arguments)")
            #expect(run.output.isEmpty)
            if code != 64 { #expect(run.errors.split(separator: "\n").count == 1) }
        }
    }
}
