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
