import Foundation
import Sensitivity
import TestSupport
import Testing

@Suite("plan estimate with measured losses, and with a prior")
struct EstimateLossesTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
        var random = SeededGenerator(seed: 1)
        var file = GGUFTensorBytes()
        for block in 0..<3 {
            for part in ["attn_q", "attn_v", "ffn_down"] {
                let values = (0..<8 * 64).map { _ in Float.random(in: -1...1, using: &random) }
                file.add("blk.\(block).\(part).weight", [8, 64], values)
            }
        }
        try folder.write(file.bytes, "m.gguf")
    }

    private func plan(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun.plan(arguments, in: folder.url)
    }

    private func write(_ text: String, _ name: String = "losses.csv") throws {
        try folder.write(text, name)
    }

    private func table(_ name: String) throws -> ImpactTable {
        try ImpactTableReader.read(path: folder.path(name)).table
    }

    @Test(
        "a plan by losses with standard errors says how far its impact may be off",
        arguments: [("sum", "±0.5 (7.14 %)"), ("rss", "±0.37 (7.34 %)"), ("max", "±0.4 (10 %)")]
    )
    func spread(combine: String, spread: String) throws {
        let tensors = ["a", "b"].map { #"{"name": "\#($0).weight", "shape": [64, 256]}"# }
        try write(#"{"model": "m", "tensors": [\#(tensors.joined(separator: ","))]}"#, "m.json")
        let rows = "a.weight,Q8_0,3,0.3\nb.weight,Q8_0,4,0.4\n"
        try write("# kind: loss\n# unit: nats\nlayer,format,impact,standardError\n" + rows, "t.csv")
        let options = ["--budget", "60%", "--model", "m.json", "--impacts", "t.csv", "--combine", combine]
        let run = try ProgramRun.plan(options + ["-o", "r.json"], in: folder.url)
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(
            run.output.contains("\nSpread  \(spread), if the cells err independently\n"),
            "\(run.output)"
        )
        // What the table is off by as a whole is no part of that.
        try write(
            "# kind: loss\n# unit: nats\n# uncertainty: 0.15\nlayer,format,impact,standardError\n" + rows,
            "t.csv"
        )
        let whole = try ProgramRun.plan(options + ["-o", "w.json"], in: folder.url)
        #expect(
            whole.output.contains(
                "if the cells err independently, and besides ±15 % in which they err together\n"
            ),
            "\(whole.output)"
        )
        // Without them nothing is claimed.
        try write(
            "# kind: loss\n# unit: nats\nlayer,format,impact\na.weight,Q8_0,3\nb.weight,Q8_0,4\n",
            "t.csv"
        )
        let plain = try ProgramRun.plan(options + ["-o", "p.json"], in: folder.url)
        #expect(plain.exitCode == 0 && !plain.output.contains("Spread"), "\(plain.output)")
    }

    @Test("a few losses make a table of losses, whose standard errors plan --robust draws from")
    func completes() throws {
        try write(
            """
            # unit: KL divergence, nats per token
            layer,format,loss,standardError
            blk.0.attn_q.weight,Q4_0,0.001,0.0001
            blk.0.attn_v.weight,Q4_0,0.01,0.001
            blk.1.ffn_down.weight,Q8_0,0.0002,

            """
        )
        let run = try plan("estimate", "m.gguf", "--formats", "Q4_0,Q8_0", "--losses", "losses.csv")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(
            run.errors.contains("6 of 9 layers have no loss that says anything, and are filled by their kind")
        )
        #expect(run.errors.contains("1 loss has no standard error and is taken as exact"), "\(run.errors)")
        #expect(!run.errors.contains("contradict"))
        #expect(
            run.output.contains(
                "Impacts are losses (KL divergence, nats per token; measured on 3 of 9 layers, completed by relative errors)"
            )
        )
        let losses = try table("m-impacts.csv")
        #expect(losses.meaning.kind == .loss)
        #expect(losses.impact(layer: "blk.0.attn_q.weight", format: "Q4_0") == 0.001)
        #expect(losses.standardError(layer: "blk.0.attn_q.weight", format: "Q4_0") == 0.0001)

        let errors = try plan(
            "estimate",
            "m.gguf",
            "--merge",
            "m-errors.jsonl",
            "-o",
            "relative.csv"
        )
        #expect(errors.exitCode == 0, "\(errors.errors)")
        let relative = try table("relative.csv")
        for (layer, known, loss) in [
            ("blk.0.attn_v.weight", "Q4_0", 0.01), ("blk.1.ffn_down.weight", "Q8_0", 0.0002),
        ] {
            let other = known == "Q4_0" ? "Q8_0" : "Q4_0"
            let ratio =
                try #require(relative.impact(layer: layer, format: other))
                / #require(relative.impact(layer: layer, format: known))
            let cell = try #require(losses.impact(layer: layer, format: other))
            #expect(abs(cell / (loss * ratio * ratio) - 1) < 1e-9)
        }
        // What was not measured is as sensitive as its kind, and less certain.
        let layer = "blk.2.attn_v.weight"
        let share =
            try #require(losses.standardError(layer: layer, format: "Q4_0"))
            / #require(losses.impact(layer: layer, format: "Q4_0"))
        #expect(share > 0.5)

        let robust = try plan(
            "--budget",
            "25%",
            "--model",
            "m.gguf",
            "--impacts",
            "m-impacts.csv",
            "--robust",
            "20"
        )
        #expect(robust.exitCode == 0, "\(robust.errors)")
        #expect(robust.output.contains("If the cells had come out otherwise, within their standard errors"))
        #expect(robust.output.contains("(sum over the layers)"))
        let without = try plan(
            "--budget",
            "25%",
            "--model",
            "m.gguf",
            "--impacts",
            "relative.csv",
            "--robust",
            "20"
        )
        #expect(without.exitCode == 65 && without.errors.contains("standard errors"), "\(without.errors)")
    }

    @Test(
        "what was not measured in a language model is filled by role, the last block's down projection as a kind of its own"
    )
    func completesByRole() throws {
        var random = SeededGenerator(seed: 3)
        var file = GGUFTensorBytes()
        let parts = ["attn_q", "attn_v", "ffn_up", "ffn_down"]
        for name in ["token_embd"] + (0..<3).flatMap({ block in parts.map { "blk.\(block).\($0)" } }) {
            let values = (0..<8 * 64).map { _ in Float.random(in: -1...1, using: &random) }
            file.add("\(name).weight", [8, 64], values)
        }
        file.add("output_norm.weight", [64], [Float](repeating: 1, count: 64))
        try folder.write(file.bytes, "text.gguf")
        try write("layer,format,loss,standardError\nblk.1.ffn_down.weight,Q4_0,0.01,0.0001\n")
        let run = try plan("estimate", "text.gguf", "--formats", "Q4_0,Q8_0", "--losses", "losses.csv")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(
            run.errors.contains(
                "12 of 13 layers have no loss that says anything, and are filled by their kind; the"
            )
        )
        #expect(run.errors.contains("ffn_down of the last block"), "\(run.errors)")
        #expect(!run.errors.contains("--prior none"), "\(run.errors)")
        let source = "all-MiniLM-L6-v2 and gemma-3-270m"
        #expect(
            run.output.contains("completed by relative errors; errors by role as in \(source)"),
            "\(run.output)"
        )
        let completed = try table("text-impacts.csv")
        #expect((completed.meaning.uncertainty ?? 0) > 0.2)
        let alone = try plan("estimate", "text.gguf", "--merge", "text-errors.jsonl", "-o", "alone.csv")
        #expect(alone.exitCode == 0, "\(alone.errors)")
        let byRole = try table("alone.csv")
        func sensitivity(_ name: String) throws -> Double {
            let amplitude = try #require(byRole.impact(layer: "\(name).weight", format: "Q4_0"))
            return try #require(completed.impact(layer: "\(name).weight", format: "Q4_0"))
                / (amplitude * amplitude)
        }
        // Kinds of which nothing was measured stand to each other as the roles do.
        let other = try sensitivity("blk.0.attn_q")
        for name in ["token_embd", "blk.2.attn_v", "blk.1.ffn_up", "blk.2.ffn_down"] {
            #expect(try abs(sensitivity(name) / other - 1) < 1e-9, "\(name)")
        }
        #expect(try abs(sensitivity("blk.0.ffn_down") / other - 1) > 1e-3)
    }

    @Test("losses of a format that is not asked for are measured as errors, so that they say something")
    func measuresAnchors() throws {
        try write("layer,format,loss\nblk.0.attn_q.weight,Q5_0,0.001\n")
        let run = try plan("estimate", "m.gguf", "--formats", "Q8_0", "--losses", "losses.csv")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(
            run.errors.contains(
                "of some kinds no layer was measured, and the others stand for them: attn_v, ffn_down"
            )
        )
        let losses = try table("m-impacts.csv")
        #expect(losses.formats == ["Q8_0", "Q5_0"])
        #expect(try #require(losses.impact(layer: "blk.0.attn_q.weight", format: "Q8_0")) < 0.001)
    }

    @Test("losses that do not belong to the model, or to no option beside them, are refused with a sentence")
    func refuses() throws {
        let row = "layer,format,loss\nblk.0.attn_q.weight,Q4_0,0.001\n"
        try write(row)
        try write("# model: fnv1a64:0 other\n" + row, "other.csv")
        try write("layer,format,loss\nblk.9.attn_q.weight,Q4_0,0.001\n", "stranger.csv")
        for (arguments, code, words) in [
            (["--losses", "other.csv"], 65, "was measured on another model"),
            (["--losses", "stranger.csv"], 65, "blk.9.attn_q.weight"),
            (["--losses", "absent.csv"], 66, "absent.csv"),
            (["--losses", "losses.csv", "--absolute"], 64, "--losses says what an error costs"),
            (["--losses", "losses.csv", "--prior", "roles"], 64, "--losses says what an error costs"),
            (["--prior", "roles", "--absolute"], 64, "--prior weighs relative errors"),
            (["--prior", "layers"], 64, "layers"),
        ] as [([String], Int32, String)] {
            let run = try ProgramRun.plan(
                ["estimate", "m.gguf", "--formats", "Q4_0"] + arguments,
                in: folder.url
            )
            #expect(run.exitCode == code, "\(arguments): \(run.errors)")
            #expect(run.errors.contains(words), "\(arguments): \(run.errors)")
        }
    }

    @Test("a prior weighs relative errors by role, and everything it is in says so")
    func prior() throws {
        let run = try plan("estimate", "m.gguf", "--formats", "Q4_0", "--prior", "roles", "-o", "prior.csv")
        #expect(run.exitCode == 0, "\(run.errors)")
        let source = "all-MiniLM-L6-v2 and gemma-3-270m"
        #expect(
            run.errors.contains(
                "squared relative errors count by role, as they cost in \(source): attn_q 0.11, attn_k 0.094, attn_v 0.99"
            )
        )
        #expect(run.output.contains("weights only, uncalibrated; errors by role as in \(source)"))
        let plain = try plan("estimate", "m.gguf", "--merge", "m-errors.jsonl", "-o", "plain.csv")
        #expect(plain.exitCode == 0 && !plain.errors.contains("by role"), "\(plain.errors)")
        let (weighted, relative) = (try table("prior.csv"), try table("plain.csv"))
        #expect(weighted.meaning.kind == .amplitude)
        for (part, weight) in [("attn_q", 0.11), ("attn_v", 0.99), ("ffn_down", 0.78)] {
            let layer = "blk.1.\(part).weight"
            let ratio =
                try #require(weighted.impact(layer: layer, format: "Q4_0"))
                / #require(relative.impact(layer: layer, format: "Q4_0"))
            #expect(abs(ratio - weight.squareRoot()) < 1e-9)
        }
        let summary = try plan(
            "--budget",
            "25%",
            "--model",
            "m.gguf",
            "--impacts",
            "prior.csv",
            "--formats",
            "Q4_0",
            "-o",
            "r.json"
        )
        #expect(summary.output.contains("errors by role as in"), "\(summary.output) \(summary.errors)")
    }

    @Test("a model that reads tokens counts by role unless it is told not to")
    func defaultPrior() throws {
        var random = SeededGenerator(seed: 2)
        var file = GGUFTensorBytes()
        for name in ["token_embd", "blk.0.attn_q", "blk.0.ffn_up"] {
            let values = (0..<8 * 64).map { _ in Float.random(in: -1...1, using: &random) }
            file.add("\(name).weight", [8, 64], values)
        }
        try folder.write(file.bytes, "text.gguf")
        let run = try plan("estimate", "text.gguf", "--formats", "Q4_0", "-o", "default.csv")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.errors.contains("count by role"), "\(run.errors)")
        let words = run.errors.replacing(/\s+/, with: " ")
        #expect(words.contains("--prior none counts all roles the same"), "\(run.errors)")
        let merge = ["estimate", "text.gguf", "--merge", "text-errors.jsonl", "--prior"]
        for (prior, output) in [("roles", "roles.csv"), ("none", "none.csv")] {
            let run = try ProgramRun.plan(merge + [prior, "-o", output], in: folder.url)
            #expect(run.exitCode == 0 && run.errors.contains("count by role") == (prior == "roles"))
        }
        #expect(try folder.text("default.csv") == folder.text("roles.csv"))
        let (byRole, none) = (try table("default.csv"), try table("none.csv"))
        #expect(byRole.meaning.unit == "relative error by role")
        #expect(none.meaning.unit == "relative error")
        #expect(none.meaning.method == "weights only, uncalibrated")
        for (name, weight) in [("token_embd", 1), ("blk.0.attn_q", 0.11), ("blk.0.ffn_up", 1)] {
            let layer = "\(name).weight"
            let ratio =
                try #require(byRole.impact(layer: layer, format: "Q4_0"))
                / #require(none.impact(layer: layer, format: "Q4_0"))
            #expect(abs(ratio - weight.squareRoot()) < 1e-9, "\(name)")
        }
    }

    @Test("losses of one layer that contradict each other are said, and what no model loses is refused")
    func contradictions() throws {
        func estimate(_ rows: String) throws -> ProgramRun {
            try write("layer,format,loss,standardError\n" + rows)
            return try plan(
                "estimate",
                "m.gguf",
                "--formats",
                "Q4_0,Q8_0",
                "--losses",
                "losses.csv",
                "--force",
                "-o",
                "t.csv",
                "--errors",
                "e.jsonl",
                "--resume"
            )
        }
        let layer = "blk.0.attn_q.weight"
        let run = try estimate("\(layer),Q4_0,0.012,0.001\n\(layer),Q8_0,0.5,0.01\n")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(
            run.errors.contains("the losses of 1 layer contradict each other, such as those of \(layer)"),
            "\(run.errors)"
        )
        #expect(!run.errors.contains("exact"))
        let noise = try estimate("\(layer),Q4_0,0.012,0.001\n\(layer),Q8_0,0.5,0.4\n")
        #expect(noise.exitCode == 0 && !noise.errors.contains("contradict"), "\(noise.errors)")
        let huge = try estimate("\(layer),Q4_0,1e308,0.001\n")
        #expect(huge.exitCode == 65 && huge.errors.contains("1e308"), "\(huge.errors)")
    }

    @Test("losses in a format that the file of errors does not have are named as the reason")
    func otherFormat() throws {
        let formats = ["--formats", "Q4_0,Q8_0", "--errors", "e.jsonl"]
        let first = try ProgramRun.plan(["estimate", "m.gguf", "-o", "a.csv"] + formats, in: folder.url)
        #expect(first.exitCode == 0, "\(first.errors)")
        try write("layer,format,loss\nblk.0.attn_q.weight,Q5_0,0.01\n")
        let run = try ProgramRun.plan(
            ["estimate", "m.gguf", "-o", "b.csv", "--resume", "--losses", "losses.csv"] + formats,
            in: folder.url
        )
        #expect(run.exitCode == 65, "\(run.errors)")
        #expect(
            run.errors.contains("the losses are in Q5_0, whose errors \"e.jsonl\" does not have"),
            "\(run.errors)"
        )
        #expect(!run.errors.contains("give the same again"))
    }

    @Test("losses of layers that the model does not have are named, one as one")
    func unknownLayers() throws {
        for (rows, phrase) in [
            (["x"], "has losses of the layer \"x\", which the model does not have"),
            (["x", "y"], "has losses of 2 layers that the model does not have, such as \"x\""),
        ] {
            try write("layer,format,loss\n" + rows.map { "\($0),Q4_0,0.01\n" }.joined())
            let run = try ProgramRun.plan(
                [
                    "estimate", "m.gguf", "--formats", "Q4_0,Q8_0", "--losses", "losses.csv", "--errors",
                    "\(rows.count).jsonl", "-o", "c.csv",
                ],
                in: folder.url
            )
            #expect(run.exitCode == 65 && run.errors.contains(phrase), "\(run.errors)")
        }
    }

    @Test("errors that were measured without a matrix have nothing to be weighted by, which is said")
    func norm() throws {
        for (norm, isSaid) in [("weighted", true), ("unweighted", false)] {
            let run = try ProgramRun.plan(
                [
                    "estimate", "m.gguf", "--formats", "Q4_0", "--norm", norm, "--errors",
                    "\(norm).jsonl", "-o", "\(norm).csv",
                ],
                in: folder.url
            )
            #expect(run.exitCode == 0, "\(run.errors)")
            #expect(run.errors.contains("--norm weighted counts all inputs alike") == isSaid)
        }
    }

    @Test("what counts by assumption is told from what was measured, the output once")
    func saysWhatIsAssumed() throws {
        var random = SeededGenerator(seed: 3)
        var file = GGUFTensorBytes()
        for name in ["token_embd", "output"] + (0..<3).flatMap({ ["blk.\($0).attn_q", "blk.\($0).ffn_up"] }) {
            let values = (0..<8 * 64).map { _ in Float.random(in: -1...1, using: &random) }
            file.add("\(name).weight", [8, 64], values)
        }
        try folder.write(file.bytes, "text.gguf")
        let run = try plan("estimate", "text.gguf", "--formats", "Q4_0")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(
            run.errors.replacing(/\s+/, with: " ").contains(
                """
                ; token_embd was not measured there and is taken to count 1; output.weight makes the output, and is taken to count 6, \
                twice for each of 3 blocks; plan estimate --prior none
                """
            ),
            "\(run.errors)"
        )
    }
}
