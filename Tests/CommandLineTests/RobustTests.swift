import Foundation
import Recipes
import Sensitivity
import TestSupport
import Testing

@Suite("plan --robust")
struct RobustTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func plan(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun.plan(arguments, in: folder.url)
    }

    @Test("the summary says which choices stand, and the recipe is the nominal plan's to the byte")
    func summary() throws {
        let plain = try plan("--budget", "9GB", "-o", "-")
        let run = try plan("--budget", "9GB", "--robust", "60", "-o", "a.json")
        #expect(run.exitCode == 0)
        #expect(
            try folder.text("a.json") == plain.output
        )
        for text in ["60, seed 1", "of 76 stand in 95 % of draws", "layer56.x", "Regret", "layer04.img"] {
            #expect(run.output.contains(text))
        }
        #expect(try plan("--budget", "9GB", "--robust", "60", "-o", "a.json").output == run.output)
        #expect(
            try plan("--budget", "9GB", "--robust", "60", "--seed", "2", "-o", "a.json").output != run.output
        )
        let csv = try plan("--budget", "9GB", "--robust", "60", "-o", "a.json", "--format", "csv")
        #expect(csv.output.hasPrefix("layer,format,bytes,impact,stands,else\n"))
        #expect(csv.output.split(separator: "\n").count == 77)
    }

    @Test(
        "the robust plan is proven on a table of its own, which the recipe names",
        arguments: ["sum", "rss", "max"]
    )
    func robustPlan(combination: String) throws {
        let run = try plan(
            "--budget",
            "10GB",
            "--combine",
            combination,
            "--robust",
            "40",
            "--seed",
            "9",
            "--choose",
            "robust",
            "--robust-table",
            "t.csv",
            "-o",
            "a.json"
        )
        #expect(run.exitCode == 0)
        let recipe = try RecipeReader.read(path: folder.path("a.json"))
        #expect(recipe.proof.status == .optimal)
        // Under rss and max the nominal plan may not be beaten, and its table is then the one as it stands.
        let isScaled = recipe.impacts.name.hasSuffix(" of 40 draws with seed 9")
        #expect(isScaled || combination != "sum" && recipe.impacts.name == "flux1-dev-table3")
        #expect(isScaled == (recipe.impacts.digest != "\(try ImpactTable.fluxDevTable3.digest)"))
        #expect(
            recipe.generator.arguments.suffix(6) == ["--robust", "40", "--seed", "9", "--choose", "robust"]
        )
        #expect(run.output.contains("the nominal plan"))
        let check = try plan("check", "a.json", "--impacts", "t.csv")
        #expect(check.exitCode == 0, "\(check.errors)\(check.output)")
        if isScaled {
            #expect(try plan("check", "a.json").errors.contains("--robust-table"))
        }
    }

    @Test("a table without ± is refused with a sentence")
    func refusesTablesWithoutSpread() throws {
        #expect(try plan("impacts", "-o", "t.csv").exitCode == 0)
        let run = try plan("--budget", "9GB", "--impacts", "t.csv", "--robust", "10")
        #expect(run.exitCode == 65)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("has no ± for the layers"))
        #expect(run.errors.split(separator: "\n").count == 1)
    }

    @Test("a table that may be off as a whole is refused with what that means, unless its cells have errors")
    func commonSpread() throws {
        let head = "# kind: loss\n# unit: KL divergence, nats per token\n# uncertainty: 0.2\n"
        let names = ["double_blocks.0.img_attn.proj.weight", "double_blocks.1.img_attn.proj.weight"]
        var file = SafetensorsBytes()
        for name in names {
            file.add(name, "BF16", [64, 256], [UInt8](repeating: 0x3C, count: 64 * 256 * 2))
        }
        try folder.write(file.bytes, "m.safetensors")
        let plain = names.map { "\($0),Q4_0,0.3\n\($0),Q8_0,0.1\n" }.joined()
        try folder.write(head + "layer,format,impact\n" + plain, "common.csv")
        let cells = names.map { "\($0),Q4_0,0.3,0.1\n\($0),Q8_0,0.1,0.02\n" }.joined()
        try folder.write(head + "layer,format,impact,standardError\n" + cells, "cells.csv")
        let options = [
            "--model", "m.safetensors", "--grouping", "per-tensor", "--budget", "60%", "--robust", "9",
        ]
        let refused = try ProgramRun.plan(options + ["--impacts", "common.csv"], in: folder.url)
        #expect(refused.exitCode == 65 && refused.output.isEmpty, "\(refused)")
        #expect(
            refused.errors.contains("may be off by ±20 % as a whole")
                && refused.errors.contains("changes no choice")
                && refused.errors.contains("plan estimate --rows 5%")
                && refused.errors.contains("--rows 5%"),
            "\(refused.errors)"
        )
        let drawn = try ProgramRun.plan(options + ["--impacts", "cells.csv"], in: folder.url)
        #expect(drawn.exitCode == 0 && drawn.output.contains("standard errors"), "\(drawn)")
    }

    @Test("a page of a sensitivity analysis brings its own ±")
    func readsPages() throws {
        let page = packageRoot.appendingPathComponent("Sources/Sensitivity/Tables/sensitivity-analysis.md")
            .path
        let own = try plan("--budget", "9GB", "--impacts", page, "--robust", "20", "-o", "a.json")
        let builtIn = try plan("--budget", "9GB", "--robust", "20", "-o", "a.json")
        #expect(own.exitCode == 0)
        #expect(own.output == builtIn.output.replacing("flux1-dev-table3", with: "sensitivity-analysis"))
    }

    @Test(
        "wrong usage ends with exit code 64",
        arguments: [
            ["--robust", "0"], ["--robust", "-3"], ["--robust", "9999999"], ["--choose", "robust"],
            ["--robust", "5", "--seed", "-1"], ["--robust", "5", "--choose", "best"],
            ["--robust", "5", "--robust-table", "t.csv"], ["--seed", "3"], ["--seed", "1"],
        ]
    )
    func refusesUsage(arguments: [String]) throws {
        let run = try ProgramRun.plan(["--budget", "9GB"] + arguments, in: folder.url)
        #expect(run.exitCode == 64)
        #expect(run.output.isEmpty)
    }
}
