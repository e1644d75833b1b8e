import Foundation
import TestSupport
import Testing

/// What `plan export` prints to be pasted, pasted: into a shell where programs of those names note their arguments, and into
/// Python.
@Suite struct PastedCommandTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func write(_ name: String, _ text: String) throws {
        try folder.write(text, name)
    }

    private func text(_ name: String) throws -> String {
        try folder.text(name)
    }

    /// A recipe for a model of two layers under names that a converter takes.
    private func makeRecipe(
        for converter: String,
        names: [String],
        _ formats: String,
        budget: String = "90%"
    ) throws {
        let entries = names.map { #"{"name": "\#($0)", "shape": [64, 256]}"# }
        try write("m.json", #"{"model": "tiny", "tensors": [\#(entries.joined(separator: ", "))]}"#)
        try write("t.csv", "layer,\(formats)\n" + names.map { "\($0),2,1\n" }.joined())
        let run = try ProgramRun.plan(
            ["--budget", budget, "--model", "m.json", "--impacts", "t.csv", "--grouping", "per tensor"]
                + ["--converter", converter, "-o", "r.json"],
            in: folder.url
        )
        #expect(run.exitCode == 0, "\(run.errors)")
    }

    private func export(_ converter: String, _ arguments: String...) throws -> ProgramRun {
        let run = try ProgramRun.plan(
            ["export", "r.json", "--converter", converter, "--model", "m.json"] + arguments,
            in: folder.url
        )
        #expect(run.exitCode == 0, "\(run.errors)")
        return run
    }

    /// The first command of what is shown: a line, and those that it goes on in.
    private func command(_ shown: String) throws -> String {
        let start = try #require(shown.range(of: "Use it like this:\n")).upperBound
        var lines: [Substring] = []
        for line in shown[start...].split(separator: "\n") {
            lines.append(line)
            if !line.hasSuffix("\\") { break }
        }
        return lines.joined(separator: "\n")
    }

    /// Runs a command in a shell that finds the folder's own programs.
    private func paste(_ command: String) throws -> ProgramRun {
        try ProgramRun.run(
            URL(fileURLWithPath: "/bin/sh"),
            ["-c", command],
            in: folder.url,
            ["PATH": "\(folder.url.path):/usr/bin:/bin"]
        )
    }

    @Test(
        "the next line of each command leads on, whatever the model is called",
        arguments: [
            ("模型", "模型-40percent"), ("ünï cödé", "ünïcödé-40percent"), ("-dash", "dash-40percent"),
            ("~x", "x-40percent"), ("***", "model-40percent"),
        ]
    )
    func modelNames(name: String, stem: String) throws {
        try folder.write(WeightedModelFile(seed: 1, rows: 256).bytes, name + ".gguf")
        try FileManager.default.createSymbolicLink(
            at: folder.url.appendingPathComponent("plan"),
            withDestinationURL: ProgramRun.productsFolder.appendingPathComponent("plan")
        )
        func next(_ run: ProgramRun) throws -> String {
            #expect(run.exitCode == 0, "\(run.errors)")
            return String(try #require(run.output.firstMatch(of: /Next +(plan .*)\n/)?.1, "\(run.output)"))
        }
        let estimate = try ProgramRun.plan(
            ["estimate", "./\(name).gguf", "--formats", "Q4_0,Q8_0"],
            in: folder.url
        )
        let solve = try paste(try next(estimate))
        #expect(solve.output.contains("Recipe") && solve.output.contains("plans/\(stem).json"))
        let quantize = try paste(try next(solve))
        #expect(quantize.exitCode == 0, "\(quantize.errors)")
        #expect(folder.exists(stem + ".gguf"))
    }

    @Test(
        "what came through standard input or a pipe is called by what it says, and a word stands for it in commands",
        arguments: ["- < FILE", "<(cat FILE)"]
    )
    func throughPipes(way: String) throws {
        var model = GGUFModel()
        model.add("general.architecture", "nobody-knows")
        model.add("general.name", "A tiny one/2")
        for layer in 0..<2 {
            let values = (0..<16_384).map { Float($0 % 17 - 8) * 0.01 }
            model.addBF16("blk.\(layer).attn_q.weight", [64, 256], values)
        }
        try folder.write(model.bytes, "m.gguf")
        try write("t.csv", "layer,Q4_1,Q8_0\nblk.0.attn_q.weight,2,1\nblk.1.attn_q.weight,2,1\n")
        func run(_ words: String, through file: String) throws -> ProgramRun {
            let word = way.hasPrefix("-") ? "-" : "<(cat \(file))"
            let input = way.hasPrefix("-") ? " < \(file)" : ""
            let program = ProgramRun.productsFolder.appendingPathComponent("plan").path
            let script = "'\(program)' \(words.replacing("FILE", with: word))\(input)"
            let run = try ProgramRun.run(URL(fileURLWithPath: "/bin/bash"), ["-c", script], in: folder.url)
            #expect(run.exitCode == 0, "\(script): \(run.errors)")
            for text in [run.output, run.errors] {
                #expect(!text.contains("/dev/fd") && !text.contains("./-"), "\(script): \(text)")
            }
            return run
        }
        let estimate = try run("estimate FILE --formats Q4_0,Q8_0", through: "m.gguf")
        #expect(
            estimate.output.contains(" --model MODEL-FILE --impacts A-tiny-one-2-impacts.csv"),
            "\(estimate)"
        )
        let solve = try run("--budget 60% --model FILE --impacts t.csv", through: "m.gguf")
        #expect(
            solve.output.contains("plan quantize MODEL-FILE --recipe plans/A-tiny-one-2-60percent.json"),
            "\(solve)"
        )
        #expect(try text("plans/A-tiny-one-2-60percent.json").contains(#""name": "A-tiny-one-2""#))
        let other = try run(
            "--budget 60% --model FILE --impacts t.csv --converter llama-quantize -o r.json",
            through: "m.gguf"
        )
        #expect(!other.output.contains("Next") || other.output.contains("MODEL-FILE"), "\(other)")
        let recipe = try run("export FILE --converter llama-quantize --model m.gguf", through: "r.json")
        #expect(
            recipe.errors.contains("plan export RECIPE-FILE --converter llama-quantize --model m.gguf -o"),
            "\(recipe)"
        )
        let named = try run("export r.json --converter llama-quantize --model FILE", through: "m.gguf")
        #expect(
            named.errors.contains("plan export r.json --converter llama-quantize --model MODEL-FILE -o"),
            "\(named)"
        )
        _ = try run("report --model FILE --impacts t.csv -o page.html", through: "m.gguf")
        #expect(try text("page.html").contains(#""modelArguments": ["--model", "MODEL-FILE"]"#))
        let table = try run("--budget 60% --model m.gguf --impacts FILE -o s.json", through: "t.csv")
        #expect(table.output.contains(way.hasPrefix("-") ? "standard input" : "pipe"), "\(table)")
    }

    @Test("a recipe of files that came through pipes is checked without waiting for them to come again")
    func checksWithoutPipes() throws {
        try write("c.csv", "format,cost\nBF16,1\nQ8_0,1\nQ5_1,1\nQ4_1,1\nfloat8_e4m3fn,1\n")
        let program = ProgramRun.productsFolder.appendingPathComponent("plan").path
        let script = """
            '\(program)' --budget 9GB --slowdown 2 --costs - -o r.json < c.csv &&
            '\(program)' check r.json < /dev/zero && '\(program)' check r.json --costs c.csv < /dev/zero
            """
        let run = try ProgramRun.run(URL(fileURLWithPath: "/bin/sh"), ["-c", script], in: folder.url)
        #expect(run.exitCode == 0, "\(run)")
        let gone =
            "not solved again: what came through standard input or a pipe when it was planned is not there any more"
        #expect(run.output.replacing("\n", with: " ").replacing("  ", with: " ").contains(gone), "\(run)")
        #expect(run.output.contains("solved again: optimal"), "\(run)")
    }

    @Test(
        "a command hands the file's rules to its program, whatever the file is called",
        arguments: [
            (
                "stable-diffusion.cpp", "sd-cli", ["-M", "convert", "-m", "tiny.safetensors"],
                "--tensor-type-rules"
            ),
            ("llama-quantize", "llama-quantize", [], "--tensor-type-file"),
            ("ik_llama.cpp", "llama-quantize", [], "--custom-q"),
            ("convert_to_quant", "ctq", ["-i", "tiny.safetensors"], "--layer-config"),
        ]
    )
    func shell(converter: String, program: String, first: [String], option: String) throws {
        let isForFloats = converter == "convert_to_quant"
        try makeRecipe(
            for: converter,
            names: ["blk.0.a.weight", "blk.1.a.weight"],
            isForFloats ? "float8_e4m3fn,BF16" : "Q4_1,Q8_0"
        )
        let file = "my rules' $(date).txt"
        let run = try export(converter, "-o", file)
        try write(program, "#!/bin/sh\nprintf '%s\\n' \"$@\" > arguments.txt\n")
        #expect(chmod(folder.path(program), 0o755) == 0)
        let pasted = try paste(command(run.errors))
        #expect(pasted.exitCode == 0, "\(pasted.errors)")
        let arguments = try text("arguments.txt").split(separator: "\n").map(String.init)
        #expect(Array(arguments.prefix(first.count)) == first)
        let place = try #require(arguments.firstIndex(of: option))
        let rules = try text(file).trimmingCharacters(in: .newlines)
        let isFile = option == "--tensor-type-file" || option == "--layer-config"
        #expect(arguments[place + 1] == (isFile ? file : rules))
    }

    @Test(
        "the lines for MLX run in Python and give every module its own setting, the mode of the model included"
    )
    func python() throws {
        try makeRecipe(
            for: "mlx",
            names: ["model.layers.0.mlp.up_proj.weight", "model.layers.1.mlp.up_proj.weight"],
            "MLX_MXFP4,MLX_MXFP8",
            // Too small for a layer in 16 bits.
            budget: "60%"
        )
        let run = try export("mlx", "-o", "my \"plan\".json")
        let start = try #require(run.errors.range(of: "In Python:\n")).upperBound
        let code = run.errors[start...].split(separator: "\n").filter { !$0.contains("stands for") }
        try write(
            "mlx_lm.py",
            """
            def convert(hf_path, mlx_path, quantize, q_group_size, q_bits, q_mode, quant_predicate):
                print(hf_path, mlx_path, quantize, q_group_size, q_mode)
                print(quant_predicate("model.layers.0.mlp.up_proj", None)["mode"], quant_predicate("lm_head", None))
            """
        )
        let python = ProcessInfo.processInfo.environment["PLAN_PYTHON"] ?? "python3"
        let pasted = try ProgramRun.run(
            URL(fileURLWithPath: "/usr/bin/env"),
            [python, "-c", code.joined(separator: "\n")],
            in: folder.url,
            ["PYTHONPATH": folder.url.path]
        )
        #expect(pasted.exitCode == 0, "\(pasted.errors)")
        let lines = pasted.output.split(separator: "\n")
        #expect(lines.first?.hasPrefix("tiny tiny-mixed True 32 mxfp") ?? false, "\(pasted.output)")
        #expect(lines.last?.hasPrefix("mxfp") ?? false && lines.last?.hasSuffix("False") ?? false)
    }

    @Test(
        "where nothing was saved, no command reads a file, and the one that saves it works and shows the other"
    )
    func unsaved() throws {
        try makeRecipe(for: "stable-diffusion.cpp", names: ["blk.0.a.weight", "blk.1.a.weight"], "Q4_1,Q8_0")
        let shown = try export("stable-diffusion.cpp").errors
        #expect(!shown.contains("sd-cli"))
        let line = try #require(shown.split(separator: "\n").first { $0.hasPrefix("plan export") })
        try FileManager.default.createSymbolicLink(
            at: folder.url.appendingPathComponent("plan"),
            withDestinationURL: ProgramRun.productsFolder.appendingPathComponent("plan")
        )
        let pasted = try paste(String(line))
        #expect(pasted.exitCode == 0, "\(pasted.errors)")
        #expect(pasted.errors.contains("sd-cli") && pasted.errors.contains("$(cat tensor-type-rules.txt)"))
        #expect(try text("tensor-type-rules.txt").contains("=q"))
    }

    @Test("FLUX.1 has no command of llama-quantize, saved or not")
    func unknownArchitecture() throws {
        let recipe = packageRoot.appendingPathComponent("plans/flux1-dev-9GB.json").path
        for output in [[], ["-o", "types.txt"]] {
            let run = try ProgramRun.plan(
                ["export", recipe, "--converter", "llama-quantize", "--force"] + output,
                in: folder.url
            )
            #expect(run.exitCode == 0, "\(run.errors)")
            #expect(run.errors.contains("unknown model architecture"))
            #expect(!run.errors.contains("--tensor-type-file") && !run.errors.contains("plan export"))
        }
    }
}
