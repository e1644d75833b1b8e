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

    @Test("a plan whose matrix lies in another folder ends with a sentence that names the option")
    func matrixElsewhere() throws {
        let estimate = try folder.plan("estimate m.gguf --imatrix far/i.dat --formats Q4_K,Q8_0 -o i.csv")
        #expect(estimate.exitCode == 0, "\(estimate.errors)")
        let words = "--budget 40% --model m.gguf --impacts i.csv -o r.json --force"
        let far = try folder.plan(words)
        #expect(
            far.output.hasSuffix(
                "\nNext    plan quantize writes it, given this recipe and --imatrix i.dat with the folder of that file\n"
            ),
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
