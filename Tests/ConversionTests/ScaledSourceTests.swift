import Checkpoints
import Converters
import Foundation
import Quantization
import Recipes
import Tensors
import TestSupport
import Testing

@testable import Conversion

/// Models whose weights are 8-bit floats with scales, which are multiplied out.
@Suite struct ScaledSourceTests {
    /// A model of FLUX's names with one weight in 8-bit floats, and what its products are.
    private struct Scaled {
        let model: Model
        let products: [Float]
    }

    private static let name = "double_blocks.0.img_attn.proj"

    private func scaled(
        _ folder: ScratchFolder,
        type: String,
        ending: String,
        scales: [Float],
        scaleShape: [Int],
        scaleType: String = "F32",
        extra: Bool = true
    ) throws -> Scaled {
        var random = SeededGenerator(seed: scales.count)
        // Every float but those that are no numbers.
        let bytes = (0..<64 * 64).map { index -> UInt8 in
            let byte = index < 256 ? UInt8(index) : UInt8.random(in: 0...255, using: &random)
            return type == "F8_E4M3" ? (byte & 0x7F == 0x7F ? 0 : byte) : (byte & 0x7C == 0x7C ? 0 : byte)
        }
        var file = SafetensorsBytes()
        if extra { file.add("scaled_fp8", "F8_E4M3", [2], [0, 0]) }
        file.add(Self.name + ".weight", type, [64, 64], bytes)
        let scaleBytes = scales.flatMap { scale -> [UInt8] in
            scaleType == "BF16"
                ? SafetensorsBytes.bytes(of: UInt16(scale.bitPattern >> 16))
                : SafetensorsBytes.bytes(of: scale.bitPattern)
        }
        file.add(Self.name + "." + ending, scaleType, scaleShape, scaleBytes)
        if extra { file.add(Self.name + ".input_scale", [], [Float(1)]) }
        file.add(Self.name + ".bias", [64], drawnWeights(64, seed: 2))
        let model = try Model.read(path: try folder.write(file.bytes, "m.safetensors")).multipliedOut
        let values = decoded(bytes, as: type == "F8_E4M3" ? .float8_e4m3fn : .float8_e5m2)
        return Scaled(
            model: model,
            products: values.indices.map { values[$0] * (scales.count == 64 ? scales[$0 / 64] : scales[0]) }
        )
    }

    private func decoded(_ bytes: [UInt8], as type: QuantizationFormat) -> [Float] {
        var values = [Float](repeating: 0, count: bytes.count)
        var span = values.mutableSpan
        SourceElements.decode(bytes.span.bytes, as: type, into: &span)
        return values
    }

