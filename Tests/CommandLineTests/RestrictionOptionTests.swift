import Foundation
import IntegerProgramming
import Recipes
import Reports
import Sensitivity
import TestSupport
import Testing

@Suite struct RestrictionOptionTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func plan(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun.plan(arguments + ["-o", "r.json"], in: folder.url)
    }

    private func formats() throws -> [String: String] {
        let recipe = try RecipeReader.read(path: folder.path("r.json"))
        return Dictionary(uniqueKeysWithValues: recipe.layers.map { ($0.layer, $0.format) })
    }

    private func recipe() throws -> Recipe {
        try RecipeReader.read(path: folder.path("r.json"))
    }

    @Test("pins, floors, ceilings and ties hold in the recipe, and its arguments repeat them")
    func restrictionsHold() throws {
        let arguments = [
            "--budget", "10GB", "--pin", "layer03.img=Q8_0", "--at-least", "layer2*.x=Q5_1", "--at-most",
            "layer00.*=Q8_0",
            "--tie", "layer*.???",
        ]
        let run = try ProgramRun.plan(arguments + ["-o", "r.json"], in: folder.url)
        #expect(run.exitCode == 0)
        let formats = try formats()
        #expect(formats["layer03.img"] == "Q8_0")
        for layer in 20...29 { #expect(formats["layer\(layer).x"] != "Q4_1") }
        #expect(formats["layer00.img"] != "BF16")
        for layer in 0..<19 {
            let number = layer < 10 ? "0\(layer)" : "\(layer)"
            #expect(formats["layer\(number).img"] == formats["layer\(number).txt"])
        }
        #expect(try recipe().generator.arguments == arguments)
        #expect(try recipe().proof.status == .optimal)
    }

    @Test("at most so many formats are used")
    func limitsFormats() throws {
        #expect(try plan("--budget", "9GB", "--max-formats", "2").exitCode == 0)
        #expect(try Set(formats().values).count == 2)
        #expect(try recipe().proof.status == .optimal)
        // 9 GB lie between Q4_1 and Q5_1 for all, so one format alone is Q4_1.
        #expect(try plan("--budget", "9GB", "--max-formats", "1").exitCode == 0)
        #expect(try Set(formats().values) == ["Q4_1"])
    }

    @Test("a second budget is kept and stated")
    func keepsSecondBudget() throws {
        try folder.write("format,cost\nBF16,1\nQ8_0,1.1\nfloat8_e4m3fn,1\nQ5_1,1.4\nQ4_1,1.3\n", "costs.csv")
        let free = try plan("--budget", "10GB")
        #expect(free.exitCode == 0)
        let freeImpact = try recipe().impact.total
        let run = try plan("--budget", "10GB", "--slowdown", "1.2", "--costs", "costs.csv")
        #expect(run.exitCode == 0)
        #expect(run.output.contains("times the source's, at most 1.2"))
        #expect(try recipe().impact.total > freeImpact)
        #expect(try recipe().proof.gap <= 1e-9)
        #expect(try plan("--budget", "9GB", "--slowdown", "1.01", "--costs", "costs.csv").exitCode == 2)
        #expect(try plan("--budget", "9GB", "--slowdown", "1.2").exitCode == 64)
    }

    @Test("a nested plan only ever gains bits")
    func nests() throws {
        let bits = ["Q4_1": 5.0, "Q5_1": 6, "float8_e4m3fn": 8, "Q8_0": 8.5, "BF16": 16]
        #expect(try ProgramRun.plan(["--budget", "9GB", "-o", "small.json"], in: folder.url).exitCode == 0)
        #expect(try plan("--budget", "12GB", "--nested-in", "small.json").exitCode == 0)
        let small = try RecipeReader.read(path: folder.path("small.json"))
        let formats = try formats()
        for layer in small.layers {
            #expect(bits[formats[layer.layer] ?? ""] ?? 0 >= bits[layer.format] ?? .infinity)
        }
    }

    @Test(
        "every command names the restriction to relax where there is no plan with it",
        arguments: [
            "--budget 9GB", "compare --budgets 9GB", "report --budget 9GB -o q.html",
            "frontier --card 10GB --overhead 0",
        ]
    )
    func relaxes(command: String) throws {
        let run = try folder.plan(command + " --at-least *=Q8_0")
        #expect(run.exitCode == 2, "\(run.output)\(run.errors)")
        #expect(run.errors.contains("it would be enough to relax --at-least *=Q8_0"), "\(run.errors)")
        #expect(!run.errors.contains("smallest possible"), "\(run.errors)")
    }

    @Test(
        "a plan that keeps a layer in a format says that its impact is without it, and counts the layers that it has"
    )
    func keptImpact() throws {
        let run = try plan("--budget", "9GB", "--keep", "layer00.img=Q4_1")
        let cell = try #require(ImpactTable.fluxDevTable3.impact(layer: "layer00.img", format: "Q4_1"))
        #expect(
            run.output.contains(
                "\n        without 1 kept layer, which by the table costs \(Figures.impact(cell))\n"
            ),
            "\(run.output)"
        )
        #expect(run.output.contains("of 75 layers"), "\(run.output)")
        #expect(run.errors.contains("cast as asked: 5 from BF16 to Q4_1"), "\(run.errors)")
        #expect(try !plan("--budget", "9GB", "--keep", "layer00.img").output.contains("kept layer,"))
    }

    @Test("a recipe with a format that is not known is no floor")
    func unknownNestedFormat() throws {
        #expect(try plan("--budget", "9GB").exitCode == 0)
        let text = try String(contentsOfFile: folder.path("r.json"), encoding: .utf8)
        try folder.write(text.replacingOccurrences(of: "\"Q4_1\"", with: "\"IQ4_KS\""), "o.json")
        let run = try ProgramRun.plan(
            ["--budget", "12GB", "--nested-in", "o.json", "-o", "n.json"],
            in: folder.url
        )
        #expect(
            run.exitCode == 65 && run.errors.contains("in IQ4_KS, a format that is not known"),
            "\(run.errors)"
        )
        #expect(!folder.exists("n.json"))
    }

    @Test("the smallest file for an impact is the other direction of the same plan")
    func reverses() throws {
        let run = try plan("--max-impact", "2.449754524519906")
        #expect(run.exitCode == 0)
        let recipe = try recipe()
        #expect(recipe.limit == .impact(2.449754524519906))
        #expect(recipe.impact.total <= 2.449754524519906)
        #expect(recipe.size.bytes == 8_995_022_112)
        #expect(recipe.proof.objective == .bytes)
        #expect(recipe.proof.bound == 8_995_022_112)
        #expect(recipe.proof.status == .optimal)
        #expect(try plan("--max-impact", "0").exitCode == 0)
        #expect(try Set(formats().values) == ["BF16"])
    }

    static let badInputs = [
        BadInput(arguments: ["--budget", "9GB", "--max-impact", "2"], exitCode: 64, sentence: "give one of"),
        BadInput(arguments: ["--max-impact", "-1"], exitCode: 64, sentence: "max-impact"),
        BadInput(arguments: ["--max-impact", "nan"], exitCode: 64, sentence: "max-impact"),
        BadInput(
            arguments: ["--budget", "9GB", "--pin", "layer99.*=Q8_0"],
            exitCode: 64,
            sentence: "matches no layer"
        ),
        BadInput(
            arguments: ["--budget", "9GB", "--tie", "block*"],
            exitCode: 64,
            sentence: "matches no layer"
        ),
        BadInput(
            arguments: ["--budget", "9GB", "--pin", "layer00.*"],
            exitCode: 64,
            sentence: "layer05.*=Q8_0"
        ),
        BadInput(arguments: ["--budget", "9GB", "--pin", "*=Q9_9"], exitCode: 64, sentence: "Q9_9"),
        BadInput(arguments: ["--budget", "9GB", "--pin", "[=Q8_0"], exitCode: 64, sentence: "["),
        BadInput(
            arguments: ["--budget", "9GB", "--max-formats", "0"],
            exitCode: 64,
            sentence: "max-formats"
        ),
        BadInput(
            arguments: ["--budget", "9GB", "--nested-in", "missing.json"],
            exitCode: 66,
            sentence: "missing.json"
        ),
        BadInput(arguments: ["--budget", "9GB", "--converter", "nobody"], exitCode: 64, sentence: "nobody"),
        BadInput(
            arguments: [
                "--budget", "9GB", "--converter", "mixed-gguf-converter", "--formats", "float8_e4m3fn",
            ],
            exitCode: 64,
            sentence: "does not accept"
        ),
        // The pin alone is to blame for the budget, and is named.
        BadInput(
            arguments: ["--budget", "9GB", "--pin", "*.x=BF16", "--at-most", "layer00.*=Q8_0"],
            exitCode: 2,
            sentence: "relax --pin *.x=BF16"
        ),
        BadInput(
            arguments: ["--budget", "9GB", "--pin", "layer00.img=Q4_1", "--at-least", "layer00.img=Q8_0"],
            exitCode: 2,
            sentence: "relax --pin layer00.img=Q4_1"
        ),
        // Q8_0 is forbidden for layer 18, so no pin can put it there.
        BadInput(
            arguments: ["--budget", "9GB", "--pin", "layer18.img=Q8_0"],
            exitCode: 64,
            sentence: "no layer it matches can take Q8_0"
        ),
        BadInput(
            arguments: ["--budget", "9GB", "--tie", "layer18.*"],
            exitCode: 64,
            sentence: "ties nothing"
        ),
        BadInput(
            arguments: ["--max-impact", "2.5", "--pin", "*.x=Q5_1", "--at-most", "*.txt=Q4_1"],
            exitCode: 2,
            sentence: "relax --pin *.x=Q5_1"
        ),
        BadInput(
            arguments: ["--budget", "9GB", "-o", "-", "--format", "csv"],
            exitCode: 64,
            sentence: "-o -"
        ),
        BadInput(arguments: ["nonsense"], exitCode: 64, sentence: "nonsense"),
    ]

    @Test("restrictions that make no sense end with one sentence and write nothing", arguments: badInputs)
    func refusesBadInput(input: BadInput) throws {
        try input.expectRefusal(in: folder.url, output: ["-o", "r.json"])
    }

    @Test(
        "a plan that a converter bound is exported for it without a complaint",
        arguments: [
            "stable-diffusion.cpp", "cg-mixed-casting", "mixed-gguf-converter", "ik_llama.cpp", "thireus",
            "llama-quantize",
        ]
    )
    func plansForConverters(converter: String) throws {
        let run = try plan("--budget", "10GB", "--converter", converter)
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(try recipe().converter == converter)
        #expect(try recipe().proof.status == .optimal)
        let export = try ProgramRun.plan(["export", "r.json", "--converter", converter], in: folder.url)
        #expect(export.exitCode == 0, "\(export.errors)")
        #expect(!export.output.isEmpty)
        #expect(!export.errors.contains("otherwise than planned"))
    }

    @Test(
        "float8 alone is planned for the converters that take nothing else",
        arguments: ["comfyui", "convert_to_quant"]
    )
    func plansForComfyUI(converter: String) throws {
        #expect(try plan("--budget", "14GB", "--converter", converter).exitCode == 0)
        #expect(
            try ProgramRun.plan(["export", "r.json", "--converter", converter], in: folder.url).exitCode == 0
        )
    }
}
