import Quantization
import Tensors
import TestSupport
import Testing

@Suite("8-bit floats with a scale")
struct ScaledCodecTests {
    /// Values of a normal distribution around 0, by the sum of twelve uniform numbers.
    private func weights(_ count: Int, seed: Int, deviation: Float) -> [Float] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            (0..<12).reduce(Float(-6)) { sum, _ in sum + Float.random(in: 0..<1, using: &random) } * deviation
        }
    }

    private func root(_ squared: Double, _ row: [Float]) -> Double {
        (squared / row.reduce(0) { $0 + Double($1) * Double($1) }).squareRoot()
    }

    @Test("weights of 0.004 lose 0.0265 of their size with a scale, and 0.14 without", arguments: [1, 2])
    func error(seed: Int) throws {
        let row = weights(1 << 16, seed: seed, deviation: 0.004)
        let peak = row.reduce(0) { max($0, abs($1)) }
        let scaled = try #require(ScaledCodec(.float8_e4m3fn_scaled, peak: peak))
        let plain = try #require(RowCodec(.float8_e4m3fn))
        let withScale = root(try scaled.squaredErrors(of: row.span, weights: nil).plain, row)
        let without = root(try plain.squaredErrors(of: row.span, importance: nil, weights: nil).plain, row)
        #expect(abs(withScale - 0.0265) < 0.0005, "\(withScale)")
        #expect(abs(without - 0.141) < 0.01, "\(without)")
    }

    @Test(
        "errors are those of what is decoded, and the largest weight is kept",
        arguments: QuantizationFormat.scaled
    )
    func definition(format: QuantizationFormat) throws {
        let row = weights(512, seed: 3, deviation: 0.02)
        let importance = (0..<512).map { Float($0 % 7) }
        let peak = row.reduce(0) { max($0, abs($1)) }
        let codec = try #require(ScaledCodec(format, peak: peak))
        #expect(codec.scale == peak / (format == .float8_e5m2_scaled ? 57_344 : 448))
        let bytes = try codec.encode(row.span)
        let cast = try codec.decode(bytes.span, count: row.count)
        #expect(abs(cast.reduce(0) { max($0, abs($1)) } / peak - 1) < 1e-6)
        var (plain, weighted) = (0.0, 0.0)
        for (index, (weight, value)) in zip(row, cast).enumerated() {
            let difference = Double(weight) - Double(value)
            plain += difference * difference
            weighted += difference * difference * Double(importance[index])
        }
        let errors = try codec.squaredErrors(of: row.span, weights: importance.span)
        #expect(errors.plain == plain && errors.weighted == weighted)
        // Elements times a power of two make the same bytes.
        let larger = row.map { $0 * 1024 }
        #expect(try ScaledCodec(format, peak: peak * 1024)?.encode(larger.span) == bytes)
    }

    @Test("zeros have a scale of 1, and other formats none")
    func zeros() throws {
        #expect(ScaledCodec(.float8_e4m3fn_scaled, peak: 0)?.scale == 1)
        #expect(ScaledCodec(.float8_e4m3fn, peak: 1) == nil)
        #expect(ScaledCodec(.q8_0, peak: 1) == nil)
        let infinite: [Float] = [1, .infinity]
        #expect(throws: QuantizationError.nonFiniteElement(position: 1)) {
            try ScaledCodec(.float8_e5m2_scaled, peak: 1)?.encode(infinite.span)
        }
    }
}
