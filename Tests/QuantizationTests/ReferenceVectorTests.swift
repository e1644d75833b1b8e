import Foundation
import Quantization
import Tensors
import TestSupport
import Testing

/// The codecs against the bytes of gguf, ml_dtypes and ggml.
struct ReferenceVectorTests {
    /// The formats but those of MLX, whose vectors are others.
    static let formats = RowCodec.formats.filter { !QuantizationFormat.mlx.contains($0) }

    private let vectors: ReferenceVectors
    private let importance: [Float]

    init() throws {
        vectors = try ReferenceVectors.shared.get()
        importance = SeededRows.importance(seed: vectors.importanceSeed)
    }

    private func encode(_ row: [Float], _ codec: RowCodec, weighted: Bool) throws -> [UInt8] {
        try codec.encode(row, importance: weighted ? importance : nil)
    }

    @Test(
        "the bytes of each kind of row are those of the reference encoder",
        arguments: ReferenceVectorTests.formats
    )
    func bytes(format: QuantizationFormat) throws {
        let codec = try #require(RowCodec(format))
        #expect(vectors.rows.map(\.kind) == SeededRows.ordinary + SeededRows.extreme)
        for row in vectors.rows {
            let elements = SeededRows.make(row.kind, seed: row.seed)
            if let expected = row.plain[format.name] {
                #expect(try encode(elements, codec, weighted: false) == Array(expected), "\(row.kind)")
            }
            if let expected = row.weighted[format.name] {
                #expect(
                    try encode(elements, codec, weighted: true) == Array(expected),
                    "\(row.kind), weighted"
                )
            }
        }
    }

    @Test("there are vectors for every format but F32, which holds any row as it is")
    func complete() {
        let names = Self.formats.filter { RowCodec($0)?.requiresImportance == false }.map(\.name)
            .filter { $0 != "F32" }
        for row in vectors.rows where SeededRows.ordinary.contains(row.kind) {
            #expect(Set(row.plain.keys) == Set(names))
            #expect(Set(row.weighted.keys) == ReferenceVectorTests.importanceFormats)
        }
    }

    /// The formats whose encoders use importance.
    static let importanceFormats: Set<String> = [
        "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS",
        "IQ3_S", "IQ3_XXS", "IQ2_S", "IQ2_XS", "IQ2_XXS", "IQ1_M", "IQ1_S",
    ]

    @Test("so are those of two hundred rows", arguments: ReferenceVectorTests.formats)
    func manyRows(format: QuantizationFormat) throws {
        let codec = try #require(RowCodec(format))
        for many in vectors.many {
            let rows = (0..<many.rows).map { SeededRows.make(many.kind, seed: many.firstSeed + $0) }
            for (expected, weighted) in [
                (many.plain[format.name], false), (many.weighted[format.name], true),
            ] {
                guard let expected else { continue }
                var digest = ContentDigest()
                for row in rows { digest.update(bytes: try encode(row, codec, weighted: weighted)) }
                #expect(digest.text == expected, "\(many.kind), weighted: \(weighted)")
            }
        }
    }

    @Test(
        "the squared errors are those of the reference encoder, decoded by gguf",
        arguments: ReferenceVectorTests.formats
    )
    func errors(format: QuantizationFormat) throws {
        let codec = try #require(RowCodec(format))
        for row in vectors.rows {
            let elements = SeededRows.make(row.kind, seed: row.seed)
            if let expected = row.errors[format.name] {
                let error = try codec.squaredError(of: elements)
                #expect(abs(error - expected) <= 1e-12 * expected, "\(row.kind)")
            }
            if let expected = row.weightedErrors[format.name] {
                let error = try codec.squaredError(of: elements, weights: importance)
                #expect(abs(error - expected) <= 1e-12 * expected, "\(row.kind), weighted")
            }
        }
    }

    @Test("arbitrary bytes stand for what gguf says", arguments: ReferenceVectorTests.formats)
    func decoding(format: QuantizationFormat) throws {
        guard let decoded = vectors.decoded[format.name] else {
            #expect(format == .f32)
            return
        }
        let codec = try #require(RowCodec(format))
        let values = decoded.values.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        let bytes = Array(decoded.bytes)
        let ours = try codec.decode(bytes, count: values.count)
        for (position, (value, expected)) in zip(ours, values).enumerated() {
            #expect(value == expected || value.isNaN && expected.isNaN, "element \(position)")
        }
    }
}
