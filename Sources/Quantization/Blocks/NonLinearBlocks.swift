/// `IQ4_NL`: blocks of 32 values of a codebook of sixteen and one scale, as in ggml's `quantize_iq4_nl`.
///
/// An element's weight in the search is its square without importance.
enum NonLinearBlocks: BlockFormat {
    static var blockElements: Int { 32 }
    static var blockBytes: Int { 18 }
    static var columnLength: Int { 32 }
    static var groups: Int { 1 }
    static var zeroPoint: Float { 0 }
    static var hasOffset: Bool { false }
    static var meanSquareScope: MeanSquareScope { .none }

    @inline(__always)
    static func quantize(_ tile: Tile, _ search: SearchContext) {
        if search.hasImportance {
            var sum = EightFloats.zero
            for index in 0..<columnLength { sum += tile.row[index] * tile.row[index] }
            let meanSquare = sum * (2 / 32)
            for index in 0..<columnLength {
                let element = tile.row[index]
                let root = (meanSquare + element * element).squareRoot
                tile.searchWeights[index] = tile.importance[index] * root
            }
        } else {
            weighBySquare(tile)
        }
        NonLinearCodebook.withRounding { nearest in
            let scale = NonLinearCodebook.searchScale(
                tile.row,
                weights: tile.searchWeights,
                count: columnLength,
                nearest
            )
            tile.blockScale[0] = scale.roundedToHalf
            let inverse = scale.reciprocalOrZero
            for index in 0..<columnLength {
                tile.levels[index] = nearest(inverse * tile.row[index])
            }
        }
    }

    @inline(__always)
    static func updateScales(_ tile: Tile) {
        tile.scales[0] = tile.blockScale[0]
    }

    static func append(_ tile: Tile, block: Int, to bytes: inout BlockBytes) {
        bytes.append(half: tile.blockScale[0][block])
        tile.appendNibbles(ofColumn: block, to: &bytes) { NonLinearCodebook.code(of: $0) }
    }

    static func read(_ bytes: Span<UInt8>, at offset: Int, into tile: Tile, block: Int) {
        tile.blockScale[0][block] = bytes.half(at: offset)
        tile.readNibbles(bytes, at: offset + 2, intoColumn: block) { NonLinearCodebook.values[Int($0)] }
    }
}
