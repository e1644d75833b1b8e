/// `Q8_0`: blocks of 32 signed bytes and one scale, `x = scale · byte`.
///
/// The scale gives the largest magnitude the byte 127, and elements are rounded half away from zero, as in ggml's
/// `quantize_row_q8_0_ref`. Importance is not used.
enum ByteBlocks: BlockFormat {
    static var blockElements: Int { 32 }
    static var blockBytes: Int { 34 }
    static var columnLength: Int { 32 }
    static var groups: Int { 1 }
    static var zeroPoint: Float { 0 }
    static var hasOffset: Bool { false }
    static var usesImportance: Bool { false }
    static var meanSquareScope: MeanSquareScope { .none }
    static var packsCodes: Bool { true }
    static var hasSignedCodes: Bool { true }

    @inline(__always)
    static func quantize(_ tile: Tile, _ search: SearchContext) {
        let largest = ScaleSearch.largest(of: tile.row, count: columnLength).magnitude
        let scale = largest / 127
        tile.blockScale[0] = scale.roundedToHalf
        let inverse = scale.reciprocalOrZero
        let isInfinite = inverse .== .infinity
        for index in 0..<columnLength {
            // At most 127 and a rounding error, so the nearest integer is at most 127.
            let level = (tile.row[index] * inverse).nearestIntegerAwayFromZero
            tile.levels[index] = level.replacing(with: 0, where: isInfinite)
        }
    }

    @inline(__always)
    static func updateScales(_ tile: Tile) {
        tile.scales[0] = tile.blockScale[0]
    }

    static func append(_ tile: Tile, block: Int, to bytes: inout BlockBytes) {
        bytes.append(half: tile.blockScale[0][block])
        bytes.append(tile.codes[sixteen: block * columnLength])
        bytes.append(tile.codes[sixteen: block * columnLength + 16])
    }

    static func read(_ bytes: Span<UInt8>, at offset: Int, into tile: Tile, block: Int) {
        tile.blockScale[0][block] = bytes.half(at: offset)
        tile.codes[sixteen: block * columnLength] = bytes.sixteen(at: offset + 2)
        tile.codes[sixteen: block * columnLength + 16] = bytes.sixteen(at: offset + 18)
    }
}
