import Checkpoints
import Converters
import Estimation
import Foundation
import Runtimes
import Tensors
import TestSupport
import Testing

/// What is measured of a model where nothing is named.
@Suite struct UsualFormatsTests {
    private let folder: ScratchFolder
    private let model: Model

    init() throws {
        folder = try ScratchFolder()
        model = try Model.read(path: folder.write(WeightedModelFile(seed: 1).bytes, "m.gguf"))
    }

    private func names(_ model: Model, _ runtime: TargetRuntime? = nil, hasImportance: Bool = false)
        -> [String]
    {
        EstimateSettings.usualFormats(for: model, runtime: runtime, hasImportance: hasImportance).map(\.name)
    }

    @Test("of a GGUF file those of ggml that are smaller, and more with an importance")
    func language() throws {
        let plain = names(model)
        #expect(
            plain.contains("Q8_0") && plain.contains("Q4_K") && !plain.contains("F32")
                && !plain.contains("BF16")
        )
        #expect(
            !plain.contains("IQ2_XXS") && !plain.contains("MLX_A4_G64") && !plain.contains("float8_e4m3fn")
        )
        let weighted = names(model, hasImportance: true)
        #expect(weighted.contains("IQ2_XXS") && Set(plain).isSubset(of: weighted))
    }

    @Test("of a folder from Hugging Face those of MLX alone")
    func folders() throws {
        try HubFolder(seed: 1).write(to: folder.url.appendingPathComponent("hub"))
        let formats = EstimateSettings.usualFormats(
            for: try Model.read(path: folder.path("hub")),
            runtime: nil,
            hasImportance: false
        )
        #expect(!formats.isEmpty && formats.allSatisfy(QuantizationFormat.mlx.contains))
    }

    @Test("a runtime has only what it decodes, whatever the model", arguments: TargetRuntime.allCases)
    func runtimes(runtime: TargetRuntime) {
        let formats = EstimateSettings.usualFormats(for: model, runtime: runtime, hasImportance: false)
        #expect(!formats.isEmpty && formats.allSatisfy(runtime.decodes))
    }

    @Test(
        "of a converter's formats those that are smaller, each made thing once",
        arguments: Converters.all.map(\.name)
    )
    func converters(name: String) throws {
        let converter = try Converters.named(name)
        let formats = EstimateSettings.usualFormats(
            for: model,
            madeBy: converter,
            runtime: nil,
            hasImportance: true
        )
        #expect(!formats.isEmpty)
        for format in formats {
            #expect(converter.accepts(format) && format.bitsPerWeight < 16, "\(format)")
            #expect(!formats.contains { $0 != format && $0.elementFormat == format }, "\(format)")
        }
    }

    @Test(
        "of 8-bit floats with some layers of 16 bits those are cast that a plan decides about, with scales and without",
        arguments: [true, false]
    )
    func mixed(hasScales: Bool) throws {
        var file = SafetensorsBytes()
        for block in 0..<4 {
            let name = "double_blocks.\(block).img_attn.proj.weight"
            file.add(name, "F8_E4M3", [64, 64], [UInt8](repeating: 8, count: 64 * 64))
            if hasScales { file.add(name + "_scale", [1], [0.5]) }
        }
        let all = try Model.read(path: folder.write(file.bytes, "f8.safetensors")).multipliedOut
        file.add(
            "double_blocks.4.img_attn.proj.weight",
            "BF16",
            [64, 64],
            [UInt8](repeating: 8, count: 8_192)
        )
        let mixed = try Model.read(path: folder.write(file.bytes, "mixed.safetensors")).multipliedOut
        let converter = try Converters.named("comfyui")
        func made(_ model: Model, _ layers: LayeredModel? = nil) -> [QuantizationFormat] {
            EstimateSettings.usualFormats(
                for: model,
                layers: layers,
                madeBy: converter,
                runtime: .comfyUI,
                hasImportance: false
            )
        }
        #expect(made(all).isEmpty && names(all, .comfyUI).isEmpty)
        #expect(made(mixed).contains(.float8_e4m3fn_scaled))
        #expect(names(mixed, .comfyUI).contains("float8_e4m3fn_scaled"))
        // What no plan decides about is no reason to measure the rest.
        let floats = try LayeredModel.estimated(of: mixed, grouping: .perTensor).keeping(
            where: { $0.name.contains(".4.") },
            keptFormat: { $0.elementType },
            sourceFormat: .bf16
        )
        #expect(made(mixed, floats).isEmpty)
    }

    @Test("layers are tensors in a language model, and blocks of a diffusion model")
    func layers() throws {
        let tensors = try LayeredModel.estimated(of: model, grouping: nil)
        #expect(tensors.layers.contains { $0.name == "blk.0.attn_q.weight" })
        let flux = try Model.builtIn(named: "flux1-dev")
        let recognized = try LayeredModel.estimated(of: flux, grouping: nil)
        let named = try LayeredModel.estimated(of: flux, grouping: .perTensor)
        #expect(!recognized.layers.isEmpty && recognized.layers.count < named.layers.count)
    }
}
