import Quantization
import Tensors
import Testing

struct QuantizationErrorTests {
    private let codec = RowCodec(.q4_0)

    private func row(_ count: Int, with value: Float? = nil, at position: Int = 0) -> [Float] {
        var row = [Float](repeating: 0.5, count: count)
        if let value { row[position] = value }
        return row
    }

    @Test("a row that the block does not divide is refused", arguments: [1, 31, 33, 47])
    func oddLengths(count: Int) throws {
        let codec = try #require(codec)
        let expected = QuantizationError.incompleteBlock(format: "Q4_0", elements: count, blockElements: 32)
        #expect(throws: expected) { try codec.encode(row(count)) }
        #expect(throws: expected) { try codec.squaredError(of: row(count)) }
        #expect(throws: expected) { try codec.decode([UInt8](repeating: 0, count: 18), count: count) }
    }

    @Test("a row of nothing is nothing", arguments: RowCodec.formats)
    func emptyRows(format: QuantizationFormat) throws {
        let codec = try #require(RowCodec(format))
        let nothing: [Float] = []
        #expect(try codec.encode(nothing, importance: nothing).isEmpty)
        #expect(try codec.decode([UInt8](), count: 0).isEmpty)
        #expect(try codec.squaredError(of: nothing) == 0)
    }

    @Test(
        "formats that ggml refuses without importance are refused",
        arguments: ["IQ2_XXS", "IQ2_XS", "IQ1_S"]
    )
    func missingImportance(name: String) throws {
        let codec = try #require(QuantizationFormat(named: name).flatMap { RowCodec($0) })
        let expected = QuantizationError.missingImportance(format: name)
        #expect(throws: expected) { try codec.encode(row(256)) }
        #expect(throws: expected) { try codec.squaredError(of: row(256)) }
        #expect(throws: expected) {
            try codec.squaredErrors(of: row(256), importance: nil, weights: row(256))
        }
        #expect("\(expected)".contains(name))
        #expect(RowCodec.formats.filter { RowCodec($0)?.requiresImportance == true }.count == 3)
    }

    @Test(
        "what is not finite is refused, with its position",
        arguments: RowCodec.formats,
        [Float.infinity, -.infinity, .nan, .signalingNaN]
    )
    func nonFinite(format: QuantizationFormat, value: Float) throws {
        let codec = try #require(RowCodec(format))
        for position in [0, 5, 255] {
            let bad = row(256, with: value, at: position)
            let expected = QuantizationError.nonFiniteElement(position: position)
            #expect(throws: expected) { try codec.encode(bad, importance: row(256)) }
            #expect(throws: expected) { try codec.squaredError(of: bad, weights: row(256)) }
        }
    }

    @Test(
        "importances that are not numbers from zero on are refused",
        arguments: [-1, -.infinity, .infinity, Float.nan]
    )
    func invalidWeights(value: Float) throws {
        let codec = try #require(codec)
        let bad = row(64, with: value, at: 63)
        #expect(throws: QuantizationError.invalidWeight(position: 63)) {
            try codec.squaredError(of: row(64), weights: bad)
        }
        #expect(throws: QuantizationError.invalidWeight(position: 63)) {
            try codec.encode(row(64), importance: bad)
        }
        #expect(throws: QuantizationError.invalidWeight(position: 63)) {
            try codec.squaredErrors(of: row(64), importance: bad, weights: row(64))
        }
        #expect(throws: QuantizationError.invalidWeight(position: 63)) {
            try codec.squaredErrors(of: row(64), importance: row(64), weights: bad)
        }
    }

    @Test("importances must be as many as elements, bytes as many as the row takes")
    func counts() throws {
        let codec = try #require(codec)
        #expect(throws: QuantizationError.weightCount(32, elements: 64)) {
            try codec.squaredError(of: row(64), weights: row(32))
        }
        #expect(throws: QuantizationError.weightCount(32, elements: 64)) {
            try codec.squaredErrors(of: row(64), importance: row(32), weights: row(64))
        }
        #expect(throws: QuantizationError.byteCount(18, expected: 36)) {
            try codec.decode([UInt8](repeating: 0, count: 18), count: 64)
        }
        #expect(throws: QuantizationError.incompleteBlock(format: "Q4_0", elements: -32, blockElements: 32)) {
            try codec.decode([UInt8](), count: -32)
        }
        let most = Int.max / 32 * 32
        #expect(throws: QuantizationError.byteCount(0, expected: most / 32 * 18)) {
            try codec.decode([UInt8](), count: most)
        }
    }

    @Test("a message says what is wrong, where, and what to do")
    func descriptions() {
        #expect(
            "\(QuantizationError.incompleteBlock(format: "Q4_K", elements: 100, blockElements: 256))"
                == "a row of 100 elements is not a whole number of Q4_K blocks of 256; "
                + "choose a format whose block divides the row"
        )
        #expect("\(QuantizationError.nonFiniteElement(position: 7))".contains("element 7 "))
        #expect("\(QuantizationError.invalidWeight(position: 7))".contains("element 7 "))
        #expect("\(QuantizationError.weightCount(3, elements: 4))".contains("3 importances"))
        #expect("\(QuantizationError.byteCount(3, expected: 4))".contains("3 bytes"))
    }
}
