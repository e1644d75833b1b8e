import Foundation
import IntegerProgramming
import TestSupport
import Testing

/// The recipes in `plans/`, made again and compared byte for byte.
@Suite struct PublishedPlanTests {
    private static let budgets = [8, 9, 10, 12, 14, 16, 20]

    @Test(
        "a published recipe is what its command makes today",
        .enabled(if: IntegerProgram.hasSolver, "without GLPK the recipes name another solver"),
        arguments: budgets
    )
    func isReproduced(gigabytes: Int) throws {
        let published = packageRoot.appendingPathComponent("plans/flux1-dev-\(gigabytes)GB.json")
        let run = try ProgramRun.plan(["--budget", "\(gigabytes)GB", "-o", "-"], in: packageRoot)
        #expect(run.exitCode == 0)
        #expect(try Data(run.output.utf8) == Data(contentsOf: published))
    }

    @Test("there are no recipes but those that are made again")
    func areAllCovered() throws {
        let folder = packageRoot.appendingPathComponent("plans").path
        let recipes = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
            $0.hasSuffix(".json")
        }
        #expect(Set(recipes) == Set(Self.budgets.map { "flux1-dev-\($0)GB.json" }))
    }

    @Test("every published recipe, and one of every kind, satisfies the JSON Schema")
    func satisfySchema() throws {
        let scratch = try ScratchFolder()
        for (index, arguments) in [
            ["--budget", "8GB", "--solver", "greedy"], ["--budget", "40%", "--combine", "rss"],
            ["--budget", "6bpw", "--combine", "max"], ["--budget", "30GB"],
        ].enumerated() {
            let run = try ProgramRun.plan(arguments + ["-o", "own-\(index).json"], in: scratch.url)
            #expect(run.exitCode == 0)
        }
        let plans = packageRoot.appendingPathComponent("plans")
        let published = try FileManager.default.contentsOfDirectory(
            at: plans,
            includingPropertiesForKeys: nil
        )
        let own = try FileManager.default.contentsOfDirectory(
            at: scratch.url,
            includingPropertiesForKeys: nil
        )
        let recipes = (published + own).filter { $0.pathExtension == "json" }
        #expect(recipes.count == 11)
        // The package decides what the schema means; a hand-written check would only repeat the writer's view.
        let script = """
            import json, sys
            import jsonschema
            schema = json.load(open(sys.argv[1]))
            jsonschema.Draft202012Validator.check_schema(schema)
            validator = jsonschema.Draft202012Validator(schema)
            for path in sys.argv[2:]:
                recipe = json.load(open(path))
                validator.validate(recipe)
                recipe["proof"]["gap"] = 2
                assert not validator.is_valid(recipe), path
            """
        let python = ProcessInfo.processInfo.environment["PLAN_PYTHON"] ?? "python3"
        let schema = packageRoot.appendingPathComponent("Sources/Recipes/Schema/recipe-v1.schema.json")
        let run = try ProgramRun.run(
            URL(fileURLWithPath: "/usr/bin/env"),
            [python, "-c", script, schema.path] + recipes.map(\.path),
            in: scratch.url
        )
        #expect(run.exitCode == 0, "\(run.errors) (Scripts/test installs what this needs)")
    }
}
