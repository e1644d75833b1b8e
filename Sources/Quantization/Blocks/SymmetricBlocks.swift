/// `Q4_0` and `Q5_0`: blocks of 32 levels and one scale, `x = scale · (level − zeroPoint)`.
///
/// Without importance, the scale is such that the element of the largest magnitude takes the lowest level, and elements are
/// rounded half up, as in ggml's `quantize_row_q4_0_ref` and `quantize_row_q5_0_ref`; with it,
/// ``ScaleSearch/symmetric(_:weights:levels:count:limit:)`` looks for the scale, as ggml's `quantize_q4_0` and `quantize_q5_0` do.
enum SymmetricBlocks<Width: LevelWidth>: BlockFormat {
    static var blockElements: Int { 32 }
    static var blockBytes: Int { 18 + Width.highBytes }
    static var columnLength: Int { 32 }
    static var groups: Int { 1 }
    static var zeroPoint: Float { Width.levels / 2 }
    static var hasOffset: Bool { false }
    static var meanSquareScope: MeanSquareScope { .row }
    static var packsCodes: Bool { true }

    @inline(__always)
    static func quantize(_ tile: Tile, _ search: SearchContext) {
        guard !search.hasImportance else {
            weighByImportance(tile, meanSquare: search.meanSquare())
            let scale = ScaleSearch.symmetric(
                tile.row,
                weights: tile.searchWeights,
                levels: tile.levels,
                count: columnLength,
                limit: zeroPoint
            )
            tile.blockScale[0] = scale.roundedToHalf
            return
        }
        let scale = ScaleSearch.largest(of: tile.row, count: columnLength) / -zeroPoint
        tile.blockScale[0] = scale.roundedToHalf
        let inverse = scale.reciprocalOrZero
        let isInfinite = inverse.magnitude .== .infinity
        for index in 0..<columnLength {
            let level = (tile.row[index] * inverse + (zeroPoint + 0.5)).clamped(0, Width.levels).floor
            tile.levels[index] = level.clamped(0, Width.levels - 1).replacing(with: 0, where: isInfinite)
        }
    }

    @inline(__always)
    static func updateScales(_ tile: Tile) {
        tile.scales[0] = tile.blockScale[0]
    }

    static func append(_ tile: Tile, block: Int, to bytes: inout BlockBytes) {
        bytes.append(half: tile.blockScale[0][block])
        Width.append(tile.codes, block: block, to: &bytes)
    }

    static func read(_ bytes: Span<UInt8>, at offset: Int, into tile: Tile, block: Int) {
        tile.blockScale[0][block] = bytes.half(at: offset)
        Width.read(bytes, at: offset + 2, into: tile.codes, block: block)
    }
}
