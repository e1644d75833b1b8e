import Quantization
import Tensors
import TestSupport
import Testing

struct SourceElementsTests {
    private func decode(_ bytes: [UInt8], as format: QuantizationFormat) -> [Float] {
        [Float](unsafeUninitializedCapacity: bytes.count / format.blockBytes) { buffer, initializedCount in
            buffer.initialize(repeating: 0)
            var row = buffer.mutableSpan
            SourceElements.decode(bytes.span.bytes, as: format, into: &row)
            initializedCount = buffer.count
        }
    }

    @Test("the formats are those of single floats")
    func formats() {
        let expected = RowCodec.formats.filter { $0.blockElements == 1 }
        #expect(SourceElements.formats == expected)
    }

    @Test("every 16-bit float is what the standard says")
    func halves() {
        let all = (0...UInt16.max).map { $0 }
        let values = decode(all.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }, as: .f16)
        for (bits, value) in zip(all, values) {
            let exponent = Int(bits >> 10 & 31)
            let fraction = Float(bits & 1023)
            let magnitude: Float =
                switch exponent {
                case 0: fraction * 0x1p-24
                case 31: fraction == 0 ? .infinity : .nan
                default: (1 + fraction / 1024) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
                }
            #expect(value == (bits >> 15 == 1 ? -magnitude : magnitude) || value.isNaN && magnitude.isNaN)
            #expect((value.sign == .minus) == (bits >> 15 == 1) || value.isNaN)
        }
    }

    @Test("upper halves of floats are those floats", arguments: [0, 1, 3, 4, 5, 1023])
    func brainFloats(count: Int) {
        var generator = SeededGenerator(seed: count)
        let bits = (0..<count).map { _ in UInt16(truncatingIfNeeded: generator.next()) }
        let values = decode(bits.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }, as: .bf16)
        #expect(values.map(\.bitPattern) == bits.map { UInt32($0) << 16 })
    }

    @Test("32-bit floats are kept bit by bit", arguments: [0, 1, 3, 4, 5, 1023])
    func floats(count: Int) {
        var generator = SeededGenerator(seed: count)
        let bits = (0..<count).map { _ in UInt32(truncatingIfNeeded: generator.next()) }
        let bytes = bits.flatMap { bits in (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) } }
        #expect(decode(bytes, as: .f32).map(\.bitPattern) == bits)
    }

    @Test(
        "8-bit floats come back from the codec, all but those it never writes",
        arguments: ["float8_e4m3fn", "float8_e5m2"]
    )
    func eightBits(name: String) throws {
        let format = try #require(QuantizationFormat(named: name))
        let codec = try #require(RowCodec(format))
        let bytes = (0...UInt8.max).map { $0 }
        for (byte, value) in zip(bytes, decode(bytes, as: format)) where value.isFinite {
            #expect(try codec.encode([value]) == [byte])
        }
        #expect(decode([0x7E, 0x7F, 0x38, 0x01], as: .float8_e4m3fn).prefix(1) == [448])
        #expect(decode([0x7B, 0x7C, 0x3C, 0x01], as: .float8_e5m2) == [57344, .infinity, 1, 0x1p-16])
    }

    @Test(
        "beyond the largest value, 8-bit floats become NaN or infinity as in PyTorch",
        arguments: [(448, false), (464, false), (464.1, true), (480, true), (-1e30, true)] as [(Float, Bool)]
    )
    func overflow(value: Float, isLost: Bool) throws {
        let codec = try #require(RowCodec(.float8_e4m3fn))
        let cast = try codec.decode(codec.encode([value]), count: 1)
        #expect(cast[0].isNaN == isLost)
        #expect(try codec.squaredError(of: [value]).isInfinite == isLost)
        let other = try #require(RowCodec(.float8_e5m2))
        #expect(try other.encode([61439]) == [0x7B])
        #expect(try other.encode([61440]) == [0x7C])
        #expect(try other.encode([-1e30]) == [0xFC])
    }
}
