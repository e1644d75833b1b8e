import Checkpoints
import Foundation
import Recipes
import Tensors
import TestSupport
import Testing

@testable import Conversion

/// Single numbers and tensors without elements, which are written in safetensors as the model has them.
@Suite struct StoredShapeTests {
    /// A matrix, and beside it a single number, a number in a list, and tensors without elements.
    private func bytes(_ name: String, length: Int) -> [UInt8] {
        var file = SafetensorsBytes()
        file.add("a.none", "BF16", [0, 64], [])
        file.add(name, [64, length], drawnWeights(64 * length, seed: 1))
        file.add("a.scale", "F32", [], SafetensorsBytes.bytes(of: Float(3).bitPattern))
        file.add("b.none", "I64", [7, 0], [])
        file.add("b.scale", "F32", [1], SafetensorsBytes.bytes(of: Float(4).bitPattern))
        return file.bytes
    }

    /// What the header of a file says of its tensors.
    private func entries(_ bytes: [UInt8]) throws -> [String: String] {
        let length = bytes.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
        let header = try #require(
            try JSONSerialization.jsonObject(with: Data(bytes.dropFirst(8).prefix(length))) as? [String: Any]
        )
        return header.compactMapValues { value in
            guard let entry = value as? [String: Any], let shape = entry["shape"] as? [Int],
                let type = entry["dtype"] as? String
            else { return nil }
            return "\(type) \(shape)"
        }
    }

    private let kept = [
        "a.none": "BF16 [0, 64]", "a.scale": "F32 []", "b.none": "I64 [7, 0]", "b.scale": "F32 [1]",
    ]

    @Test("in a file for ComfyUI")
    func safetensors() throws {
        let folder = try ScratchFolder()
        let model = try Model.read(path: try folder.write(bytes("w.weight", length: 48), "m.safetensors"))
        let recipe = try ScratchFolder.recipe(model, converter: "comfyui") { _ in "float8_e4m3fn" }
        let draft = try ModelDraft.safetensors(recipe, model: model)
        _ = try #require(
            try ModelWriter(draft, of: model).write(to: folder.path("q.safetensors"), resuming: false)
        )
        let written = try folder.bytes("q.safetensors")
        #expect(written.count == draft.byteCount)
        let found = try entries(written)
        #expect(found == kept.merging(["w.weight": "F8_E4M3 [64, 48]", "w.weight_scale": "F32 []"]) { $1 })
        let made = try Model.read(path: folder.path("q.safetensors"))
        #expect(Set(made.emptyTensors) == ["a.none", "b.none"])
        for (name, value) in [("a.scale", Float(3)), ("b.scale", 4)] {
            let index = try #require(made.tensors.firstIndex { $0.name == name })
            #expect(
                try WeightData(of: made).bytes(0..<4, ofTensor: index)
                    == SafetensorsBytes.bytes(of: value.bitPattern)
            )
        }
    }

    @Test("in a folder for MLX, whose index names them")
    func folderForMLX() throws {
        let folder = try ScratchFolder()
        try HubFolder(seed: 1).write(to: folder.url.appendingPathComponent("hub"))
        try Data(bytes("model.embed_tokens.weight", length: 64))
            .write(to: folder.url.appendingPathComponent("hub/model.safetensors"))
        let model = try Model.read(path: folder.path("hub"))
        let recipe = try ScratchFolder.recipe(model, converter: "mlx") { _ in "MLX_A8_G64" }
        let draft = try ModelDraft.mlx(recipe, model: model)
        _ = try #require(try ModelWriter(draft, of: model).write(to: folder.path("out"), resuming: false))
        let written = try folder.bytes("out/model.safetensors")
        #expect(written.count == draft.byteCount)
        let found = try entries(written)
        #expect(kept.allSatisfy { found[$0.key] == $0.value }, "\(found)")
        #expect(found["model.embed_tokens.weight"] == "U32 [64, 16]")
        let made = try Model.read(path: folder.path("out"))
        #expect(made.index != nil && Set(made.emptyTensors) == ["a.none", "b.none"])
    }

    @Test("a marker of scaled floats that has no elements goes with the scales")
    func marker() throws {
        let folder = try ScratchFolder()
        var file = SafetensorsBytes()
        file.add("a.weight", "F8_E4M3", [4, 4], [UInt8](repeating: 0x38, count: 16))
        file.add("a.weight_scale", "F32", [], SafetensorsBytes.bytes(of: Float(2).bitPattern))
        file.add("other", "BF16", [0], [])
        file.add("scaled_fp8", "F8_E4M3", [0], [])
        let model = try Model.read(path: try folder.write(file.bytes, "m.safetensors"))
        #expect(Set(model.emptyTensors) == ["other", "scaled_fp8"])
        #expect(model.multipliedOut.emptyTensors == ["other"])
    }
}
