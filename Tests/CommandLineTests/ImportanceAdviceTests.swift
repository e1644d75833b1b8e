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
}
