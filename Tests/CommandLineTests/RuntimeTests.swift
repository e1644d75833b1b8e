import Foundation
import Recipes
import TestSupport
import Testing

/// `--runtime`: plans with the formats that a program decodes fast, for a file that it loads.
@Suite struct RuntimeTests {
    /// A folder with a model and a table of it.
    private static func folder() throws -> ScratchFolder {
        let folder = try ScratchFolder()
        try folder.write(WeightedModelFile(seed: 1).bytes, "m.gguf")
        let run = try folder.plan("estimate m.gguf --formats TQ2_0,Q4_0,Q4_K,Q8_0 -o i.csv")
        #expect(run.exitCode == 0, "\(run.errors)")
        return folder
    }

    private static func formats(_ name: String, in folder: ScratchFolder) throws -> Set<String> {
        Set(try RecipeReader.read(path: folder.path(name)).layers.map(\.format))
    }

    @Test("formats that a program decodes slowly are not planned, and the check solves again without them")
    func restricts() throws {
        let folder = try Self.folder()
        let words = "--budget 22% --model m.gguf --impacts i.csv"
        #expect(try folder.plan(words + " -o free.json").exitCode == 0)
        #expect(try Self.formats("free.json", in: folder).contains("TQ2_0"))
        #expect(try folder.plan(words + " --runtime llama.cpp -o llama.json").exitCode == 0)
        #expect(try Self.formats("llama.json", in: folder).contains("TQ2_0"))
        #expect(try folder.plan(words + " --runtime comfyui-gguf -o comfy.json").exitCode == 2)
        let run = try folder.plan(words.replacing("22", with: "40") + " --runtime comfyui-gguf -o comfy.json")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(try !Self.formats("comfy.json", in: folder).contains("TQ2_0"))
        let check = try folder.plan("check comfy.json --model m.gguf --impacts i.csv")
        #expect(check.exitCode == 0 && check.output.contains("solved again: optimal"), "\(check)")
    }

    @Test("llama.cpp is not planned for with a model of pictures, and text encoders are for ComfyUI")
    func runs() throws {
        let folder = try ScratchFolder()
        try folder.write(try QuantizeTests.smallFlux(prefix: ""), "f.safetensors")
        for model in ["flux1-dev", "f.safetensors"] {
            let run = try folder.plan(
                "--budget 70% --model \(model) --impacts flux1-dev-table3 --runtime llama.cpp -o r.json"
            )
            #expect(run.exitCode == 64 && run.errors.contains("llama.cpp does not run"), "\(run)")
        }
        let estimate = try folder.plan("estimate f.safetensors --runtime llama.cpp")
        #expect(estimate.exitCode == 64 && estimate.errors.contains("llama.cpp does not run"), "\(estimate)")
        try folder.write(WeightedModelFile(seed: 1).bytes, "m.gguf")
        #expect(try folder.plan("estimate m.gguf --formats Q4_0,Q8_0 -o i.csv").exitCode == 0)
        let encoder = try folder.plan(
            "--budget 60% --model m.gguf --impacts i.csv --runtime comfyui-gguf -o e.json"
        )
        #expect(encoder.exitCode == 0, "\(encoder.errors)")
    }

    @Test("--runtime comfyui plans the 8-bit floats that its converter writes")
    func comfyUI() throws {
        let folder = try ScratchFolder()
        try folder.write(WeightedModelFile(seed: 1).bytes, "m.gguf")
        let formats = "float8_e4m3fn,float8_e4m3fn_scaled,Q4_0"
        #expect(try folder.plan("estimate m.gguf --formats \(formats) -o i.csv").exitCode == 0)
        let run = try folder.plan(
            "--budget 70% --model m.gguf --impacts i.csv --runtime comfyui --converter comfyui -o r.json"
        )
        #expect(run.exitCode == 0, "\(run.errors)")
        let used = try Self.formats("r.json", in: folder)
        #expect(used.contains("float8_e4m3fn_scaled") && !used.contains("Q4_0"), "\(used)")
        #expect(!run.errors.contains("without a scale"))
        #expect(try folder.plan("estimate m.gguf --formats float8_e4m3fn,Q4_0 -o plain.csv").exitCode == 0)
        let plain = try folder.plan(
            "--budget 70% --model m.gguf --impacts plain.csv --converter comfyui -o p.json"
        )
        #expect(plain.exitCode == 0 && plain.errors.contains("a cast without a scale"), "\(plain.errors)")
    }

    @Test("a diffusion model for ComfyUI is planned for the file that is written, to the byte")
    func comfyUIFile() throws {
        let folder = try ScratchFolder()
        try folder.write(try QuantizeTests.smallFlux(prefix: ""), "f.safetensors")
        let planned = try folder.plan(
            "--budget 70% --model f.safetensors --impacts flux1-dev-table3 --runtime comfyui -o r.json"
        )
        #expect(planned.exitCode == 0, "\(planned.errors)")
        #expect(planned.output.contains("\nNext    plan quantize f.safetensors"), "\(planned.output)")
        let recipe = try RecipeReader.read(path: folder.path("r.json"))
        #expect(
            recipe.converter == "comfyui" && recipe.layers.contains { $0.format.hasPrefix("float8_e4m3fn") }
        )
        let run = try folder.plan("quantize f.safetensors --recipe r.json -o q.safetensors")
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(try folder.data("q.safetensors").count == recipe.size.bytes)
    }

    @Test(
        "what a program does not load is refused, wherever it is asked for",
        arguments: [
            ("--budget 40% --model m.gguf --impacts i.csv --runtime ollama", 64, "no runtime named"),
            (
                "--budget 40% --model m.gguf --impacts i.csv --runtime comfyui-gguf --formats TQ2_0", 64,
                "TQ2_0"
            ),
            ("--budget 40% --model m.gguf --impacts i.csv --runtime comfyui-gguf --pin *=TQ2_0", 64, "TQ2_0"),
            ("--budget 40% --model m.gguf --impacts i.csv --runtime llama.cpp --converter mlx", 64, "mlx"),
            ("--budget 40% --model m.gguf --impacts i.csv --runtime comfyui", 65, "no column"),
            ("--card 24GiB --runtime mlx", 65, "no column"),
            ("frontier --model m.gguf --impacts i.csv --runtime comfyui", 65, "no column"),
            ("inspect m.gguf --runtime llama.cpp", 64, "--card"),
            ("quantize m.gguf --budget 40% --impacts i.csv --runtime comfyui -o q.gguf", 64, "loads no"),
            ("quantize m.gguf --budget 40% --impacts i.csv --runtime mlx -o q.gguf", 64, "mlx"),
        ]
    )
    func refuses(words: String, code: Int, phrase: String) throws {
        let folder = try Self.folder()
        let run = try folder.plan(words)
        #expect(Int(run.exitCode) == code && run.errors.contains(phrase), "\(run.exitCode) \(run.errors)")
    }
}
