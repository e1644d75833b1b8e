import Foundation
import IntegerProgramming
import TestSupport
import Testing

@Suite("the rule that combines impacts")
struct CombinationTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func plan(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun.plan(arguments, in: folder.url)
    }

    private func write(_ text: String, _ name: String) throws {
        try folder.write(text, name)
    }

    private func recipe(_ name: String) throws -> [String: Any] {
        let data = try folder.data(name)
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    /// A model of two layers, and a table for it that begins with some comments.
    private func writeModel(_ comments: String) throws {
        let tensors = ["a", "b"].map { "{\"name\": \"\($0).weight\", \"shape\": [64, 64]}" }
        try write("{\"model\": \"m\", \"tensors\": [\(tensors.joined(separator: ", "))]}", "m.json")
        try write(comments + "layer,Q4_0,Q8_0\na.weight,4,1\nb.weight,3,1\n", "t.csv")
    }

    private func solve(_ more: String...) throws -> ProgramRun {
        try ProgramRun.plan(
            ["--budget", "40%", "--model", "m.json", "--impacts", "t.csv", "-o", "r.json"] + more,
            in: folder.url
        )
    }

    @Test(
        "amplitudes that are added up are remarked on once, be it by what they are called or by how they fall"
    )
    func remarksOnce() throws {
        let names = (0..<10).map { "l\($0).weight" }
        let tensors = names.map { "{\"name\": \"\($0)\", \"shape\": [64, 64]}" }
        try write("{\"model\": \"m\", \"tensors\": [\(tensors.joined(separator: ", "))]}", "m.json")
        // Half the error for every bit more.
        let rows = names.enumerated().map { "\($1),\(16 + $0),\(Double(16 + $0) / 16)\n" }.joined()
        for (kind, phrase) in [
            ("# kind: amplitude\n", "as if all errors"), ("", "--combine rss is the rule"),
        ] {
            try write(kind + "layer,Q4_0,Q8_0\n" + rows, "t.csv")
            let run = try solve("--combine", "sum", "--force")
            #expect(run.exitCode == 0, "\(run.errors)")
            #expect(run.errors.contains(phrase), "\(run.errors)")
            let isSaidTwice = ["as if all errors", "--combine rss is the rule"].allSatisfy(
                run.errors.contains
            )
            #expect(!isSaidTwice, "\(run.errors)")
        }
    }

    @Test(
        "follows from the table's kind, without being an argument of the recipe",
        arguments: [("amplitude", "rss", 5.0), ("loss", "sum", 7), ("unknown", "sum", 7)]
    )
    func followsKind(kind: String, rule: String, impact: Double) throws {
        try writeModel("# kind: \(kind)\n# unit: u\n# importance: fnv1a64:0a i.dat\n")
        let run = try solve("--formats", "Q4_0")
        #expect(run.exitCode == 0, "\(run.errors)")
        let recipe = try recipe("r.json")
        let total = try #require(recipe["impact"] as? [String: Any])
        #expect(total["combine"] as? String == rule)
        #expect(total["total"] as? Double == impact)
        let impacts = try #require(recipe["impacts"] as? [String: Any])
        #expect(impacts["kind"] as? String == kind)
        #expect(impacts["unit"] as? String == "u")
        #expect(impacts["method"] is NSNull)
        #expect((recipe["importance"] as? [String: String]) == ["name": "i.dat", "digest": "fnv1a64:0a"])
        let generator = try #require(recipe["generator"] as? [String: Any])
        #expect((generator["arguments"] as? [String])?.contains("--combine") == false)
        #expect(run.errors.contains("does not say what its cells are") == (kind == "unknown"))
        let check = try plan("check", "r.json", "--model", "m.json", "--impacts", "t.csv")
        #expect(check.exitCode == 0, "\(check.output)\(check.errors)")
        for command in [["compare", "--budgets", "40%"], ["frontier"], ["explain", "--budget", "40%"]] {
            let shown = try ProgramRun.plan(
                command + ["--model", "m.json", "--impacts", "t.csv"],
                in: folder.url
            )
            let words = shown.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(words.contains("(u; importance i.dat, fnv1a64:0a), combined by \(rule)"), "\(words)")
        }
        #expect(try plan("impacts", "t.csv").output.contains("combined by \(rule) unless chosen otherwise"))
    }

    @Test(
        "is the user's where one is typed, with a note where it contradicts the kind",
        arguments: [
            ("amplitude", "sum", "independent errors add in squares"), ("loss", "rss", "are losses already"),
            ("amplitude", "rss", ""), ("loss", "sum", ""), ("unknown", "sum", ""), ("loss", "max", ""),
        ]
    )
    func choice(kind: String, rule: String, note: String) throws {
        try writeModel("# kind: \(kind)\n")
        let run = try solve("--combine", rule)
        #expect(run.exitCode == 0)
        #expect(note.isEmpty ? run.errors.isEmpty : run.errors.contains(note), "\(run.errors)")
        #expect(run.errors.split(separator: "\n").count <= 1)
        let recipe = try recipe("r.json")
        #expect((recipe["impact"] as? [String: Any])?["combine"] as? String == rule)
        let generator = try #require(recipe["generator"] as? [String: Any])
        #expect((generator["arguments"] as? [String])?.suffix(2) == ["--combine", rule])
    }

    @Test("a table and a recipe that say nothing of their kind plan and check as before")
    func saysNothing() throws {
        try writeModel("")
        #expect(try solve().errors.contains("'# kind: amplitude' or '# kind: loss'"))
        var recipe = try recipe("r.json")
        #expect((recipe["impacts"] as? [String: Any])?["kind"] as? String == "unknown")
        recipe["importance"] = nil
        recipe["impacts"] = (recipe["impacts"] as? [String: Any])?.filter {
            ["name", "digest"].contains($0.key)
        }
        recipe["later"] = ["something": 1]
        try JSONSerialization.data(withJSONObject: recipe).write(
            to: folder.url.appendingPathComponent("old.json")
        )
        for impacts in ["t.csv", "u.csv"] {
            try write("# kind: loss\nlayer,Q4_0,Q8_0\na.weight,4,1\nb.weight,3,1\n", "u.csv")
            let check = try plan("check", "old.json", "--model", "m.json", "--impacts", impacts)
            #expect(check.exitCode == 0, "\(check.output)\(check.errors)")
        }
        try write("# kind: amplitude\nlayer,Q4_0,Q8_0\na.weight,4,1\nb.weight,3,1\n", "t.csv")
        _ = try solve()
        try write("# kind: loss\nlayer,Q4_0,Q8_0\na.weight,4,1\nb.weight,3,1\n", "t.csv")
        let other = try plan("check", "r.json", "--model", "m.json", "--impacts", "t.csv")
        #expect(other.exitCode == 1 && other.output.contains("kind"))
    }

    @Test(
        "Table 3 is added as its author does, and one line says what rss would change",
        .enabled(if: IntegerProgram.hasSolver)
    )
    func tableThree() throws {
        let run = try plan("--budget", "9GB", "-o", "r.json")
        #expect(run.output.contains("added up as its author does; rss would change 7 of 76 layers"))
        #expect(run.errors.isEmpty)
        let chosen = try plan("--budget", "9GB", "--combine", "rss", "-o", "s.json")
        #expect(chosen.output.contains("combined by rss"))
        let difference = try plan("diff", "r.json", "s.json")
        #expect(difference.output.contains("7 of 76"), "\(difference.output)")
    }
}