    /// A number to the nearest of BF16, ties to even.
    private func rounded(_ value: Float) -> Float {
        let bits = value.bitPattern
        return Float(bitPattern: (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF_0000)
    }

    @Test(
        "weights are the products, to the nearest BF16, and nothing else is left of the scales",
        arguments: ["F8_E4M3", "F8_E5M2"],
        ["weight_scale", "scale_weight"]
    )
    func products(type: String, ending: String) throws {
        let folder = try ScratchFolder()
        let scaled = try scaled(folder, type: type, ending: ending, scales: [0.013_7], scaleShape: [])
        #expect(scaled.model.tensors.map(\.name).sorted() == [Self.name + ".bias", Self.name + ".weight"])
        let index = try #require(scaled.model.tensors.firstIndex { $0.dimensionCount == 2 })
        #expect(scaled.model.tensors[index].elementType == .bf16)
        #expect(scaled.model.packedWeights.isEmpty)
        let weights = try WeightData(of: scaled.model)
        let bytes = try weights.bytes(0..<64 * 64 * 2, ofTensor: index)
        for (place, product) in scaled.products.enumerated() {
            let found = Float(bitPattern: UInt32(bytes[2 * place]) << 16 | UInt32(bytes[2 * place + 1]) << 24)
            #expect(found == rounded(product), "\(place)")
        }
        // Any part of it is a part of the whole.
        for range in [1..<2, 3..<77, 4_000..<8_192] {
            #expect(try weights.bytes(range, ofTensor: index) == Array(bytes[range]))
        }
    }

    @Test("each row may have a scale of its own", arguments: ["F32", "BF16"], [[64], [64, 1]])
    func rows(scaleType: String, shape: [Int]) throws {
        let folder = try ScratchFolder()
        let scales = (1...64).map { Float($0) / 64 }
        let scaled = try scaled(
            folder,
            type: "F8_E4M3",
            ending: "weight_scale",
            scales: scales,
            scaleShape: shape,
            scaleType: scaleType
        )
        let index = try #require(scaled.model.tensors.firstIndex { $0.dimensionCount == 2 })
        let bytes = try WeightData(of: scaled.model).bytes(0..<64 * 64 * 2, ofTensor: index)
        for place in stride(from: 0, to: 64 * 64, by: 37) {
            let found = Float(bitPattern: UInt32(bytes[2 * place]) << 16 | UInt32(bytes[2 * place + 1]) << 24)
            #expect(found == rounded(scaled.products[place]))
        }
    }

    /// A matrix of 8-bit floats and the scales of its blocks.
    struct Blocks: CustomTestStringConvertible {
        let shape: [Int]
        let scaleShape: [Int]
        let side: [Int]
        var ending = "weight_scale_inv"

        var testDescription: String { "\(shape) by \(scaleShape) scales, \(ending)" }
    }

    @Test(
        "each block of rows and columns may have a scale, also where blocks reach over the edges",
        arguments: [
            Blocks(shape: [200, 300], scaleShape: [2, 3], side: [128, 128]),
            Blocks(shape: [128, 256], scaleShape: [1, 2], side: [128, 128]),
            Blocks(shape: [64, 64], scaleShape: [2, 2], side: [32, 32], ending: "weight_scale"),
            Blocks(shape: [40, 64], scaleShape: [40, 4], side: [1, 16], ending: "weight_scale"),
        ]
    )
    func blocks(_ blocks: Blocks) throws {
        let folder = try ScratchFolder()
        let (rows, columns) = (blocks.shape[0], blocks.shape[1])
        let elements = (0..<rows * columns).map { UInt8(($0 * 37 + $0 / columns) % 126) }
        let scales = (0..<blocks.scaleShape[0] * blocks.scaleShape[1]).map { 0.25 + Float($0) / 16 }
        var file = SafetensorsBytes()
        file.add("model.a.weight", "F8_E4M3", blocks.shape, elements)
        file.add("model.a." + blocks.ending, blocks.scaleShape, scales)
        let model = try Model.read(path: try folder.write(file.bytes, "m.safetensors")).multipliedOut
        #expect(model.tensors.map(\.name) == ["model.a.weight"] && model.packedWeights.isEmpty)
        let values = decoded(elements, as: .float8_e4m3fn)
        let expected = values.indices.map { place in
            let row = place / columns / blocks.side[0]
            let column = place % columns / blocks.side[1]
            return rounded(values[place] * scales[row * blocks.scaleShape[1] + column])
        }
        let weights = try WeightData(of: model)
        for range in [0..<rows * columns, 5..<6, 130..<3 * columns + 7] {
            let bytes = try weights.bytes(2 * range.lowerBound..<2 * range.upperBound, ofTensor: 0)
            let found = range.indices.map { index in
                let place = 2 * (index - range.lowerBound)
                return Float(bitPattern: UInt32(bytes[place]) << 16 | UInt32(bytes[place + 1]) << 24)
            }
            #expect(found == Array(expected[range]))
        }
    }

    @Test(
        "scales of another shape leave the weight as it is, which is then called packed",
        arguments: ["weight_scale", "weight_scale_inv"],
        [[3, 2], [1, 64]]
    )
    func otherShapes(ending: String, shape: [Int]) throws {
        let folder = try ScratchFolder()
        let scaled = try scaled(
            folder,
            type: "F8_E4M3",
            ending: ending,
            scales: Array(repeating: 1, count: shape[0] * shape[1]),
            scaleShape: shape
        )
        #expect(scaled.model.tensors.contains { $0.elementType == .float8_e4m3fn && $0.dimensionCount == 2 })
        #expect(scaled.model.packedWeights.map(\.scheme) == [.scaledFloat8])
    }

    /// Writes the file for ComfyUI in which the weight has a format.
    private func written(
        _ folder: ScratchFolder,
        _ model: Model,
        in format: String
    ) throws -> (file: Model, written: WrittenModel, recipe: Recipe) {
        let recipe = try ScratchFolder.recipe(model, converter: "comfyui") { _ in format }
        let draft = try ModelDraft.safetensors(recipe, model: model)
        let written = try #require(
            try ModelWriter(draft, of: model)
                .write(to: folder.path("q.safetensors"), resuming: false)
        )
        return (try Model.read(path: folder.path("q.safetensors")), written, recipe)
    }

    /// The bytes of a tensor as a file has them.
    private func bytes(_ model: Model, _ name: String) throws -> [UInt8] {
        let index = try #require(model.tensors.firstIndex { $0.name == name })
        return try WeightData(of: model).bytes(0..<model.locations[index].byteCount, ofTensor: index)
    }

