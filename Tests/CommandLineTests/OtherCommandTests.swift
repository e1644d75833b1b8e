import Foundation
import TestSupport
import Testing

@Suite struct OtherCommandTests {
    private func plan(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun.plan(arguments)
    }

    @Test("compare prints one row per budget, with what changes from row to row")
    func comparesBudgets() throws {
        let run = try plan("compare", "--budgets", "8GB,9GB,10GB,12GB")
        #expect(run.exitCode == 0)
        #expect(
            run.output == """
                Budget      Size     Binary   bpw   Impact  Gap  Q4_1  Q5_1  Q8_0  BF16  Changed  Up  Down
                ------  --------  ---------  ----  -------  ---  ----  ----  ----  ----  -------  --  ----
                8GB      7.99 GB   7.44 GiB  5.37   3.7011    0    57    18     1     0
                9GB      9.00 GB   8.38 GiB  6.05   2.4498    0    37    30     8     1       28  28     0
                10GB     9.99 GB   9.30 GiB  6.71   1.8379    0    35    20    18     3       14  14     0
                12GB    12.00 GB  11.17 GiB  8.06  0.99715    0    14    25    29     8       39  39     0

                Table   flux1-dev-table3: amplitudes (S·sqrt(L/R)), added up as its author does; rss would take them as independent

                """
        )
    }

    @Test("compare writes JSON, CSV and Markdown with exact figures")
    func comparesAsData() throws {
        let csv = try plan("compare", "--budgets", "9GB", "--format", "csv")
        #expect(csv.output.contains("9GB,8995022112,"))
        #expect(csv.output.contains(",2.449754524519905,0,37,30,0,8,1,"))
        let json = try plan("compare", "--budgets", "8GB,9GB", "--format", "json")
        let rows = try #require(
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]]
        )
        #expect(rows.count == 2)
        #expect(rows[1]["impact"] as? Double == 2.449754524519905)
        #expect(rows[1]["layers_Q4_1"] as? Int == 37)
        #expect(rows[1]["changedLayers"] as? Int == 28)
        #expect(try plan("compare", "--budgets", "9GB", "--format", "markdown").output.hasPrefix("| Budget "))
    }

    @Test("a budget that nothing fits is a row that says so; only where none fits is the exit code 2")
    func comparesImpossibleBudgets() throws {
        let some = try plan("compare", "--budgets", "6GB,9GB")
        #expect(some.exitCode == 0)
        #expect(some.output.contains("does not fit"))
        #expect(some.errors.contains("7.54 GB"))
        #expect(try plan("compare", "--budgets", "5GB,6GB").exitCode == 2)
        #expect(try plan("compare", "--budgets", "9GB,").exitCode == 64)
        #expect(try plan("compare", "--budgets", "").exitCode == 64)
    }

    @Test("impacts lists every odd cell of the built-in table, line by line")
    func lintsTheTable() throws {
        let run = try plan("impacts")
        #expect(run.exitCode == 0)
        let lines = run.output.split(separator: "\n")
        #expect(lines.count { $0.contains("is no better than the smaller") } == 27)
        #expect(lines.count { $0.contains("is inf") } == 3)
        #expect(lines.count { $0.contains("is blank") } == 1)
        #expect(lines.last == "32 findings: 27 inverted pairs, 5 others.")
        let json = try plan("impacts", "--format", "json")
        let rows = try #require(
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]]
        )
        #expect(rows.count == 32)
        #expect(try plan("impacts", "nowhere.csv").exitCode == 66)
    }

    @Test("formats lists every format with its block")
    func listsFormats() throws {
        let run = try plan("formats", "--format", "csv")
        #expect(run.exitCode == 0)
        #expect(run.output.contains("Q4_1,5,32,20,3,false\n"))
        #expect(run.output.contains("float8_e4m3fn,8,1,1,,false\n"))
        #expect(try plan("formats").output.contains("Q6_K"))
    }

    @Test("the version is that of the recipes")
    func tellsItsVersion() throws {
        #expect(try plan("--version").output == "0.1.0\n")
    }

    @Test("inspect names the layers of a language model as the tables do that plan estimate makes of it")
    func layersOfTables() throws {
        let folder = try ScratchFolder()
        try folder.write(WeightedModelFile(seed: 1).bytes, "m.gguf")
        #expect(try folder.plan("estimate m.gguf --formats Q4_0,Q8_0 --rows 1% -o i.csv").exitCode == 0)
        let table = try folder.text("i.csv").split(separator: "\n").filter { $0.hasPrefix("blk.") }
            .compactMap { $0.split(separator: ",").first }
        let list = try folder.plan("inspect m.gguf --layers --format csv").output.split(separator: "\n")
            .compactMap { $0.split(separator: ",").first }
        #expect(!table.isEmpty && table.allSatisfy(list.contains), "\(table) \(list)")
        let pin = try folder.plan("--budget 40% --model m.gguf --impacts i.csv --pin blk.1=Q8_0")
        #expect(pin.exitCode == 64)
        #expect(pin.errors.contains("layers have names such as blk.1."), "\(pin.errors)")
    }
}
