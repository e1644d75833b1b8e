import Checkpoints
import Foundation
import Quantization
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
