/// `Q4_1` and `Q5_1`: blocks of 32 levels, a scale and a minimum, `x = scale · level + minimum`.
///
/// Without importance, the levels divide the range of the block evenly, as in ggml's `quantize_row_q4_1_ref` and
/// `quantize_row_q5_1_ref`; with it, ``RangeSearch`` looks for both, as ggml's `quantize_q4_1` and `quantize_q5_1` do.
enum RangeBlocks<Width: LevelWidth>: BlockFormat {
    static var blockElements: Int { 32 }
    static var blockBytes: Int { 20 + Width.highBytes }
    static var columnLength: Int { 32 }
    static var groups: Int { 1 }
    static var zeroPoint: Float { 0 }
    static var hasOffset: Bool { true }
    static var meanSquareScope: MeanSquareScope { .row }
    static var packsCodes: Bool { true }

    @inline(__always)
    static func quantize(_ tile: Tile, _ search: SearchContext) {
        let limit = Width.levels - 1
        guard !search.hasImportance else {
            weighByImportance(tile, meanSquare: search.meanSquare())
            let found = RangeSearch.search(
                tile.row,
                weights: tile.searchWeights,
                levels: tile.levels,
                scratch: tile.scratch,
                count: columnLength,
                limit: limit,
                trials: .withImportance
            )
            tile.blockScale[0] = found.scale.roundedToHalf
            tile.blockMinimum[0] = found.minimum.roundedToHalf
            return
        }
        var minimum = tile.row[0]
        var maximum = tile.row[0]
        for index in 1..<columnLength {
            minimum = tile.row[index].orSmaller(minimum)
            maximum = tile.row[index].orLarger(maximum)
        }
        let scale = (maximum - minimum) / limit
        tile.blockScale[0] = scale.roundedToHalf
        tile.blockMinimum[0] = minimum.roundedToHalf
        let inverse = scale.reciprocalOrZero
        let isInfinite = inverse .== .infinity
        for index in 0..<columnLength {
            let level = ((tile.row[index] - minimum) * inverse + 0.5).clamped(0, Width.levels).floor
            tile.levels[index] = level.clamped(0, limit).replacing(with: 0, where: isInfinite)
        }
    }

    @inline(__always)
    static func updateScales(_ tile: Tile) {
        tile.scales[0] = tile.blockScale[0]
        tile.offsets[0] = tile.blockMinimum[0]
    }

    static func append(_ tile: Tile, block: Int, to bytes: inout BlockBytes) {
        bytes.append(half: tile.blockScale[0][block])
        bytes.append(half: tile.blockMinimum[0][block])
        Width.append(tile.codes, block: block, to: &bytes)
    }

    static func read(_ bytes: Span<UInt8>, at offset: Int, into tile: Tile, block: Int) {
        tile.blockScale[0][block] = bytes.half(at: offset)
        tile.blockMinimum[0][block] = bytes.half(at: offset + 2)
        Width.read(bytes, at: offset + 4, into: tile.codes, block: block)
    }
}