    @Test(
        "planned in their own format, 8-bit floats are copied with their scale, whatever type that has",
        arguments: ["F8_E4M3", "F8_E5M2"],
        ["F32", "BF16"]
    )
    func copied(type: String, scaleType: String) throws {
        let folder = try ScratchFolder()
        let scaled = try scaled(
            folder,
            type: type,
            ending: "scale_weight",
            scales: [0.013_671_875],
            scaleShape: [1],
            scaleType: scaleType
        )
        let own = type == "F8_E4M3" ? "float8_e4m3fn" : "float8_e5m2"
        let source = try bytes(try Model.read(path: folder.path("m.safetensors")), Self.name + ".weight")
        for format in [own, own + "_scaled"] {
            let (file, written, recipe) = try written(folder, scaled.model, in: format)
            #expect(try bytes(file, Self.name + ".weight") == source)
            #expect(
                try bytes(file, Self.name + ".weight_scale")
                    == SafetensorsBytes.bytes(of: Float(0.013_671_875).bitPattern)
            )
            #expect(written.draft.storedTensors == [Self.name + ".weight"])
            #expect(RecipeCheck(recipe, file: file, model: scaled.model).differences.isEmpty)
        }
        let other = type == "F8_E4M3" ? "float8_e5m2" : "float8_e4m3fn"
        let (file, written, _) = try written(folder, scaled.model, in: other)
        #expect(try bytes(file, Self.name + ".weight") != source && written.draft.storedTensors.isEmpty)
    }

    @Test("floats without a scale are copied with a scale of 1, and those with several scales are cast")
    func copiedOtherwise() throws {
        let folder = try ScratchFolder()
        var file = SafetensorsBytes()
        let source = (0..<64 * 64).map { UInt8(($0 * 37) % 126) }
        file.add(Self.name + ".weight", "F8_E4M3", [64, 64], source)
        let plain = try Model.read(path: try folder.write(file.bytes, "p.safetensors")).multipliedOut
        let (copy, _, _) = try written(folder, plain, in: "float8_e4m3fn_scaled")
        #expect(try bytes(copy, Self.name + ".weight") == source)
        #expect(
            try bytes(copy, Self.name + ".weight_scale") == SafetensorsBytes.bytes(of: Float(1).bitPattern)
        )
        let rows = try scaled(
            folder,
            type: "F8_E4M3",
            ending: "weight_scale",
            scales: (1...64).map { Float($0) / 64 },
            scaleShape: [64]
        )
        let (cast, written, _) = try written(folder, rows.model, in: "float8_e4m3fn_scaled")
        #expect(written.draft.storedTensors.isEmpty)
        #expect(try bytes(cast, Self.name + ".weight_scale").count == 4)
    }

    @Test("a scale that is no number is refused where it would be copied")
    func noNumber() throws {
        let folder = try ScratchFolder()
        let scaled = try scaled(
            folder,
            type: "F8_E4M3",
            ending: "weight_scale",
            scales: [.nan],
            scaleShape: []
        )
        #expect(
            throws: ConversionError.weight(tensor: Self.name + ".weight", row: 0, column: 0, value: "nan")
        ) {
            try written(folder, scaled.model, in: "float8_e4m3fn_scaled")
        }
        #expect(!folder.exists("q.safetensors"))
    }

    @Test("a GGUF file of a scaled model is that of the model in BF16", arguments: ["Q4_1", "Q8_0", "BF16"])
    func sameAsPlain(format: String) throws {
        let folder = try ScratchFolder()
        let scaled = try scaled(
            folder,
            type: "F8_E4M3",
            ending: "weight_scale",
            scales: [0.02],
            scaleShape: [1]
        )
        var plain = SafetensorsBytes()
        let bits = scaled.products.map { rounded($0).bitPattern >> 16 }
        plain.add(
            Self.name + ".weight",
            "BF16",
            [64, 64],
            bits.flatMap { SafetensorsBytes.bytes(of: UInt16($0)) }
        )
        plain.add(Self.name + ".bias", [64], drawnWeights(64, seed: 2))
        let model = try Model.read(path: try folder.write(plain.bytes, "p.safetensors"))
        try folder.convert(try ScratchFolder.recipe(model) { _ in format }, model, to: "p.gguf")
        let recipe = try ScratchFolder.recipe(scaled.model) { _ in format }
        try folder.convert(recipe, scaled.model, to: "q.gguf")
        #expect(try folder.bytes("q.gguf") == folder.bytes("p.gguf"))
    }
}
