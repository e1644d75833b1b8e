import Quantization
import Tensors
import TestSupport
import Testing

@testable import Conversion

/// The search for numbers that are none in bytes that are copied.
@Suite struct FloatScanTests {
    private static let types: [QuantizationFormat] = [.f32, .f16, .bf16, .float8_e4m3fn, .float8_e5m2]

    @Test("what is found is the first element that decodes to no finite number", arguments: types, 1...40)
    func agreesWithDecoding(type: QuantizationFormat, seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...70, using: &random)
        var bytes = (0..<count * type.blockBytes).map { _ in UInt8.random(in: 0...255, using: &random) }
        // Most of 32-bit patterns are numbers.
        if seed.isMultiple(of: 2) {
            let index = Int.random(in: 0..<count, using: &random)
            for place in 0..<type.blockBytes { bytes[index * type.blockBytes + place] = 0xFF }
        }
        let values = SourceElements.values(bytes.span, as: type, count: count)
        let found = FloatScan.firstNonFinite(in: bytes, as: type)
        #expect(found?.index == values.firstIndex { !$0.isFinite })
        // Of what is no number, only that it is none.
        if let found {
            #expect(
                found.value == Double(values[found.index]) || found.value.isNaN && values[found.index].isNaN
            )
        }
    }

    @Test("64-bit floats are looked at, and integers are not")
    func otherTypes() throws {
        let wide = try #require(QuantizationFormat(named: "F64"))
        func bytes(_ values: [Double]) -> [UInt8] {
            values.flatMap { SafetensorsBytes.bytes(of: $0.bitPattern) }
        }
        #expect(FloatScan.firstNonFinite(in: bytes([1, -2, .greatestFiniteMagnitude]), as: wide) == nil)
        #expect(FloatScan.firstNonFinite(in: bytes([1, -.infinity]), as: wide)?.index == 1)
        #expect(FloatScan.firstNonFinite(in: bytes([.nan, 1]), as: wide)?.index == 0)
        let integer = try #require(QuantizationFormat(named: "I32"))
        #expect(FloatScan.firstNonFinite(in: bytes([.nan]), as: integer) == nil)
    }
}
