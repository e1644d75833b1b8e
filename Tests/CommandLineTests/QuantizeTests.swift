import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing

/// `plan quantize` as a user drives it.
@Suite struct QuantizeTests {
    /// A folder with a model.
    private static func folder(seed: Int = 1, rows: Int = 256) throws -> ScratchFolder {
        let folder = try ScratchFolder()
        try folder.write(WeightedModelFile(seed: seed, rows: rows).bytes, "m.gguf")
        return folder
    }

    @Test("a model and a budget make a file within the budget, as planned, that the check finds nothing in")
    func modelIn() throws {
        let folder = try Self.folder()
        let run = try folder.plan("quantize m.gguf --budget 40% --formats Q4_0,Q4_K,Q8_0 -o q.gguf")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.output.contains("of the file as planned"), "\(run.output)")
        #expect(run.output.contains(", as planned"))
        let recipe = try #require(run.output.firstMatch(of: /Recipe  (plans\/\S+)/)?.1)
        let size = try folder.data("q.gguf").count
        #expect(size * 10 <= (try folder.data("m.gguf").count) * 4)
        let check = try folder.plan("check \(recipe) q.gguf --model m.gguf")
        #expect(check.exitCode == 0, "\(check.output)")
        // What was planned once is written again from its recipe, to the byte.
        let again = try folder.plan("quantize m.gguf --recipe \(recipe) -o r.gguf")
        #expect(again.exitCode == 0, "\(again.errors)")
        #expect(try folder.data("r.gguf") == folder.data("q.gguf"))
        #expect(!folder.exists("q.gguf.partial") && !folder.exists("q.gguf.partial.journal"))
    }

    @Test("the summary of a plan for a model in a file ends with the command that writes it, which works")
    func nextStep() throws {
        let folder = try Self.folder()
        #expect(try folder.plan("estimate m.gguf --formats Q4_0,Q8_0 -o i.csv").exitCode == 0)
        let run = try folder.plan("--budget 40% --model m.gguf --impacts i.csv --converter plan")
        let next = try #require(run.output.firstMatch(of: /Next    plan (quantize .*)\n$/)?.1)
        let written = try folder.plan(String(next))
        #expect(written.exitCode == 0, "\(written.errors)")
        #expect(written.output.contains("of the file as planned"), "\(written.output)")
        #expect(folder.exists("m-40percent.gguf"))
    }

    @Test("a recipe for llama-quantize is written too")
    func otherConverter() throws {
        let folder = try Self.folder()
        #expect(try folder.plan("estimate m.gguf --formats Q4_0,Q8_0 -o i.csv").exitCode == 0)
        let planned = try folder.plan(
            "--budget 40% --model m.gguf --impacts i.csv --converter llama-quantize -o r.json"
        )
        #expect(planned.exitCode == 0, "\(planned.errors)")
        let run = try folder.plan("quantize m.gguf --recipe r.json -o q.gguf")
        #expect(run.exitCode == 0 && run.errors.isEmpty, "\(run.errors)")
        #expect(try folder.plan("check r.json q.gguf").exitCode == 0)
    }

    @Test("a dry run says the size to the byte and writes nothing")
    func dryRun() throws {
        let folder = try Self.folder()
        #expect(try folder.plan("estimate m.gguf --formats Q4_0,Q8_0 -o i.csv").exitCode == 0)
        let words = "quantize m.gguf --budget 40% --impacts i.csv -o q.gguf"
        let dry = try folder.plan(words + " --dry-run")
        #expect(dry.exitCode == 0, "\(dry.errors)")
        #expect(!folder.exists("q.gguf") && !folder.exists("plans"))
        #expect(try folder.plan(words).exitCode == 0)
        let digits = try #require(dry.output.firstMatch(of: /Size +([0-9,]+) bytes/)?.1)
        #expect(Int(digits.filter { $0 != "," }) == (try folder.data("q.gguf").count))
    }

    @Test("a killed run goes on and makes the same bytes", arguments: [1, 3])
    func killed(seed: Int) throws {
        let folder = try Self.folder(seed: seed, rows: 1_024)
        #expect(
            try folder.plan("estimate m.gguf --formats Q4_0,Q8_0 --rows 1% -o i.csv").exitCode == 0
        )
        #expect(
            try folder.plan("--budget 40% --model m.gguf --impacts i.csv --converter plan -o r.json")
                .exitCode == 0
        )
        #expect(try folder.plan("quantize m.gguf --recipe r.json -o whole.gguf").exitCode == 0)
        let journal = folder.url.appendingPathComponent("q.gguf.partial.journal")
        let killed = try ProgramRun.plan(
            ["quantize", "m.gguf", "--recipe", "r.json", "-o", "q.gguf"],
            in: folder.url
        ) { process in
            // Until a tensor or more is finished.
            while process.isRunning {
                let lines =
                    (try? String(contentsOf: journal, encoding: .utf8))?.split(separator: "\n").count ?? 0
                if lines > seed {
                    kill(process.processIdentifier, SIGKILL)
                    break
                }
                usleep(500)
            }
        }
        #expect(killed.exitCode == -1 && !folder.exists("q.gguf") && folder.exists("q.gguf.partial"))
        let run = try folder.plan("quantize m.gguf --recipe r.json -o q.gguf --resume")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(try folder.data("q.gguf") == folder.data("whole.gguf"))
        #expect(!folder.exists("q.gguf.partial") && !folder.exists("q.gguf.partial.journal"))
    }

    @Test("Ctrl-C leaves what is finished, and says how to go on")
    func interrupted() throws {
        let folder = try Self.folder(rows: 1_024)
        #expect(
            try folder.plan("estimate m.gguf --formats Q4_0,Q8_0 --rows 1% -o i.csv").exitCode == 0
        )
        let journal = folder.url.appendingPathComponent("q.gguf.partial.journal")
        let run = try ProgramRun.plan(
            ["quantize", "m.gguf", "--budget", "40%", "--impacts", "i.csv", "-o", "q.gguf"],
            in: folder.url
        ) { process in
            while process.isRunning {
                if FileManager.default.fileExists(atPath: journal.path) {
                    process.interrupt()
                    break
                }
                usleep(500)
            }
        }
        #expect(run.exitCode == 130 && run.errors.contains("--resume"), "\(run.exitCode) \(run.errors)")
        #expect(!folder.exists("q.gguf"))
        let again = try folder.plan("quantize m.gguf --budget 40% --impacts i.csv -o q.gguf --resume")
        #expect(again.exitCode == 0, "\(again.errors)")
    }

    @Test("a recorded recipe is part of the planned size, and of what the file and its record say")
    func records() throws {
        let folder = try Self.folder()
        #expect(try folder.plan("estimate m.gguf --formats Q4_0,Q4_K,Q8_0 -o i.csv").exitCode == 0)
        let run = try folder.plan("quantize m.gguf --budget 40% --impacts i.csv --record -o q.gguf")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.output.contains(", as planned") && run.errors.isEmpty, "\(run)")
        let path = String(try #require(run.output.firstMatch(of: /Recipe  (plans\/\S+)/)?.1))
        let made = try Model.read(path: folder.url.appendingPathComponent("q.gguf").path)
        // The digests are those that anybody computes of the files.
        var digests: [String] = []
        for name in [path, "q.gguf"] {
            var digest = SHA256()
            digest.update(Array(try folder.data(name)))
            digests.append(digest.text)
        }
        #expect(made.metadataValue(for: "plan.recipe.sha256") == .string(digests[0]))
        let record = try JSONSerialization.jsonObject(with: folder.data("q.gguf.json")) as? [String: Any]
        #expect((record?["file"] as? [String: Any])?["sha256"] as? String == digests[1])
        #expect((record?["file"] as? [String: Any])?["bytes"] as? Int == (try folder.data("q.gguf").count))
        #expect((record?["recipe"] as? [String: Any])?["sha256"] as? String == digests[0])
        let check = try folder.plan("check \(path) q.gguf --model m.gguf")
        #expect(check.exitCode == 0 && check.output.contains("SHA-256 of its record"), "\(check.output)")
        var damaged = Array(try folder.data("q.gguf"))
        damaged[damaged.count - 9] ^= 1
        try folder.write(damaged, "d.gguf")
        try folder.write(Array(try folder.data("q.gguf.json")), "d.gguf.json")
        let differs = try folder.plan("check \(path) d.gguf --model m.gguf")
        #expect(differs.exitCode == 1 && differs.output.contains(digests[1]), "\(differs.output)")
        let again = try folder.plan("check \(path) --model m.gguf --impacts i.csv")
        #expect(again.exitCode == 0 && again.output.contains("optimal"), "\(again)")
        // The recipe asks for the record by itself, and what it says of another file is taken away.
        let same = try folder.plan("quantize m.gguf --recipe \(path) -o q.gguf --force")
        #expect(same.exitCode == 0 && folder.exists("q.gguf.json"), "\(same.errors)")
        let words = "--budget 35% --model m.gguf --impacts i.csv --converter plan -o other.json"
        #expect(try folder.plan(words).exitCode == 0)
        #expect(try folder.plan("check other.json q.gguf --model m.gguf").output.contains("sha256:"))
        #expect(try folder.plan("quantize m.gguf --recipe other.json -o q.gguf --force").exitCode == 0)
        #expect(!folder.exists("q.gguf.json"))
        #expect(try folder.plan("check other.json q.gguf --model m.gguf").exitCode == 0)
        // A recipe that does not count it may be recorded all the same, where the budget leaves room.
        let late = try folder.plan(
            "--max-impact 0.05 --model m.gguf --impacts i.csv --converter plan -o late.json"
        )
        #expect(late.exitCode == 0, "\(late.errors)")
        let noted = try folder.plan("quantize m.gguf --recipe late.json --record -o late.gguf")
        #expect(noted.exitCode == 0 && noted.errors.contains("it records the recipe"), "\(noted)")
        #expect(try folder.plan("check late.json late.gguf --model m.gguf").exitCode == 0)
    }

    @Test("an update that is killed at any time leaves the old file or the new one, whole", arguments: 1...4)
    func updateIsKilled(seed: Int) throws {
        let folder = try Self.folder(seed: seed, rows: 1_024)
        #expect(
            try folder.plan("estimate m.gguf --formats Q4_0,Q5_K,Q8_0 --rows 1% -o i.csv").exitCode == 0
        )
        for (name, budget) in [("old", "30%"), ("new", "45%")] {
            let words = "quantize m.gguf --budget \(budget) --impacts i.csv -o \(name).gguf"
            #expect(try folder.plan(words).exitCode == 0)
        }
        let (old, new) = (try folder.data("old.gguf"), try folder.data("new.gguf"))
        #expect(old != new)
        try old.write(to: folder.url.appendingPathComponent("q.gguf"))
        let words = ["quantize", "m.gguf", "--budget", "45%", "--impacts", "i.csv", "--update", "q.gguf"]
        var random = SeededGenerator(seed: seed)
        _ = try ProgramRun.plan(words, in: folder.url) { process in
            usleep(UInt32.random(in: 0..<400_000, using: &random))
            kill(process.processIdentifier, SIGKILL)
        }
        let left = try folder.data("q.gguf")
        #expect(left == old || left == new)
        let run = try ProgramRun.plan(words + ["--resume"], in: folder.url)
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(try folder.data("q.gguf") == new)
        #expect(!folder.exists("q.gguf.partial") && !folder.exists("q.gguf.partial.journal"))
    }

    @Test("an update casts what changed, says so, and keeps the impact that was planned")
    func update() throws {
        let folder = try Self.folder()
        #expect(try folder.plan("estimate m.gguf --formats Q4_0,Q5_K,Q8_0 -o i.csv").exitCode == 0)
        for (name, pin) in [("a", "Q4_0"), ("b", "Q8_0")] {
            let words =
                "--budget 60% --model m.gguf --impacts i.csv --converter plan --formats Q4_0,Q5_K,Q8_0"
            let run = try folder.plan(words, "--pin *attn_q*=\(pin) --pin *ffn*=Q5_K -o \(name).json")
            #expect(run.exitCode == 0, "\(run.errors)")
            let written = "quantize m.gguf --recipe \(name).json -o \(name).gguf"
            #expect(try folder.plan(written).exitCode == 0)
        }
        let run = try folder.plan("quantize m.gguf --recipe b.json --update a.gguf")
        #expect(run.exitCode == 0 && run.output.contains("taken over from the earlier file"), "\(run)")
        #expect(run.output.contains("of the file as planned"), "\(run.output)")
        #expect(try folder.data("a.gguf") == folder.data("b.gguf"))
    }

    @Test(
        "what cannot be is refused in a sentence, and nothing is written",
        arguments: [
            ("quantize m.gguf -o q.gguf", 64, "--budget"),
            ("quantize m.gguf --recipe r.json", 64, "--update"),
            ("quantize m.gguf --recipe r.json -o q.gguf --update q.gguf", 64, "--update"),
            ("quantize m.gguf --recipe r.json --update m.gguf", 64, "is read by this command"),
            ("quantize m.gguf --recipe r.json --update none.gguf", 66, "none.gguf"),
            ("quantize m.gguf --recipe r.json --update taken.gguf", 65, "taken.gguf"),
            ("quantize m.gguf --recipe r.json --budget 40% -o q.gguf", 64, "--recipe"),
            ("quantize m.gguf --recipe r.json --pin *=Q8_0 -o q.gguf", 64, "--pin"),
            ("quantize m.gguf --recipe r.json -o q.bin", 64, ".gguf"),
            ("quantize m.gguf --budget 70% -o q.safetensors", 65, "is a GGUF file"),
            ("quantize m.gguf --budget 70% --formats float8_e4m3fn -o q.gguf", 64, "does not accept"),
            ("quantize m.gguf --recipe r.json --rows 5% -o q.gguf", 64, "--rows"),
            ("quantize m.gguf --budget 70% --impacts i.csv --rows 5% -o q.gguf", 64, "--rows"),
            ("quantize m.gguf --recipe r.json -o -", 64, "standard output"),
            ("quantize m.gguf --recipe r.json -o m.gguf", 64, "is read by this command"),
            ("quantize m.gguf --recipe r.json -o m.gguf --force", 64, "is read by this command"),
            ("quantize m.gguf --recipe r.json -o taken.gguf", 64, "--force"),
            ("quantize m.gguf --recipe r.json --imatrix i.csv -o q.gguf", 65, "i.csv"),
            ("quantize m.gguf --budget 40% --converter mlx --impacts i.csv -o q.gguf", 64, "mlx"),
            ("quantize m.gguf --budget 40% -o q.gguf --dry-run", 64, "--impacts"),
            ("quantize m.gguf --budget 1% --impacts i.csv -o q.gguf", 2, "budget"),
            ("quantize none.gguf --recipe r.json -o q.gguf", 66, "none.gguf"),
            ("quantize m.gguf --recipe none.json -o q.gguf", 66, "none.json"),
            ("quantize m.gguf --recipe r.json -o none/q.gguf", 73, "none/q.gguf"),
            ("quantize flux1-dev --recipe r.json -o q.gguf", 65, "flux1-dev"),
            ("quantize other.gguf --recipe r.json -o q.gguf", 65, "recipe"),
        ]
    )
    func refuses(words: String, code: Int, phrase: String) throws {
        let folder = try Self.folder()
        #expect(try folder.plan("estimate m.gguf --formats Q4_0,Q8_0 -o i.csv").exitCode == 0)
        #expect(
            try folder.plan("--budget 40% --model m.gguf --impacts i.csv --converter plan -o r.json")
                .exitCode == 0
        )
        try Data("mine".utf8).write(to: folder.url.appendingPathComponent("taken.gguf"))
        try Data(WeightedModelFile(seed: 1, rows: 128).bytes)
            .write(to: folder.url.appendingPathComponent("other.gguf"))
        let before = try folder.data("m.gguf")
        let run = try folder.plan(words)
        #expect(Int(run.exitCode) == code, "\(words): \(run.exitCode) \(run.errors)")
        #expect(run.errors.contains(phrase), "\(run.errors)")
        #expect(run.errors.split(separator: "\n").count <= 6)
        #expect(!folder.exists("q.gguf") && !folder.exists("q.gguf.partial"))
        #expect(try folder.data("m.gguf") == before)
        #expect(try folder.data("taken.gguf") == Data("mine".utf8))
    }

    /// FLUX.1-dev with every size cut down, under its publisher's names.
    static func smallFlux(prefix: String) throws -> [UInt8] {
        var file = SafetensorsBytes()
        var random = SeededGenerator(seed: 1)
        for tensor in try Model.builtIn(named: "flux1-dev").tensors {
            let shape = tensor.shape.map { max(32, $0 / 96 / 32 * 32) }
            let bytes = (0..<shape.reduce(1, *)).flatMap { _ in
                SafetensorsBytes.bytes(
                    of: UInt16(Float.random(in: -0.1..<0.1, using: &random).bitPattern >> 16)
                )
            }
            file.add(prefix + tensor.name, "BF16", shape, bytes)
        }
        return file.bytes
    }

    @Test(
        "from FLUX.1-dev to ComfyUI in two commands: the plan, and the file that its loader reads",
        arguments: ["", "model.diffusion_model."]
    )
    func fluxToComfyUI(prefix: String) throws {
        let folder = try Self.folder()
        try Data(try Self.smallFlux(prefix: prefix)).write(
            to: folder.url.appendingPathComponent("flux1-dev.safetensors")
        )
        let planned = try folder.plan(
            "--budget 50% --model flux1-dev.safetensors --impacts flux1-dev-table3 --converter plan -o r.json"
        )
        #expect(planned.exitCode == 0, "\(planned.errors)")
        let run = try folder.plan("quantize flux1-dev.safetensors --recipe r.json -o flux1-dev.gguf")
        #expect(run.exitCode == 0 && run.errors.isEmpty, "\(run.errors)")
        #expect(run.output.contains(", as planned"))
        #expect(try folder.plan("check r.json flux1-dev.gguf --model flux1-dev.safetensors").exitCode == 0)
        // What ComfyUI-GGUF's loader looks at: the architecture, every key of the model, and its shape.
        let made = try Model.read(path: folder.url.appendingPathComponent("flux1-dev.gguf").path)
        let published = try Model.builtIn(named: "flux1-dev").tensors
        #expect(made.metadataValue(for: "general.architecture") == .string("flux"))
        #expect(Set(made.tensors.map(\.name)) == Set(published.map(\.name)))
        let fast = ["BF16", "F16", "F32", "Q8_0", "Q5_1", "Q5_0", "Q4_1", "Q4_0"]
        for tensor in made.tensors {
            #expect(fast.contains(tensor.elementType?.name ?? ""), "\(tensor.name)")
            #expect(tensor.dimensionCount > 1 || tensor.elementType == .f32, "\(tensor.name)")
        }
        #expect(made.tensors.contains { $0.elementType?.name == "Q4_1" })
        // One command does the same.
        let words = "quantize flux1-dev.safetensors --budget 50% --impacts flux1-dev-table3 -o one.gguf"
        #expect(try folder.plan(words).exitCode == 0)
        #expect(try folder.data("one.gguf") == folder.data("flux1-dev.gguf"))
    }

    @Test("a disk that is too small is found before the first byte")
    func fullDisk() throws {
        let folder = try Self.folder(rows: 1_024)
        #expect(
            try folder.plan("estimate m.gguf --formats Q4_0,Q8_0 --rows 1% -o i.csv").exitCode == 0
        )
        let script = """
            mkdir disk && mount -t tmpfs -o size=1m none disk || exit 99
            plan quantize m.gguf --budget 40% --impacts i.csv -o disk/q.gguf
            code=$?
            ls disk
            exit $code
            """
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let run = try ProgramRun.run(
            URL(fileURLWithPath: "/usr/bin/env"),
            ["unshare", "--map-root-user", "--mount", "/bin/sh", "-c", script],
            in: folder.url,
            ["PATH": ProgramRun.productsFolder.path + ":" + path]
        )
        // Where nobody may mount a small disk there is none to fill.
        guard run.exitCode == 73 || run.errors.contains("free on its disk") else {
            #expect([1, 99, 125, 126, 127].contains(run.exitCode), "\(run.exitCode) \(run.errors)")
            return
        }
        #expect(run.exitCode == 73 && run.errors.contains("free on its disk"), "\(run.errors)")
        #expect(!run.output.contains("\nq.gguf\n"))
    }
}
