import Quantization
import Tensors
import TestSupport
import Testing

/// What holds for every codec, whatever the reference encoders do.
struct RowCodecTests {
    /// Formats that can be encoded without importance.
    static let plainFormats = RowCodec.formats.filter { RowCodec($0)?.requiresImportance == false }

    /// Formats whose encoders know no importance.
    private static let ignoringFormats = RowCodec.formats.filter {
        !ReferenceVectorTests.importanceFormats.contains($0.name)
    }

    /// `Σ weight · (element − cast)²` by way of the bytes.
    private func errorByBytes(_ row: [Float], _ codec: RowCodec, weights: [Float]?) throws -> Double {
        let bytes = try codec.encode(row, importance: weights)
        #expect(bytes.count == row.count / codec.format.blockElements * codec.format.blockBytes)
        let cast = try codec.decode(bytes, count: row.count)
        #expect(cast.count == row.count)
        return row.indices.reduce(0) { sum, index in
            let difference = Double(row[index]) - Double(cast[index])
            return sum + difference * difference * Double(weights?[index] ?? 1)
        }
    }

    @Test("the formats are those with a codec, in the order of all formats, then those of MLX")
    func formats() {
        #expect(
            RowCodec.formats.map(\.name) == [
                "F32", "F16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K",
                "IQ2_XXS", "IQ2_XS", "IQ3_XXS", "IQ1_S", "IQ4_NL", "IQ3_S", "IQ2_S", "IQ4_XS", "IQ1_M",
                "BF16",
                "TQ1_0", "TQ2_0", "MXFP4", "NVFP4", "Q1_0", "Q2_0",
                "float8_e4m3fn",
                "float8_e5m2",
            ] + QuantizationFormat.mlx.map(\.name)
        )
        for format in QuantizationFormat.all {
            #expect((RowCodec(format) != nil) == RowCodec.formats.contains(format))
            #expect((RowCodec(format)?.format ?? format) == format)
        }
    }

    @Test("the squared error is that of decoding what was encoded", arguments: RowCodec.formats, 0..<4)
    func errorsAgree(format: QuantizationFormat, seed: Int) throws {
        let codec = try #require(RowCodec(format))
        // Neither a multiple of a tile nor, for single elements, of a vector.
        let count =
            format.blockElements == 1 ? 301 : format.blockElements * (format.blockElements == 32 ? 11 : 2)
        let weights = SeededRows.importance(seed: seed + 500, count: count)
        for kind in SeededRows.ordinary + ["subnormal"] {
            let row = SeededRows.make(kind, seed: seed, count: count)
            for weights in codec.requiresImportance ? [weights] : [nil, weights] {
                let expected = try errorByBytes(row, codec, weights: weights)
                let error = try codec.squaredError(of: row, weights: weights)
                if expected.isFinite {
                    #expect(abs(error - expected) <= 1e-12 * expected, "\(kind)")
                } else {
                    #expect(error == .infinity, "\(kind)")
                }
            }
        }
    }

    @Test(
        "errors weigh what they are told to, whatever the encoder looks at",
        arguments: RowCodec.formats,
        0..<3
    )
    func weightsApartFromImportance(format: QuantizationFormat, seed: Int) throws {
        let codec = try #require(RowCodec(format))
        // The last tile is not full.
        let count =
            format.blockElements == 1 ? 301 : format.blockElements * (format.blockElements == 32 ? 11 : 2)
        let row = SeededRows.make("gaussian", seed: seed, count: count)
        let importance = SeededRows.importance(seed: seed + 500, count: count)
        let weights = SeededRows.importance(seed: seed + 900, count: count)
        for importance in codec.requiresImportance ? [importance] : [nil, importance] {
            let cast = try codec.decode(codec.encode(row, importance: importance), count: count)
            var (plain, weighted) = (0.0, 0.0)
            for index in row.indices {
                let difference = Double(row[index]) - Double(cast[index])
                plain += difference * difference
                weighted += Double(weights[index]) * difference * difference
            }
            let errors = try codec.squaredErrors(of: row, importance: importance, weights: weights)
            #expect(abs(errors.plain - plain) <= 1e-12 * plain)
            #expect(abs(errors.weighted - weighted) <= 1e-12 * weighted)
            let unweighted = try codec.squaredErrors(of: row, importance: importance)
            #expect(unweighted.plain == errors.plain && unweighted.weighted == errors.plain)
        }
        let same = try codec.squaredErrors(of: row, importance: weights, weights: weights)
        #expect(try same.weighted == codec.squaredError(of: row, weights: weights))
    }

    @Test(
        "rows whose scales, sums or casts overflow end with a number or with infinity",
        arguments: RowCodec.formats
    )
    func extremes(format: QuantizationFormat) throws {
        let codec = try #require(RowCodec(format))
        let largest = Float.greatestFiniteMagnitude
        let least = Float.leastNonzeroMagnitude
        var rows = (SeededRows.extreme + SeededRows.ordinary).map { SeededRows.make($0, seed: 9) }
        rows.append([Float](repeating: largest, count: 256))
        rows.append((0..<256).map { $0.isMultiple(of: 2) ? largest : -largest })
        rows.append((0..<256).map { $0 == 3 ? largest : least })
        rows.append([Float](repeating: least, count: 256))
        rows.append((0..<256).map { $0 == 3 ? least : -0.0 })
        let huge = [Float](repeating: largest, count: 256)
        let none = [Float](repeating: 0, count: 256)
        for row in rows {
            for weights in codec.requiresImportance ? [huge, none] : [nil, huge, none] {
                let error = try codec.squaredError(of: row, weights: weights)
                #expect(error >= 0)
                let bytes = try codec.encode(row, importance: weights)
                #expect(try codec.decode(bytes, count: row.count).count == row.count)
            }
        }
    }

    @Test("zeros are cast to zeros", arguments: RowCodec.formats)
    func zeros(format: QuantizationFormat) throws {
        let codec = try #require(RowCodec(format))
        for kind in ["zero", "negative zero"] {
            let row = SeededRows.make(kind, seed: 0)
            #expect(try codec.squaredError(of: row, weights: SeededRows.importance(seed: 1)) == 0)
            if !codec.requiresImportance { #expect(try codec.squaredError(of: row) == 0) }
        }
    }

    @Test(
        "a column of zeros among others keeps the error that its bytes make",
        arguments: plainFormats,
        0..<3
    )
    func zeroColumns(format: QuantizationFormat, seed: Int) throws {
        let codec = try #require(RowCodec(format))
        var row = SeededRows.make("gaussian", seed: seed)
        for index in row.indices where [0, 3, 4].contains(index / 32) { row[index] = 0 }
        let expected = try errorByBytes(row, codec, weights: nil)
        #expect(try abs(codec.squaredError(of: row) - expected) <= 1e-12 * expected)
    }

    @Test(
        "weights of one are no weights where the encoder knows no importance",
        arguments: ignoringFormats,
        0..<4
    )
    func ones(format: QuantizationFormat, seed: Int) throws {
        let codec = try #require(RowCodec(format))
        let ones = [Float](repeating: 1, count: 256)
        for kind in SeededRows.ordinary {
            let row = SeededRows.make(kind, seed: seed)
            #expect(
                try codec.squaredError(of: row, weights: ones) == codec.squaredError(of: row),
                "\(kind)"
            )
            #expect(
                try codec.encode(row, importance: ones) == codec.encode(row)
            )
        }
    }

    @Test(
        "importance lowers the error that it weighs",
        arguments: Array(ReferenceVectorTests.importanceFormats).sorted()
    )
    func importanceHelps(name: String) throws {
        let codec = try #require(QuantizationFormat(named: name).flatMap { RowCodec($0) })
        var (with, without) = (0.0, 0.0)
        // What weighs all the same is no importance, for the formats that need some.
        let ones = codec.requiresImportance ? [Float](repeating: 1, count: 256) : nil
        for seed in 0..<8 {
            let row = SeededRows.make("gaussian", seed: seed)
            let weights = SeededRows.importance(seed: seed)
            with += try codec.squaredError(of: row, weights: weights)
            let plain = try codec.decode(codec.encode(row, importance: ones), count: row.count)
            for index in row.indices {
                let difference = Double(row[index]) - Double(plain[index])
                without += Double(weights[index]) * difference * difference
            }
        }
        #expect(with < without)
    }

    @Test("a power of two scales the error by its square", arguments: plainFormats, 0..<3)
    func powersOfTwo(format: QuantizationFormat, seed: Int) throws {
        let codec = try #require(RowCodec(format))
        // Within what 16-bit and 8-bit floats hold as normal numbers, scales included.
        let row = SeededRows.make("gaussian", seed: seed).map { $0.magnitude < 0x1p-4 ? 0x1p-2 : $0 * 64 }
        let error = try codec.squaredError(of: row)
        for factor in [0.5, 2, 4] as [Float] {
            let scaled = try codec.squaredError(of: row.map { $0 * factor })
            #expect(scaled == error * Double(factor * factor), "factor \(factor)")
        }
    }

    @Test("more bits make a smaller error", arguments: 0..<4)
    func order(seed: Int) throws {
        let row = SeededRows.make("gaussian", seed: seed, count: 1024)
        let errors = try ["Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "Q8_0", "F16", "F32"].map { name in
            let codec = try #require(QuantizationFormat(named: name).flatMap { RowCodec($0) })
            return try codec.squaredError(of: row)
        }
        #expect(errors == errors.sorted(by: >))
        #expect(errors.last == 0)
    }

    @Test("the microscaling exponent is that of the 32-bit logarithm", arguments: [1, 4, 8, 64, -3, -60])
    func logarithms(exponent: Int) throws {
        // ½·ln 2 of the last place of a logarithm near the exponent, in last places of the number below the power of two.
        let place = (exponent > 0 ? Float(exponent).nextDown.ulp : Float(-exponent).ulp)
        let reach = Int(place * 0.5 * 0.693_147_2 * 16_777_216)
        let codec = try #require(RowCodec(.mxfp4))
        let power = Float(sign: .plus, exponent: exponent, significand: 1)
        for below in [1, reach, reach + 1, 100] where below > 0 {
            var row = [Float](repeating: 0, count: 32)
            row[7] = power * (1 - Float(below) * 0x1p-24)
            let bytes = try codec.encode(row)
            #expect(Int(bytes[0]) == exponent + 125 - (below <= reach ? 0 : 1), "\(below) last places")
        }
    }
}
