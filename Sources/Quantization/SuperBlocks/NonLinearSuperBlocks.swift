/// `IQ4_XS`: super-blocks whose columns of 32 hold values of a codebook of sixteen, `x = scale · scaleCode · value`.
///
/// The columns' scales are searched for as in ``NonLinearBlocks``. The one of the largest magnitude takes the lowest code of six
/// bits, and the elements are rounded again with the scales before the super-block's own one is rounded to 16 bits, as
/// in ggml's `quantize_iq4_xs`.
enum NonLinearSuperBlocks: SuperBlockFormat {
    static var blockBytes: Int { 136 }
    static var columnLength: Int { 32 }
    static var zeroPoint: Float { 0 }
    static var hasOffset: Bool { false }

    /// One more than the largest code of a scale.
    private static let codeLimit: Float = 32

    @inline(__always)
    static func quantize(_ tile: Tile, _ search: SearchContext) {
        if search.hasImportance {
            weighByImportance(tile, meanSquare: search.squareSum * (2 / 256))
        } else {
            weighBySquare(tile)
        }
        NonLinearCodebook.withRounding { nearest in
            tile.scales[0] = NonLinearCodebook.searchScale(
                tile.row,
                weights: tile.searchWeights,
                count: columnLength,
                nearest
            )
            let scale = EightFloats(repeating: -largest(tile.scales) / codeLimit)
            let codes = (scale.reciprocalOrZero * tile.scales[0]).nearestInteger
                .clamped(-codeLimit, codeLimit - 1)
            tile.blockScale[0] = scale.roundedToHalf
            tile.scaleCodes[0] = codes
            let inverse = (scale * codes).reciprocalOrZero
            for index in 0..<columnLength {
                tile.levels[index] = nearest(inverse * tile.row[index])
            }
        }
    }

    @inline(__always)
    static func updateScales(_ tile: Tile) {
        tile.scales[0] = tile.blockScale[0] * tile.scaleCodes[0]
    }

    static func append(_ tile: Tile, block: Int, to bytes: inout BlockBytes) {
        bytes.append(half: tile.blockScale[0][0])
        func code(_ column: Int) -> UInt8 { UInt8(tile.scaleCodes[0][column] + codeLimit) }
        // The two high bits of four codes to a byte, then the four low bits of two.
        for first in [0, 4] {
            bytes.append((0..<4).reduce(0) { $0 | (code(first + $1) >> 4) << UInt8(2 * $1) })
        }
        for first in stride(from: 0, to: 8, by: 2) {
            bytes.append(code(first) & 0xF | (code(first + 1) & 0xF) << 4)
        }
        for column in 0..<8 {
            tile.appendNibbles(ofColumn: column, to: &bytes) { NonLinearCodebook.code(of: $0) }
        }
    }

    static func read(_ bytes: Span<UInt8>, at offset: Int, into tile: Tile, block: Int) {
        SuperBlockBytes.setScales(bytes.half(at: offset), of: tile)
        for column in 0..<8 {
            let high = bytes[offset + 2 + column / 4] >> UInt8(column % 4 * 2) & 3
            let low = bytes[offset + 4 + column / 2] >> UInt8(column % 2 * 4) & 0xF
            tile.scaleCodes[0][column] = Float(low | high << 4) - codeLimit
            tile.readNibbles(bytes, at: offset + 8 + 16 * column, intoColumn: column) {
                NonLinearCodebook.values[Int($0)]
            }
        }
    }
}
