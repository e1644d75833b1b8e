import Foundation
import TestSupport
import Testing

@Suite struct DiffTests {
    private func plan(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun.plan(arguments, in: packageRoot)
    }

    @Test("diff lists the layers that change between two recipes, with sizes and impacts")
    func listsChanges() throws {
        let run = try plan("diff", "plans/flux1-dev-9GB.json", "plans/flux1-dev-8GB.json")
        #expect(run.exitCode == 0)
        #expect(run.output.contains("28 of 76 layers change, 0 up and 28 down"))
        #expect(run.output.contains("layer00.img  down  BF16  Q5_1     339.74 MB    127.40 MB"))
        let csv = try plan("diff", "plans/flux1-dev-9GB.json", "plans/flux1-dev-8GB.json", "--format", "csv")
        #expect(csv.output.split(separator: "\n").count == 29)
    }

    @Test("a recipe does not differ from itself")
    func findsNothing() throws {
        let run = try plan("diff", "plans/flux1-dev-9GB.json", "plans/flux1-dev-9GB.json")
        #expect(run.exitCode == 0)
        #expect(run.output.contains("none of 76 layers changes"))
    }

    @Test("recipes of different models of the same shape are compared, and a note says so")
    func comparesModels() throws {
        let scratch = try ScratchFolder()
        let file = scratch.path("schnell.json")
        let made = try plan(
            "--budget",
            "9GB",
            "--model",
            "flux1-schnell",
            "--impacts",
            "flux1-dev-table3",
            "-o",
            file
        )
        #expect(made.exitCode == 0)
        let run = try plan("diff", "plans/flux1-dev-9GB.json", file)
        #expect(run.exitCode == 0)
        #expect(run.errors.contains("different models"))
        #expect(run.output.contains("flux1-schnell"))
    }

    @Test("recipes whose layers differ are refused with one sentence")
    func refusesOtherLayers() throws {
        let scratch = try ScratchFolder()
        let recipe = try String(
            contentsOf: packageRoot.appendingPathComponent("plans/flux1-dev-9GB.json"),
            encoding: .utf8
        )
        let file = scratch.url.appendingPathComponent("other.json")
        try Data(recipe.replacing("\"layer00.img\"", with: "\"other\"").utf8).write(to: file)
        let run = try plan("diff", "plans/flux1-dev-9GB.json", file.path)
        #expect(run.exitCode == 65)
        #expect(run.errors.split(separator: "\n").count == 1)
        #expect(try plan("diff", "nowhere.json", file.path).exitCode == 66)
    }

    @Test("compare lists what changes per step, and a reserve is taken off every budget")
    func comparesSteps() throws {
        let run = try plan("compare", "--budgets", "10GiB,12GiB", "--reserve", "1.5GiB", "--changes")
        #expect(run.exitCode == 0)
        #expect(run.output.contains("10GiB - 1.5GiB"))
        #expect(run.output.contains("10GiB - 1.5GiB to 12GiB - 1.5GiB: "))
        #expect(run.output.contains("  up    Q4_1 to "))
        #expect(try plan("compare", "--budgets", "9GB", "--reserve", "much").exitCode == 64)
        #expect(try plan("compare", "--budgets", "9GB", "--reserve", "10GB").exitCode == 2)
    }

    @Test("nested plans have no layer that goes down, and state what the best plan would have")
    func comparesNested() throws {
        let run = try plan("compare", "--budgets", "10GB,8.5GB,9.2GB,9GB", "--nested", "--format", "json")
        let rows = try #require(
            try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]]
        )
        // Whatever the order in which budgets are given, plans that grow are listed from the smallest.
        #expect(rows.map { $0["budget"] as? String } == ["8.5GB", "9GB", "9.2GB", "10GB"])
        #expect(rows.dropFirst().allSatisfy { $0["layersDown"] as? Int == 0 })
        for row in rows {
            let best = try #require(row["bestImpact"] as? Double)
            #expect(try #require(row["impact"] as? Double) >= best)
        }
    }
}
