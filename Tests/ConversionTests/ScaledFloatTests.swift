import Checkpoints
import Converters
import Foundation
import Quantization
import Recipes
import Tensors
import TestSupport
import Testing

@testable import Conversion

/// Safetensors files for ComfyUI: 8-bit floats with a scale, and which modules have them.
@Suite struct ScaledFloatTests {
    /// What ComfyUI makes of a module's weight: the 8-bit floats, each times the one scale.
    private func loaded(_ model: Model, _ module: String) throws -> (values: [Float], scale: Float) {
        func bytes(_ name: String) throws -> (Int, [UInt8]) {
            let index = try #require(model.tensors.firstIndex { $0.name == name })
            return (
                index, try WeightData(of: model).bytes(0..<model.locations[index].byteCount, ofTensor: index)
            )
        }
        let (_, scaleBytes) = try bytes(module + ".weight_scale")
        let scale = Float(bitPattern: scaleBytes.reversed().reduce(0) { $0 << 8 | UInt32($1) })
        let (index, weightBytes) = try bytes(module + ".weight")
        let type = try #require(model.tensors[index].elementType)
        var values = [Float](repeating: 0, count: weightBytes.count)
        var span = values.mutableSpan
        SourceElements.decode(weightBytes.span.bytes, as: type, into: &span)
        return (values.map { $0 * scale }, scale)
    }

    @Test(
        "a weight is its 8-bit floats times one scale, near enough, and the metadata name its module",
        arguments: ["float8_e4m3fn_scaled", "float8_e5m2_scaled", "float8_e4m3fn"],
        ["", "model.diffusion_model."]
    )
    func scaled(format: String, prefix: String) throws {
        let folder = try ScratchFolder()
        let weights = drawnWeights(64 * 48, seed: 1).map { $0 * 1e-3 }
        var file = SafetensorsBytes()
        file.add(prefix + "a.bias", [64], drawnWeights(64, seed: 2))
        file.add(prefix + "a.weight", [64, 48], weights)
        file.add(prefix + "b.weight", "BF16", [3, 5], [UInt8](repeating: 0x3F, count: 30))
        let model = try Model.read(path: try folder.write(file.bytes, "m.safetensors"))
        let recipe = try ScratchFolder.recipe(model, converter: "comfyui") {
            $0.hasSuffix("a.weight") ? format : "BF16"
        }
        let draft = try ModelDraft.safetensors(recipe, model: model)
        try #require(
            try ModelWriter(draft, of: model)
                .write(to: folder.path("q.safetensors"), resuming: false) != nil
        )
        let made = try Model.read(path: folder.path("q.safetensors"))
        #expect(try folder.bytes("q.safetensors").count == draft.byteCount)
        let (values, scale) = try loaded(made, prefix + "a")
        let largest = try #require(weights.map(abs).max())
        let spelling = format.replacing("_scaled", with: "")
        #expect(scale == largest / (spelling == "float8_e4m3fn" ? 448 : 57_344))
        // Half of the last bit of the mantissa, and near zero of the smallest number.
        let share: Float = spelling == "float8_e4m3fn" ? 1 / 16 : 1 / 8
        for (value, weight) in zip(values, weights) {
            #expect(abs(value - weight) <= max(abs(weight) * share, scale * 0x1p-10) * 1.001)
        }
        guard case .string(let text)? = made.metadataValue(for: "_quantization_metadata") else {
            Issue.record("there is no list of modules")
            return
        }
        #expect(
            text
                == #"{"format_version": "1.0", "layers": {"\#(prefix)a": {"format": "\#(spelling)"}}}"#
        )
        // The rest is as it was.
        for name in ["a.bias", "b.weight"] {
            let index = try #require(made.tensors.firstIndex { $0.name == prefix + name })
            let source = try #require(model.tensors.firstIndex { $0.name == prefix + name })
            #expect(made.tensors[index] == model.tensors[source])
            let count = model.locations[source].byteCount
            #expect(
                try WeightData(of: made).bytes(0..<count, ofTensor: index)
                    == WeightData(of: model).bytes(0..<count, ofTensor: source)
            )
        }
        #expect(RecipeCheck(recipe, file: made, model: model).differences.isEmpty)
    }

    @Test("formats that no such file has are refused, and so are modules that ComfyUI does not scale")
    func refuses() throws {
        let folder = try ScratchFolder()
        var file = SafetensorsBytes()
        file.add("a.weight", [64, 64], drawnWeights(64 * 64, seed: 1))
        file.add("c.table", [64, 64], drawnWeights(64 * 64, seed: 2))
        let model = try Model.read(path: try folder.write(file.bytes, "m.safetensors"))
        let blocks = try ScratchFolder.recipe(model, converter: nil) { _ in "Q8_0" }
        #expect(
            sentence { try ModelDraft.safetensors(blocks, model: model) }?
                .hasPrefix("comfyui cannot make Q8_0, which a.weight takes; plan again ") == true
        )
        let other = try ScratchFolder.recipe(model, converter: nil) { _ in "float8_e4m3fn" }
        #expect(
            throws: ConversionError.recipe(.neverQuantized(tensors: ["c.table"], converter: "comfyui"))
        ) {
            try ModelDraft.safetensors(other, model: model)
        }
    }
}
