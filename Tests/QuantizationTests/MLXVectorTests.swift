import Foundation
import Quantization
import Tensors
import Testing

/// The codecs of MLX's formats against the bytes of its CPU backend.
struct MLXVectorTests {
    private let vectors: MLXVectors

    init() throws {
        vectors = try MLXVectors.shared.get()
    }

    private func rows(of kind: String) throws -> [[Float]] {
        let place = try #require((SeededRows.ordinary + SeededRows.extreme).firstIndex(of: kind))
        return (0..<vectors.rowsPerKind).map { SeededRows.make(kind, seed: 100 * place + $0) }
    }

    @Test(
        "bytes and values are those of MLX for every width, group and type of weights",
        arguments: QuantizationFormat.mlx,
        [QuantizationFormat.bf16, .f16]
    )
    func bytes(format: QuantizationFormat, source: QuantizationFormat) throws {
        let entry = try #require(vectors.formats[format.name]?[source.name])
        let codec = try #require(RowCodec(format, source: source))
        let first = SeededRows.make("gaussian", seed: 0)
        #expect(try codec.encode(first) == Array(entry.row))
        #expect(Set(entry.digests.keys).isSuperset(of: SeededRows.ordinary))
        for (kind, expected) in entry.digests {
            var digest = ContentDigest()
            var valuesDigest = ContentDigest()
            for row in try rows(of: kind) {
                let bytes = try codec.encode(row)
                digest.update(bytes: bytes)
                for value in try codec.decode(bytes, count: row.count) {
                    valuesDigest.update(
                        bytes: withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
                    )
                }
            }
            #expect(digest.text == expected, "\(kind)")
            if let expected = entry.values[kind] {
                #expect(valuesDigest.text == expected, "\(kind), decoded")
            }
        }
    }

    @Test(
        "weights in F32 are rounded to BF16 before they are cast, and their error counts that too",
        arguments: QuantizationFormat.mlx
    )
    func wideWeights(format: QuantizationFormat) throws {
        let codec = try #require(RowCodec(format, source: .f32))
        let narrow = try #require(RowCodec(.bf16))
        for kind in SeededRows.ordinary {
            let row = SeededRows.make(kind, seed: 3)
            let rounded = try narrow.decode(narrow.encode(row), count: row.count)
            let bytes = try codec.encode(row)
            #expect(try bytes == RowCodec(format, source: .bf16)?.encode(rounded), "\(kind)")
            let values = try codec.decode(bytes, count: row.count)
            let expected = zip(row, values).reduce(0) { sum, pair in
                sum + (Double(pair.0) - Double(pair.1)) * (Double(pair.0) - Double(pair.1))
            }
            #expect(try abs(codec.squaredError(of: row) - expected) <= 1e-12 * expected, "\(kind)")
        }
    }

    @Test(
        "a group whose exponent no byte holds has an infinite error",
        arguments: [("MLX_MXFP4", Float(1e-38)), ("MLX_MXFP8", 2.2e-38)]
    )
    func tinyGroups(name: String, largest: Float) throws {
        let codec = try #require(QuantizationFormat(named: name).flatMap { RowCodec($0) })
        var row = [Float](repeating: 0, count: 64)
        row[40] = largest
        #expect(try codec.squaredError(of: row) == .infinity)
        #expect(try codec.encode(row).count == 2 * codec.format.blockBytes)
    }
}
