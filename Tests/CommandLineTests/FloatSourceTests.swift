import Checkpoints
import Foundation
import Recipes
import Tensors
import TestSupport
import Testing

@Suite("Models whose weights are 8-bit floats")
struct FloatSourceTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func plan(_ arguments: [String]) throws -> ProgramRun {
        try ProgramRun.plan(arguments, in: folder.url)
    }

    private func write(_ bytes: [UInt8], _ name: String) throws {
        try folder.write(bytes, name)
    }

    /// Writes a model of FLUX's names with eight matrices in 8-bit floats, and a table of it.
    ///
    /// - Returns: The bytes of the model's file.
    private func writeModel(hasScales: Bool) throws -> Int {
        var file = SafetensorsBytes()
        var table = "layer,Q4_0,Q8_0\n"
        for block in 0..<8 {
            let name = "double_blocks.\(block).img_attn.proj.weight"
            let bytes = (0..<64 * 256).map { UInt8(($0 * 37 + block) % 120) }
            file.add(name, "F8_E4M3", [64, 256], bytes)
            if hasScales { file.add(name + "_scale", [1], [0.02]) }
            table += "\(name),0.3,0.05\n"
        }
        try write(file.bytes, "m.safetensors")
        try write(Array(table.utf8), "t.csv")
        return file.bytes.count
    }

    private func solve(_ budget: String, _ more: String...) throws -> ProgramRun {
        try plan(
            [
                "--budget", budget, "--model", "m.safetensors", "--impacts", "t.csv", "--grouping",
                "per-tensor",
                "-o", "r.json", "--force",
            ] + more
        )
    }

    private func recipe() throws -> Recipe {
        try RecipeReader.read(path: folder.path("r.json"))
    }

    @Test("a share of the source is one of the file, with scales and without", arguments: [true, false])
    func share(hasScales: Bool) throws {
        let byteCount = try writeModel(hasScales: hasScales)
        let run = try solve("60%")
        #expect(run.exitCode == 0, "\(run.errors)")
        guard case .bytes(let budget) = try recipe().limit else { return #expect(Bool(false)) }
        #expect(abs(Double(budget) / Double(byteCount) - 0.6) < 0.01)
        #expect(try recipe().layers.contains { $0.format == "Q4_0" })
    }

    @Test("a program that leaves scales out is given no command", arguments: [true, false])
    func othersScales(hasScales: Bool) throws {
        _ = try writeModel(hasScales: hasScales)
        #expect(try solve("60%", "--converter", "stable-diffusion.cpp").exitCode == 0)
        let export = try plan([
            "export", "r.json", "--converter", "stable-diffusion.cpp", "--model", "m.safetensors", "-o",
            "x.txt",
        ])
        #expect(export.exitCode == 0)
        #expect(export.errors.contains("sd-cli -M convert") == !hasScales, "\(export.errors)")
        #expect(export.errors.contains("is not known to multiply out") == hasScales, "\(export.errors)")
    }

    @Test("layers that grow are said, and do not where that is asked for", arguments: [true, false])
    func growth(hasScales: Bool) throws {
        _ = try writeModel(hasScales: hasScales)
        let grown = try solve("120%")
        #expect(grown.exitCode == 0, "\(grown.errors)")
        let note = "8 layers are planned larger than their source, which is float8_e4m3fn: "
        #expect(grown.errors.contains(note), "\(grown.errors)")
        #expect(grown.errors.contains("--allow-requantize"))
        #expect(
            grown.errors.contains(" in Q8_0") && grown.errors.contains(hasScales ? " in BF16" : " in F16"),
            "\(grown.errors)"
        )
        let held = try solve("120%", "--allow-requantize")
        #expect(held.exitCode == 0 && !held.errors.contains("larger than"), "\(held.errors)")
        #expect(try Set(recipe().layers.map(\.format)) == ["Q4_0"])
        let small = try solve("60%")
        #expect(small.exitCode == 0 && !small.errors.contains("larger than"), "\(small.errors)")
    }

    @Test("Q8_0 is measured, as a GGUF file has no smaller format that loses as little")
    func measured() throws {
        _ = try writeModel(hasScales: false)
        let run = try plan(["estimate", "m.safetensors", "--grouping", "per-tensor", "-o", "e.csv"])
        #expect(run.exitCode == 0, "\(run.errors)")
        let table = try folder.text("e.csv")
        let header = try #require(table.split(separator: "\n").first { $0.hasPrefix("layer,") })
        #expect(header.contains(",Q8_0") && !header.contains("F16"))
    }

    @Test(
        "8-bit floats are not cast to 8-bit floats again for ComfyUI, with scales and without",
        arguments: [true, false]
    )
    func notCastAgain(hasScales: Bool) throws {
        _ = try writeModel(hasScales: hasScales)
        let run = try plan(["quantize", "m.safetensors", "--budget", "100%", "-o", "q.safetensors"])
        #expect(run.exitCode == 65, "\(run)")
        #expect(
            run.errors.contains(
                "the converter comfyui makes no format that is smaller than float8_e4m3fn, which m is in; take the model in 16 bits"
            ),
            "\(run.errors)"
        )
        #expect(!folder.exists("q.safetensors"))
        let estimate = try plan(["estimate", "m.safetensors", "--runtime", "comfyui", "-o", "e.csv"])
        #expect(estimate.exitCode == 65 && estimate.errors.contains("decodes no format fast"), "\(estimate)")
    }

    /// The bytes of a tensor as a file has them.
    private func bytes(_ file: String, _ name: String) throws -> [UInt8] {
        let model = try Model.read(path: folder.path(file))
        let index = try #require(model.tensors.firstIndex { $0.name == name })
        return try WeightData(of: model).bytes(0..<model.locations[index].byteCount, ofTensor: index)
    }

    @Test(
        "planned by a table, 8-bit floats are copied at no impact, with scales and without",
        arguments: [true, false],
        ["float8_e4m3fn", "float8_e4m3fn_scaled", "float8_e5m2_scaled"]
    )
    func copied(hasScales: Bool, column: String) throws {
        _ = try writeModel(hasScales: hasScales)
        let names = (0..<8).map { "double_blocks.\($0).img_attn.proj.weight" }
        try write(
            Array(("layer,\(column)\n" + names.map { "\($0),0.3\n" }.joined()).utf8),
            "f.csv"
        )
        let options = ["--impacts", "f.csv", "--grouping", "per-tensor"]
        let run = try plan(
            ["quantize", "m.safetensors", "--budget", "150%", "-o", "q.safetensors"] + options
        )
        #expect(run.exitCode == 0, "\(run.errors)")
        let scales =
            "8 layers of the model are in float8_e4m3fn already and are copied as they stand, at impact 0"
        #expect(run.errors.split(separator: "\n").count { $0.contains(scales) } == 1, "\(run.errors)")
        #expect(run.output.contains("0 cast and 8 as they are"), "\(run.output)")
        for name in names { #expect(try bytes("q.safetensors", name) == bytes("m.safetensors", name)) }
        let scale = Float(hasScales ? 0.02 : 1)
        #expect(
            try bytes("q.safetensors", names[0] + "_scale") == SafetensorsBytes.bytes(of: scale.bitPattern)
        )
        let path = "plans/m-150percent.json"
        let recipe = try RecipeReader.read(path: folder.path(path))
        #expect(recipe.layers.allSatisfy { $0.impact == 0 && $0.format.hasPrefix("float8_e4m3fn") })
        let check = try plan(["check", path, "--model", "m.safetensors", "--impacts", "f.csv"])
        #expect(check.exitCode == 0, "\(check)")
        #expect(try plan(["check", path, "q.safetensors", "--model", "m.safetensors"]).exitCode == 0)
        let again = try plan(["quantize", "m.safetensors", "--recipe", path, "-o", "r.safetensors"])
        #expect(again.exitCode == 0 && again.errors.contains(scales), "\(again.errors)")
        #expect(try folder.bytes("r.safetensors") == folder.bytes("q.safetensors"))
    }

    @Test("of a model in 8-bit floats the layers of 16 bits are cast, and the others stay as they are")
    func mixed() throws {
        var file = SafetensorsBytes()
        for block in 0..<8 {
            let name = "double_blocks.\(block).img_attn.proj.weight"
            if block < 6 {
                file.add(name, "F8_E4M3", [64, 256], (0..<64 * 256).map { UInt8(($0 * 37 + block) % 120) })
                file.add(name + "_scale", [1], [0.02])
            } else {
                let weights = (0..<64 * 256).map { Float(($0 * 7919 + block) % 2003) / 2003 - 0.5 }
                file.add(
                    name,
                    "BF16",
                    [64, 256],
                    weights.flatMap { SafetensorsBytes.bytes(of: UInt16($0.bitPattern >> 16)) }
                )
            }
        }
        try write(file.bytes, "m.safetensors")
        let run = try plan([
            "quantize", "m.safetensors", "--budget", "90%", "-o", "q.safetensors", "--grouping", "per-tensor",
        ])
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.errors.contains("6 layers of the model are in float8_e4m3fn already"), "\(run.errors)")
        #expect(run.output.contains("2 cast and 6 as they are"), "\(run.output)")
        #expect(run.output.contains("of the file as planned"), "\(run.output)")
        let recipe = try RecipeReader.read(path: folder.path("plans/m-90percent.json"))
        #expect(recipe.layers.map { $0.impact == 0 } == (0..<8).map { $0 < 6 })
        for block in 0..<6 {
            let name = "double_blocks.\(block).img_attn.proj.weight"
            #expect(try bytes("q.safetensors", name) == bytes("m.safetensors", name))
        }
        let estimate = try plan(["estimate", "m.safetensors", "--runtime", "comfyui", "-o", "e.csv"])
        #expect(estimate.exitCode == 0, "\(estimate.errors)")
        #expect(try folder.text("e.csv").contains("layer,float8_"))
    }

    @Test("an importance is refused for files whose encoders look at none", arguments: ["ones", "gradients"])
    func importance(word: String) throws {
        _ = try writeModel(hasScales: true)
        try HubFolder(seed: 1).write(to: folder.url.appendingPathComponent("hub"))
        for (model, output, kind) in [
            ("m.safetensors", "q.safetensors", "a safetensors file"), ("hub", "q/", "a folder for MLX"),
        ] {
            // Gradients are named too, so that nothing else is wrong; they are not read.
            let run = try plan([
                "quantize", model, "--budget", "90%", "--importance", word, "--gradients", "none.gguf", "-o",
                output,
            ])
            #expect(run.exitCode == 64 && !folder.exists("q"), "\(run)")
            #expect(
                run.errors.contains(
                    "--importance \(word) is for the encoders of GGUF files, and those of \(kind)"
                ),
                "\(run.errors)"
            )
        }
        let none = try plan([
            "quantize", "m.safetensors", "--budget", "150%", "--impacts", "t.csv", "--importance", "none",
            "-o",
            "q.gguf", "--grouping", "per-tensor",
        ])
        #expect(none.exitCode == 0, "\(none.errors)")
        let estimate = try plan([
            "estimate", "m.safetensors", "--formats", "float8_e5m2_scaled", "--importance", "ones", "-o",
            "e.csv",
        ])
        #expect(estimate.errors.contains("--importance ones changes no cell"), "\(estimate.errors)")
    }

    @Test("inspect names weights with scales, and counts sizes without the scales")
    func inspected() throws {
        _ = try writeModel(hasScales: true)
        let run = try plan(["inspect", "m.safetensors"])
        #expect(run.output.contains("float8_e4m3fn with scales"), "\(run.output)")
        let json = try plan(["inspect", "m.safetensors", "--format", "json"])
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        )
        let sizes = try #require(object["uniformBytes"] as? [String: Int])
        #expect(sizes["BF16"] == 8 * 64 * 256 * 2)
        #expect(try plan(["inspect", "m.safetensors", "--layers"]).output.contains("8 layers"))
        _ = try writeModel(hasScales: false)
        #expect(try !plan(["inspect", "m.safetensors"]).output.contains("with scales"))
    }

    @Test(
        "inspect says of a model that is packed what planning it says, and shows no sizes that nobody can make"
    )
    func packed() throws {
        var packed = SafetensorsBytes()
        packed.add("a.qweight", "I32", [32, 256], [UInt8](repeating: 1, count: 32 * 256 * 4))
        packed.add("a.scales", "F16", [2, 256], [UInt8](repeating: 1, count: 1_024))
        try write(packed.bytes, "p.safetensors")
        let run = try plan(["inspect", "p.safetensors"])
        let words = run.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(run.exitCode == 0)
        #expect(
            words.contains("the model is quantized already: tensor \"a.qweight\" is packed by GPTQ (I32)")
        )
        #expect(!run.output.contains("One format for all"))
        let estimate = try plan(["estimate", "p.safetensors"])
        #expect(estimate.errors.contains("tensor \"a.qweight\" is packed by GPTQ (I32)"))
        let layers = try plan(["inspect", "p.safetensors", "--layers"])
        #expect(layers.exitCode == 65 && layers.errors.contains("packed by GPTQ"), "\(layers.errors)")
    }
}
