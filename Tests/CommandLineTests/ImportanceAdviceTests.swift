import Foundation
import TestSupport
import Testing

/// What is said of the importance of the inputs that a plan was made with, and of how the file gets the same.
@Suite struct ImportanceAdviceTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
        try folder.write(WeightedModelFile(seed: 1).bytes, "m.gguf")
        try FileManager.default.createDirectory(
            atPath: folder.path("far"),
            withIntermediateDirectories: false
        )
        try folder.write(QuantizeTests.matrix(), "far/i.dat")
    }

    /// Writes gradients of the model.
    private func writeGradients(seed: Int, _ name: String) throws {
        var gradients = GradientsBytes()
        var random = SeededGenerator(seed: seed)
        let names = (0..<2).flatMap { block in
            ["attn_q", "attn_v", "ffn_down"].map { "blk.\(block).\($0).weight" }
        }
        for tensor in ["token_embd.weight"] + names {
            let rowCount = tensor.hasPrefix("token") ? 64 : 256
            gradients.add(
                tensor,
                rows: (0..<rowCount).map { _ in Float.random(in: 0..<1e-3, using: &random) },
                columns: (0..<256).map { _ in Float.random(in: 0.1..<9, using: &random) }
            )
        }
        try folder.write(gradients.bytes, name)
    }

    @Test("a plan whose matrix lies in another folder ends with a sentence that names the option")
    func matrixElsewhere() throws {
        let estimate = try folder.plan("estimate m.gguf --imatrix far/i.dat --formats Q4_K,Q8_0 -o i.csv")
        #expect(estimate.exitCode == 0, "\(estimate.errors)")
        let words = "--budget 40% --model m.gguf --impacts i.csv -o r.json --force"
        let far = try folder.plan(words)
        #expect(
            far.output.split(separator: "\nNext    ").last?.replacing(/\s+/, with: " ")
                == "plan quantize writes it, given this recipe and --imatrix with the place of i.dat ",
            "\(far.output)"
        )
        let near = try folder.plan(words + " --imatrix far/i.dat")
        let next = try #require(
            near.output.firstMatch(of: /Next    plan (quantize .*)\n$/)?.1,
            "\(near.output)"
        )
        let written = try folder.plan(String(next))
        #expect(written.exitCode == 0 && written.output.contains(", as planned"), "\(written)")
    }

    @Test(
        "the columns of gradients that a table was made with are the file's importance, without a word more"
    )
    func columns() throws {
        try writeGradients(seed: 3, "g.gguf")
        let made = try folder.plan(
            "estimate m.gguf --gradients g.gguf --importance gradients --formats Q4_K,Q8_0 -o g.csv"
        )
        #expect(made.exitCode == 0, "\(made.errors)")
        let typed = "quantize m.gguf --budget 40% --impacts g.csv --gradients g.gguf"
        let whole = try folder.plan(typed + " --importance gradients -o a.gguf")
        #expect(whole.exitCode == 0 && whole.output.contains("as planned: "), "\(whole)")
        let short = try folder.plan(typed + " -o b.gguf")
        #expect(short.exitCode == 0 && short.output.contains("as planned: "), "\(short)")
        #expect(try folder.data("a.gguf") == folder.data("b.gguf"))
        // By a recipe, and by the line that its plan ends with.
        let plan = try folder.plan("--budget 40% --model m.gguf --impacts g.csv -o r.json")
        let next = try #require(
            plan.output.firstMatch(of: /Next    plan (quantize .*)\n$/)?.1,
            "\(plan.output)"
        )
        #expect(next.contains("--gradients g.gguf --importance gradients") && !next.contains("--imatrix"))
        let written = try folder.plan(String(next))
        #expect(written.exitCode == 0 && written.output.contains("as planned: "), "\(written)")
        let recipe = try folder.plan("quantize m.gguf --recipe r.json --gradients g.gguf -o c.gguf")
        #expect(recipe.exitCode == 0 && recipe.output.contains("as planned: "), "\(recipe)")
        try writeGradients(seed: 4, "o.gguf")
        let other = try folder.plan(
            "quantize m.gguf --recipe r.json --gradients o.gguf --importance gradients -o e.gguf"
        )
        #expect(other.errors.contains("the importance matrix is another than \"g.gguf\""), "\(other)")
        let without = try folder.plan("quantize m.gguf --recipe r.json -o d.gguf")
        #expect(without.errors.contains("give it with --gradients and --importance gradients"), "\(without)")
    }

    @Test("a plan for stable-diffusion.cpp by a table without an importance says that ones are taken")
    func ones() throws {
        for (importance, isSaid) in [("none", true), ("ones", false)] {
            let estimate = try folder.plan(
                "estimate m.gguf --importance \(importance) --formats Q4_0,Q8_0 -o \(importance).csv"
            )
            #expect(estimate.exitCode == 0, "\(estimate.errors)")
            let run = try folder.plan(
                "--budget 60% --model m.gguf --impacts \(importance).csv --converter stable-diffusion.cpp -o r.json --force"
            )
            #expect(run.exitCode == 0, "\(run.errors)")
            #expect(run.errors.contains("plan estimate --importance ones measures what it writes") == isSaid)
        }
    }

    @Test("a recipe with a matrix tells stable-diffusion.cpp how the matrix is given")
    func givesMatrix() throws {
        let words = "--imatrix far/i.dat --formats Q4_K,Q8_0"
        #expect(try folder.plan("estimate m.gguf \(words) -o i.csv").exitCode == 0)
        let run = try folder.plan(
            "--budget 60% --model m.gguf --impacts i.csv --imatrix far/i.dat --converter stable-diffusion.cpp -o r.json"
        )
        #expect(run.exitCode == 0 && !run.errors.contains("--importance ones"), "\(run.errors)")
        let export = try folder.plan(
            "export r.json --converter stable-diffusion.cpp --model m.gguf -o rules.txt"
        )
        #expect(export.exitCode == 0 && export.errors.contains("--imat-in far/i.dat"), "\(export.errors)")
    }

    /// Losses of two layers, with what they say of their importance matrix.
    private func writeLosses(_ name: String, importance: String, format: String = "Q4_K") throws {
        let rows = "blk.0.attn_q.weight,\(format),0.001,0.0001\nblk.0.attn_v.weight,Q4_K,0.01,0.001\n"
        try folder.write(
            "# kind: loss\n# importance: \(importance)\nlayer,format,loss,standardError\n" + rows,
            name
        )
    }

    @Test("what would be better is told with the matrix and the grouping that the table was made with")
    func betterKeepsMatrix() throws {
        let words = "estimate m.gguf --formats Q4_K,Q8_0 --force"
        let matrix = try folder.plan(words + " --imatrix far/i.dat -o i.csv --errors i.jsonl")
        #expect(
            matrix.output.contains("\n         plan calibrate m.gguf --text text.txt --imatrix far/i.dat\n"),
            "\(matrix)"
        )
        let grouped = try ProgramRun.plan(
            [
                "estimate", "m.gguf", "--formats", "Q4_K,Q8_0", "--imatrix", "far/i.dat", "--grouping",
                "per block",
                "-o", "b.csv", "--errors", "b.jsonl",
            ],
            in: folder.url
        )
        let options = "--imatrix far/i.dat --grouping 'per block'\n"
        #expect(grouped.output.contains("plan calibrate m.gguf --text text.txt \(options)"), "\(grouped)")
        // Of errors that were measured before, the matrix' name is what is known.
        let merged = try folder.plan("estimate m.gguf --merge i.jsonl -o j.csv")
        #expect(
            merged.output.contains("plan calibrate m.gguf --text text.txt --imatrix i.dat\n"),
            "\(merged)"
        )
        let plain = try folder.plan(words + " -o p.csv --errors p.jsonl")
        #expect(plain.output.contains("plan calibrate m.gguf --text text.txt\n"), "\(plain)")
        #expect(plain.output.contains("give it here and to plan quantize with --imatrix"), "\(plain)")
        // Losses of casts without the matrix are not those of a file made with it.
        try writeLosses("c.csv", importance: "none")
        let losses = try folder.plan(words + " --losses c.csv -o c-impacts.csv --errors c.jsonl")
        #expect(losses.output.contains("calibrate again with --imatrix, and give it here"), "\(losses)")
    }

    @Test("losses are held against the matrix of the errors that complete them, also of merged ones")
    func mergedLosses() throws {
        let words = "estimate m.gguf --formats Q4_K,Q8_0"
        #expect(
            try folder.plan(words + " --imatrix far/i.dat -o i.csv --errors im.jsonl").exitCode == 0
        )
        #expect(try folder.plan(words + " -o p.csv --errors plain.jsonl").exitCode == 0)
        let table = try folder.text("i.csv")
        let digest = try #require(table.firstMatch(of: /# importance: (fnv1a64:[0-9a-f]+) i.dat/)?.1)
        try writeLosses("with.csv", importance: "\(digest) i.dat")
        try writeLosses("without.csv", importance: "none")
        func notes(_ errors: String, _ losses: String) throws -> String {
            let run = try folder.plan("estimate m.gguf --merge \(errors) --losses \(losses) -o o.csv --force")
            #expect(run.exitCode == 0, "\(run)")
            return run.errors
        }
        for (errors, losses) in [("im.jsonl", "with.csv"), ("plain.jsonl", "without.csv")] {
            let found = try notes(errors, losses)
            #expect(!found.contains("an importance matrix"), "\(found)")
        }
        let mixed = try notes("im.jsonl", "without.csv")
        #expect(
            mixed.contains("was measured without an importance matrix, and is completed with one"),
            "\(mixed)"
        )
        let other = try notes("plain.jsonl", "with.csv")
        #expect(other.contains("i.dat; measure the errors again with --imatrix"), "\(other)")
    }

    @Test("a loss in a format without errors is counted alike in the note and the table")
    func silentLosses() throws {
        try writeLosses("iq.csv", importance: "none", format: "IQ2_XXS")
        #expect(
            try folder.plan("estimate m.gguf --formats Q4_K,Q8_0 -o p.csv --errors e.jsonl").exitCode == 0
        )
        let run = try folder.plan("estimate m.gguf --merge e.jsonl --losses iq.csv -o o.csv")
        #expect(run.exitCode == 0, "\(run)")
        #expect(run.errors.contains("6 of 7 layers have no loss that says anything"), "\(run.errors)")
        #expect(
            run.errors.contains(
                "1 loss is in IQ2_XXS, in which no error was measured, and so says nothing of other formats"
            ),
            "\(run.errors)"
        )
        #expect(try folder.text("o.csv").contains("# method: measured on 1 of 7 layers,"))
    }
}
