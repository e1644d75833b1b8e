import Tensors
import Testing

@testable import Checkpoints
@testable import Converters

struct FinishedFormatsTests {
    private func tensor(_ name: String, _ shape: [Int], _ type: String) throws -> TensorInfo {
        try TensorInfo(name: name, shape: shape, elementType: QuantizationFormat(named: type))
    }

    private func model(_ tensors: [TensorInfo]) throws -> Model {
        try Model(name: "m", tensors: tensors)
    }

    @Test("Plain tensors have their own types, whatever prefix their names have")
    func plain() throws {
        let model = try model([tensor("model.diffusion_model.a.weight", [4, 64], "BF16")])
        let file = try self.model([
            tensor("a.weight", [4, 64], "float8_e4m3fn"), tensor("a.scale_weight", [1], "F32"),
        ])
        let found = FinishedFormats(of: model, in: file)
        #expect(found.formats == ["model.diffusion_model.a.weight": .float8_e4m3fn])
        #expect(found.missing.isEmpty && found.misfits.isEmpty && found.extra.isEmpty)
    }

    @Test("What MLX packs has the format of its scales", arguments: QuantizationFormat.mlx)
    func packed(format: QuantizationFormat) throws {
        let setting = MLXQuantization.Setting(format)
        let words = 512 * setting.bits / 32
        let scales = setting.mode == "affine" ? "BF16" : "U8"
        let model = try model([tensor("l.q_proj.weight", [8, 512], "BF16")])
        let file = try self.model([
            tensor("l.q_proj.weight", [8, words], "U32"),
            tensor("l.q_proj.scales", [8, 512 / setting.groupSize], scales),
            tensor("l.q_proj.biases", [8, 512 / setting.groupSize], "BF16"),
        ])
        let found = FinishedFormats(of: model, in: file).formats["l.q_proj.weight"]
        #expect(found?.blockElements == format.blockElements)
        #expect(found?.blockBytes == format.blockBytes)
    }

    @Test("Experts are found in the stack that MLX makes of them")
    func stacked() throws {
        let model = try model(
            (0..<3).map { try tensor("l.mlp.experts.\($0).up_proj.weight", [8, 128], "BF16") }
        )
        let file = try self.model([
            tensor("l.mlp.switch_mlp.up_proj.weight", [3, 8, 16], "U32"),
            tensor("l.mlp.switch_mlp.up_proj.scales", [3, 8, 2], "BF16"),
            tensor("l.mlp.switch_mlp.up_proj.biases", [3, 8, 2], "BF16"),
        ])
        let found = FinishedFormats(of: model, in: file)
        #expect(Set(found.formats.values.map(\.name)) == ["MLX_A4_G64"])
        #expect(found.formats.count == 3 && found.extra.isEmpty)
    }

    @Test("What is missing, of another shape, or more than the model has is said")
    func misfits() throws {
        let model = try model([
            tensor("a.weight", [4, 64], "BF16"), tensor("b.weight", [4, 64], "BF16"),
            tensor("c.weight", [4, 64], "BF16"),
        ])
        let file = try self.model([
            tensor("b.weight", [8, 64], "BF16"), tensor("c.weight", [4, 8], "U32"),
            tensor("d.weight", [4, 64], "BF16"),
        ])
        let found = FinishedFormats(of: model, in: file)
        #expect(found.missing == ["a.weight"])
        #expect(found.misfits.map(\.found) == ["BF16 [8, 64]", "U32 [4, 8]"])
        #expect(found.extra == ["d.weight"])
        #expect(found.formats.isEmpty)
    }
}
