import Foundation
import Recipes
import Sensitivity
import TestSupport
import Testing

@Suite("plan estimate")
struct EstimateTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func plan(_ arguments: String...) throws -> ProgramRun {
        try ProgramRun.plan(arguments, in: folder.url)
    }

    private func text(_ name: String) throws -> String {
        try folder.text(name)
    }

    private func exists(_ name: String) -> Bool {
        folder.exists(name)
    }

    private func write(_ bytes: [UInt8], _ name: String) throws {
        try folder.write(bytes, name)
    }

    /// Writes a model of some layers with weights that differ in size from layer to layer.
    private func writeModel(
        _ name: String = "m.safetensors",
        layers: Int = 4,
        shape: [Int] = [16, 256],
        seed: Int = 1
    )
        throws
    {
        var random = SeededGenerator(seed: seed)
        var file = SafetensorsBytes()
        for layer in 0..<layers {
            let scale = Float(layer + 1) / 64
            let count = shape.reduce(1, *)
            file.add(
                "blk.\(layer).attn_q.weight",
                shape,
                (0..<count).map { _ in Float.random(in: -1...1, using: &random) * scale }
            )
            file.add("blk.\(layer).attn_norm.weight", [8], [Float](repeating: 1, count: 8))
        }
        try write(file.bytes, name)
    }

    @Test("a model's weights become a table that plans, the same however they are measured")
    func measures() throws {
        try writeModel()
        let run = try plan("estimate", "m.safetensors")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.output.contains("m: 4 tensors in 4 layers, every row measured"))
        #expect(run.output.contains("blk.3.attn_q.weight"))
        let table = try text("m-impacts.csv")
        #expect(
            table.hasPrefix(
                "# kind: amplitude\n# unit: relative error\n# method: weights only, uncalibrated\n# plan: fnv1a64:"
            )
        )
        #expect(table.split(separator: "\n").count == 9)

        for part in ["1/3", "2/3", "3/3"] {
            #expect(try plan("estimate", "m.safetensors", "--part", part).exitCode == 0)
        }
        let merged = try plan(
            "estimate",
            "m.safetensors",
            "-o",
            "merged.csv",
            "--merge",
            "m-errors-1-of-3.jsonl",
            "m-errors-2-of-3.jsonl",
            "m-errors-3-of-3.jsonl"
        )
        #expect(merged.exitCode == 0, "\(merged.errors)")
        #expect(try text("merged.csv") == table)
        let again = try plan("estimate", "m.safetensors", "--merge", "m-errors.jsonl", "-o", "-")
        #expect(again.output == table)

        let planned = try plan(
            "--budget",
            "40%",
            "--model",
            "m.safetensors",
            "--impacts",
            "m-impacts.csv",
            "-o",
            "r.json"
        )
        #expect(planned.exitCode == 0, "\(planned.errors)")
        #expect(planned.output.contains("optimal"))
        #expect(planned.output.contains("root of the sum of squares over the layers"))
        #expect(
            planned.output.contains(
                "Table   m-impacts: amplitudes (relative error; weights only, uncalibrated), combined by rss"
            )
        )
        #expect(
            planned.errors.split(separator: "\n").allSatisfy { $0.contains("no converter binds this plan") }
        )
        let recipe = try text("r.json")
        #expect(recipe.contains(#""kind": "amplitude""#) && recipe.contains(#""combine": "rss""#))
        #expect(!recipe.contains("--combine"))
    }

    @Test(
        "the next command that is shown works, and ends with the one that writes the file where this program does"
    )
    func showsNext() throws {
        try write(LanguageModelFile().bytes(), "m.gguf")
        try writeModel("it's.safetensors")
        for (model, isForLlama) in [("m.gguf", true), ("it's.safetensors", false)] {
            let run = try plan("estimate", model, "--formats", "Q4_0,Q8_0")
            #expect(run.exitCode == 0, "\(run.errors)")
            let line = try #require(run.output.split(separator: "\n").first { $0.hasPrefix("Next ") })
            #expect(run.output.contains("\nBetter   with an importance matrix") == isForLlama)
            let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
            let next = try ProgramRun.run(
                URL(fileURLWithPath: "/bin/sh"),
                ["-c", String(line.dropFirst("Next".count)).trimmingCharacters(in: .whitespaces)],
                in: folder.url,
                ["PATH": ProgramRun.productsFolder.path + ":" + path]
            )
            #expect(next.exitCode == 0, "\(next.errors)")
            #expect(next.output.contains("combined by rss"))
            #expect(next.output.contains("\nNext    plan quantize m.gguf --recipe ") == isForLlama)
            #expect(next.errors.contains("no converter binds this plan") != isForLlama, "\(next.errors)")
        }
    }

    @Test("by default, a model is measured in the formats that its kind of file can hold")
    func choosesFormats() throws {
        try write(LanguageModelFile().bytes(), "m.gguf")
        try writeModel(layers: 1)
        for (model, hasFloats) in [("m.gguf", false), ("m.safetensors", true)] {
            #expect(try plan("estimate", model, "--rows", "1%", "-o", "t.csv", "--force").exitCode == 0)
            let columns = try ImpactTableReader.read(path: folder.path("t.csv")).table
                .formats
            #expect(columns.contains("Q4_0") && columns.contains("NVFP4") && columns.contains("IQ3_S"))
            #expect(columns.contains("float8_e4m3fn") == hasFloats)
            // No importance matrix is given.
            #expect(!columns.contains("IQ2_XXS") && !columns.contains("IQ3_XXS"))
        }
    }

    @Test("--force begins the errors anew, and a file without a measured tensor does not stand in the way")
    func beginsAnew() throws {
        try writeModel()
        let words = ["estimate", "m.safetensors", "--formats", "Q8_0", "--errors", "e.jsonl", "-o", "i.csv"]
        func run(_ more: String...) throws -> ProgramRun { try ProgramRun.plan(words + more, in: folder.url) }
        #expect(try run().exitCode == 0)
        let errors = try text("e.jsonl")
        let refused = try run()
        #expect(refused.exitCode == 73 && refused.errors.contains("exists; go on with it"))
        try folder.write(errors.replacing("\"measured\"", with: "\"mesured\""), "e.jsonl")
        let forced = try run("--force")
        #expect(forced.exitCode == 0, "\(forced.errors)")
        #expect(try text("e.jsonl") == errors)
        let head = try #require(errors.split(separator: "\n").first)
        for left in ["", "\(head)\n"] {
            try folder.write(left, "e.jsonl")
            let again = try run()
            #expect(again.exitCode == 0, "\(again.errors)")
            #expect(try text("e.jsonl") == errors)
        }
    }

    @Test("a seed that draws no rows is remarked on")
    func needlessSeed() throws {
        try writeModel()
        let all = try plan("estimate", "m.safetensors", "--formats", "Q8_0", "--seed", "3")
        #expect(all.exitCode == 0 && all.errors.contains("--seed changes no cell"), "\(all.errors)")
        let some = try plan(
            "estimate",
            "m.safetensors",
            "--formats",
            "Q8_0",
            "--seed",
            "3",
            "--rows",
            "50%"
        )
        #expect(some.exitCode == 0 && !some.errors.contains("--seed changes"), "\(some.errors)")
    }

    @Test("a sample of rows states what it leaves uncertain")
    func samplesRows() throws {
        try writeModel()
        let run = try plan(
            "estimate",
            "m.safetensors",
            "--rows",
            "25%",
            "--formats",
            "Q8_0,Q4_0",
            "--format",
            "json"
        )
        #expect(run.exitCode == 0, "\(run.errors)")
        let rows = try #require(
            try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]]
        )
        #expect(rows.count == 8)
        for row in rows {
            let impact = try #require(row["impact"] as? Double)
            let error = try #require(row["impactStandardError"] as? Double)
            // Uniform weights cast to 8 bits, or 4, are off by about a 440th, or a 27th, of their size.
            #expect((row["format"] as? String == "Q8_0" ? 0.001...0.005 : 0.02...0.1).contains(impact))
            #expect(error > 0 && error < impact / 5)
        }
    }

    @Test("Ctrl-C keeps the finished tensors, and --resume gives what one run would have given")
    func resumes() throws {
        try writeModel(layers: 24, shape: [256, 256])
        let errors = folder.url.appendingPathComponent("m-errors.jsonl")
        let run = try ProgramRun.plan(
            ["estimate", "m.safetensors", "--formats", "Q8_0,Q4_0"],
            in: folder.url
        ) {
            process in
            while process.isRunning {
                let lines = (try? Data(contentsOf: errors))?.count { $0 == UInt8(ascii: "\n") } ?? 0
                if lines >= 3 { break }
                Thread.sleep(forTimeInterval: 0.002)
            }
            process.interrupt()
        }
        #expect(run.exitCode == 130)
        #expect(run.errors.contains("interrupted with "), "\(run.errors)")
        #expect(run.errors.contains("go on with --resume"))
        #expect(!exists("m-impacts.csv"))
        let finished = try text("m-errors.jsonl").split(separator: "\n").count - 1
        #expect((2..<24).contains(finished))

        let refused = try plan("estimate", "m.safetensors", "--formats", "Q8_0,Q4_0")
        #expect(refused.exitCode == 73)
        #expect(refused.errors.contains("--resume"))
        let other = try plan("estimate", "m.safetensors", "--formats", "Q8_0", "--resume")
        #expect(other.exitCode == 65)
        #expect(other.errors.contains("another list of formats"))

        // As a crash leaves it, in the middle of a line.
        let handle = try FileHandle(forWritingTo: errors)
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(#"{"tensor": "blk."#.utf8))
        try handle.close()
        let resumed = try plan("estimate", "m.safetensors", "--formats", "Q8_0,Q4_0", "--resume")
        #expect(resumed.exitCode == 0, "\(resumed.errors)")
        #expect(resumed.errors.contains("has \(finished) tensors, the last line of which was cut off"))
        let whole = try plan(
            "estimate",
            "m.safetensors",
            "--formats",
            "Q8_0,Q4_0",
            "--errors",
            "w.jsonl",
            "-o",
            "w.csv"
        )
        #expect(whole.exitCode == 0)
        #expect(try text("w.csv") == text("m-impacts.csv"))
        #expect(try text("w.jsonl") == text("m-errors.jsonl"))
    }

    @Test("a fine-tune of the same shapes is another set of weights")
    func fineTune() throws {
        try writeModel()
        #expect(try plan("estimate", "m.safetensors", "--formats", "Q8_0").exitCode == 0)
        try writeModel(seed: 2)
        for arguments in [
            ["--formats", "Q8_0", "--resume", "--errors", "m-errors.jsonl"], ["--merge", "m-errors.jsonl"],
        ] {
            let run = try ProgramRun.plan(["estimate", "m.safetensors"] + arguments, in: folder.url)
            #expect(run.exitCode == 65)
            #expect(run.errors.contains("another set of weights"))
        }
    }

    /// Something a user may type, and what comes of it.
    struct Refusal: CustomTestStringConvertible {
        let arguments: [String]
        let exitCode: Int32
        let part: String

        init(_ arguments: [String], _ exitCode: Int32, _ part: String) {
            self.arguments = arguments
            self.exitCode = exitCode
            self.part = part
        }

        var testDescription: String { arguments.joined(separator: " ") }
    }

    @Test(
        "bad input gives a sentence, the exit code, and no file",
        arguments: [
            Refusal(["none.gguf"], 66, "there is no model file"),
            Refusal(["flux1-dev"], 65, "has no weights"),
            Refusal(["m.safetensors", "--rows", "0%"], 64, "more than 0 %"),
            Refusal(["m.safetensors", "--rows", "half"], 64, "\"half\" is no share"),
            Refusal(["m.safetensors", "--rows", "nan%"], 64, "no share"),
            Refusal(["m.safetensors", "--part", "4/3"], 64, "is no part"),
            Refusal(["m.safetensors", "--part", "1/3", "-o", "t.csv"], 64, "makes no impact table"),
            Refusal(["m.safetensors", "--formats", "Q9"], 64, "no format named \"Q9\""),
            Refusal(["m.safetensors", "--formats", "Q8_0,Q8_0"], 64, "named twice"),
            Refusal(
                ["m.safetensors", "--formats", "IQ1_S"],
                64,
                "IQ1_S is encoded with an importance matrix only"
            ),
            Refusal(["m.safetensors", "--imatrix", "none.dat"], 66, "none.dat"),
            Refusal(["m.safetensors", "--imatrix", "m.safetensors"], 65, "no importance matrix"),
            Refusal(["m.safetensors", "--profile", "flux1-dev"], 65, "no state after layer \"blk.0"),
            Refusal(["m.safetensors", "--profile", "none.json"], 66, "none.json"),
            Refusal(["m.safetensors", "--profile", "flux1-dev", "--absolute"], 64, "leave --absolute out"),
            Refusal(["m.safetensors", "--grouping", "none"], 66, "none"),
            Refusal(["m.safetensors", "--merge", "none.jsonl"], 66, "none.jsonl"),
            Refusal(["m.safetensors", "--merge", "m.safetensors"], 65, "not the header"),
            Refusal(["m.safetensors", "--merge", "x", "--resume"], 64, "--merge measures nothing"),
            Refusal(["m.safetensors", "--errors", "no/such/e.jsonl"], 73, "cannot be written"),
            Refusal(["m.safetensors", "-o", "-", "--format", "csv"], 64, "takes standard output"),
            Refusal(["m.safetensors", "-o", "m.safetensors"], 64, "is read by this command"),
            Refusal(
                ["m.safetensors", "--errors", "./m.safetensors", "--resume"],
                64,
                "is read by this command"
            ),
            Refusal(["m.safetensors", "--errors", "x.csv", "-o", "x.csv"], 64, "written twice"),
            Refusal(["m.safetensors", "-o", "no/such/t.csv"], 73, "cannot be written"),
            Refusal(["bad.safetensors"], 65, "row 0 of tensor \"w\""),
            Refusal(["q.safetensors"], 65, "no tensor of floats"),
        ]
    )
    func refuses(_ refusal: Refusal) throws {
        try writeModel()
        var bad = SafetensorsBytes()
        bad.add("w", [1, 32], [Float](repeating: .infinity, count: 32))
        try write(bad.bytes, "bad.safetensors")
        var packed = SafetensorsBytes()
        packed.add("w", "F64", [1, 1], [UInt8](repeating: 0, count: 8))
        try write(packed.bytes, "q.safetensors")
        let run = try ProgramRun.plan(["estimate"] + refusal.arguments, in: folder.url)
        #expect(run.exitCode == refusal.exitCode, "\(run.errors)")
        #expect(run.errors.contains(refusal.part), "\(run.errors)")
        #expect(run.output.isEmpty)
        #expect(!folder.exists("m-impacts.csv"))
    }

    @Test("the tasks of a job array measure what one run measures")
    func jobArray() throws {
        try writeModel()
        let examples = packageRoot.appendingPathComponent("Examples/estimate-in-parts")
        let path = ProgramRun.productsFolder.path + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
        for task in 1...3 {
            let run = try ProgramRun.run(
                examples.appendingPathComponent("estimate.sbatch"),
                ["m.safetensors", "out", "3", "--rows", "50%"],
                in: folder.url,
                ["SLURM_ARRAY_TASK_ID": "\(task)", "PATH": path]
            )
            #expect(run.exitCode == 0, "\(run.errors)")
        }
        let merged = try ProgramRun.run(
            examples.appendingPathComponent("merge.sh"),
            ["m.safetensors", "out", "merged.csv", "--absolute"],
            in: folder.url,
            ["PATH": path]
        )
        #expect(merged.exitCode == 0, "\(merged.errors)")
        let whole = try plan("estimate", "m.safetensors", "--rows", "50%", "--absolute")
        #expect(whole.exitCode == 0)
        #expect(try text("merged.csv") == text("m-impacts.csv"))
    }

    @Test("a format that cannot hold a weight is forbidden for its layer")
    func overflow() throws {
        var file = SafetensorsBytes()
        var values = [Float](repeating: 0.5, count: 64)
        file.add("a", [2, 32], values)
        values[40] = 500
        file.add("b", [2, 32], values)
        try write(file.bytes, "m.safetensors")
        let run = try plan("estimate", "m.safetensors", "--formats", "float8_e4m3fn,Q8_0")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.errors.contains("float8_e4m3fn cannot hold the weights of 1 layer, such as b"))
        let rows = try text("m-impacts.csv").split(separator: "\n").filter { !$0.hasPrefix("#") }
        let column = try #require(rows[0].split(separator: ",").firstIndex(of: "float8_e4m3fn"))
        #expect(rows[1].split(separator: ",")[column] == "0.0")
        #expect(rows[2].split(separator: ",")[column] == "inf")
        #expect(
            try plan("estimate", "m.safetensors", "--formats", "float8_e4m3fn,Q8_0", "--resume").exitCode == 0
        )
    }

    @Test("tables that were not measured to the end list what is missing")
    func incomplete() throws {
        try writeModel()
        #expect(try plan("estimate", "m.safetensors", "--part", "1/2", "--formats", "Q8_0").exitCode == 0)
        let run = try plan("estimate", "m.safetensors", "--merge", "m-errors-1-of-2.jsonl")
        #expect(run.exitCode == 65)
        #expect(run.errors.contains("2 of 4 tensors were not measured"))
        #expect(!exists("m-impacts.csv"))
    }

    @Test("an importance matrix that lacks tensors is used for the others, and says so")
    func importance() throws {
        try writeModel()
        let name = Array("blk.0.attn_q.weight".utf8)
        var matrix =
            SafetensorsBytes.bytes(of: Int32(1)) + SafetensorsBytes.bytes(of: Int32(name.count)) + name
        matrix += SafetensorsBytes.bytes(of: Int32(1)) + SafetensorsBytes.bytes(of: Int32(256))
        matrix += [Float](repeating: 4, count: 256).flatMap { SafetensorsBytes.bytes(of: $0.bitPattern) }
        try write(matrix, "imatrix.dat")
        let run = try plan(
            "estimate",
            "m.safetensors",
            "--imatrix",
            "imatrix.dat",
            "--formats",
            "Q8_0",
            "--absolute",
            "-o",
            "with.csv"
        )
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.errors.contains("knows nothing of 3 of 4 tensors"))
        #expect(
            try plan(
                "estimate",
                "m.safetensors",
                "--errors",
                "e.jsonl",
                "--formats",
                "Q8_0",
                "--absolute",
                "-o",
                "without.csv"
            )
            .exitCode == 0
        )
        func impacts(_ name: String) throws -> [Double] {
            try text(name).split(separator: "\n").filter { !$0.hasPrefix("#") }.dropFirst().map { line in
                let last = try #require(line.split(separator: ",").last)
                return try #require(Double(last))
            }
        }
        let (with, without) = (try impacts("with.csv"), try impacts("without.csv"))
        // Inputs of twice the size make twice the error; Q8_0's encoder does not look at them. The other blocks' count the same.
        #expect(run.errors.contains("those of its kind in other blocks"))
        #expect(zip(with, without).allSatisfy { abs($0 / $1 - 2) < 1e-9 })
        #expect(try text("with.csv").contains("\n# filled: blk.1.attn_q.weight, blk.2.attn_q.weight"))
        #expect(try text("with.csv").contains("\n# importance: fnv1a64:"))
        #expect(try text("with.csv").contains(" imatrix.dat\n"))
        #expect(try !text("without.csv").contains("importance"))

        // Shares of the output count every input the same, unless that is asked for.
        for (norm, file) in [([], "share.csv"), (["--norm", "weighted"], "weighted.csv")] {
            let arguments = ["estimate", "m.safetensors", "--merge", "m-errors.jsonl", "-o", file] + norm
            #expect(try ProgramRun.plan(arguments, in: folder.url).exitCode == 0)
        }
        let (share, weighted) = (try impacts("share.csv"), try impacts("weighted.csv"))
        #expect(zip(share, weighted).allSatisfy { abs($0 / $1 - 1) < 1e-9 })
        #expect(try text("share.csv").contains("# unit: relative error\n"))
        #expect(try text("weighted.csv").contains("# unit: relative error, inputs weighted\n"))
    }

    /// An importance matrix in the old binary shape.
    private func matrix(_ entries: KeyValuePairs<String, [Float]>) -> [UInt8] {
        var matrix = SafetensorsBytes.bytes(of: Int32(entries.count))
        for (name, values) in entries {
            matrix += SafetensorsBytes.bytes(of: Int32(name.utf8.count)) + Array(name.utf8)
            matrix += SafetensorsBytes.bytes(of: Int32(1)) + SafetensorsBytes.bytes(of: Int32(values.count))
            matrix += values.flatMap { SafetensorsBytes.bytes(of: $0.bitPattern) }
        }
        return matrix
    }

    @Test("a matrix times a constant changes no plan, however errors are counted", arguments: [11])
    func scale(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        var file = SafetensorsBytes()
        for name in ["token_embd", "output"] + (0..<3).flatMap({ ["blk.\($0).attn_q", "blk.\($0).attn_k"] }) {
            let size = Float.random(in: 0.5...2, using: &random) / 64
            file.add(
                name + ".weight",
                [24, 32],
                (0..<24 * 32).map { _ in Float.random(in: -1...1, using: &random) * size }
            )
        }
        try write(file.bytes, "m.safetensors")
        let inputs = (0..<4).map { _ in (0..<32).map { _ in Float.random(in: 0...2, using: &random) } }
        for norm in ["--absolute", "--norm=weighted"] {
            var plans: [[String]] = []
            for factor in [Float(1), 0.015625, 3000] {
                func scaled(_ row: Int) -> [Float] { inputs[row].map { factor * $0 } }
                try write(
                    matrix([
                        "blk.0.attn_q.weight": scaled(0), "blk.0.attn_k.weight": scaled(1),
                        "blk.1.attn_q.weight": scaled(2), "blk.2.attn_q.weight": scaled(3),
                    ]),
                    "i.dat"
                )
                let estimate = try plan(
                    "estimate",
                    "m.safetensors",
                    "--imatrix",
                    "i.dat",
                    "--formats",
                    "Q4_0,Q5_0,Q8_0",
                    norm,
                    "--errors",
                    "e.jsonl",
                    "-o",
                    "t.csv",
                    "--force"
                )
                #expect(estimate.exitCode == 0, "\(estimate.errors)")
                try FileManager.default.removeItem(at: folder.url.appendingPathComponent("e.jsonl"))
                let solve = try plan(
                    "--budget",
                    "24%",
                    "--model",
                    "m.safetensors",
                    "--impacts",
                    "t.csv",
                    "-o",
                    "r.json",
                    "--force"
                )
                #expect(solve.exitCode == 0, "\(solve.errors)")
                let recipe = try RecipeReader.read(path: folder.path("r.json"))
                plans.append(recipe.layers.map { $0.layer + $0.format })
                #expect(recipe.importance?.filled.contains("output.weight") == true)
                #expect(recipe.importance?.filled.contains("token_embd.weight") == false)
                let words = solve.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                #expect(words.contains("filled in for 3 tensors"), "\(words)")
            }
            #expect(plans[0].count == 8 && Set(plans[0].map { $0.suffix(4) }).count > 1)
            #expect(plans[1] == plans[0] && plans[2] == plans[0])
        }
    }

    @Test(
        "what a matrix knows nothing of, and nothing like it, is left out of a weighted table, and kept as is said"
    )
    func unknownInputs() throws {
        var file = SafetensorsBytes()
        let values = (0..<256).map { Float($0 % 17) / 64 }
        for name in ["blk.0.attn_q", "blk.0.ffn_down", "blk.0.attn_output"] {
            file.add(name + ".weight", [8, 32], values)
        }
        try write(file.bytes, "m.safetensors")
        let (ones, zeros) = ([Float](repeating: 1, count: 32), [Float](repeating: 0, count: 32))
        try write(matrix(["blk.0.attn_q.weight": ones, "blk.0.attn_output.weight": zeros]), "i.dat")
        let run = try plan(
            "estimate",
            "m.safetensors",
            "--imatrix",
            "i.dat",
            "--absolute",
            "--formats",
            "Q4_0,Q8_0",
            "-o",
            "t.csv"
        )
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.errors.contains("nothing but zeros for 1 tensor") && run.errors.contains("--pin"))
        #expect(try !text("t.csv").contains("ffn_down"))
        let next = try #require(run.output.split(separator: "\n").first { $0.hasPrefix("Next") })
        #expect(next.contains("--keep blk.0.ffn_down.weight"))
        let words = next.split(separator: " ").dropFirst(2).map(String.init)
        let solve = try ProgramRun.plan(
            words.map { $0 == "40%" ? "90%" : $0 } + ["-o", "r.json"],
            in: folder.url
        )
        #expect(solve.exitCode == 0, "\(solve.errors)")
        let without = try plan("--budget", "90%", "--model", "m.safetensors", "--impacts", "t.csv")
        #expect(without.exitCode == 65 && without.errors.contains("--keep GLOB"), "\(without.errors)")
    }

    @Test("experts that no token reached are said: by a note, in the table, in the recipe, in the summary")
    func unseenExperts() throws {
        let name = "blk.0.ffn_up_exps.weight"
        var random = SeededGenerator(seed: 4)
        func values(_ count: Int) -> [Float] {
            (0..<count).map { _ in Float.random(in: 0.1...1, using: &random) }
        }
        var model = GGUFTensorBytes()
        model.add(name, [2, 8, 32], values(512))
        model.add("blk.0.attn_q.weight", [8, 32], values(256))
        try write(model.bytes, "m.gguf")
        var matrix = GGUFTensorBytes()
        matrix.add(name + ".in_sum2", [2, 32], values(32) + [Float](repeating: 0, count: 32))
        matrix.add(name + ".counts", [2, 1], [4, 0])
        matrix.add("blk.0.attn_q.weight.in_sum2", [1, 32], values(32))
        matrix.add("blk.0.attn_q.weight.counts", [1, 1], [4])
        try write(matrix.bytes, "i.gguf")
        let run = try plan(
            "estimate",
            "m.gguf",
            "--imatrix",
            "i.gguf",
            "--formats",
            "Q4_0,Q8_0",
            "-o",
            "t.csv"
        )
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(
            run.errors.contains("no token of the importance matrix reached some of the experts of \(name)"),
            "\(run.errors)"
        )
        #expect(!run.errors.contains("knows nothing of"))
        #expect(try text("t.csv").contains("\n# filled: \(name)\n"))
        let solve = try plan("--budget", "90%", "--model", "m.gguf", "--impacts", "t.csv", "-o", "r.json")
        let words = solve.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("filled in for 1 tensor"), "\(words)\(solve.errors)")
        let recipe = try RecipeReader.read(path: folder.path("r.json"))
        #expect(recipe.importance?.filled == [name])
    }
}
