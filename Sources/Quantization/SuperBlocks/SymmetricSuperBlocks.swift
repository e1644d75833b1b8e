/// What sets `Q3_K` and `Q6_K` apart: super-blocks whose columns of 16 have a signed scale.
protocol SymmetricSuperBlockLayout: SendableMetatype {
    /// The number of bytes of a super-block.
    static var blockBytes: Int { get }
    /// One more than the largest level, less itself.
    static var levelLimit: Float { get }
    /// One more than the largest code of a scale.
    static var codeLimit: Float { get }

    /// Searches for the scales and levels of a group of eight columns.
    static func search(_ row: Lanes, weights: Lanes, levels: Lanes, hasImportance: Bool) -> EightFloats
    /// Whether the weights of a search with importance depend on the elements.
    static var weighsElements: Bool { get }
    /// Whether the super-block's scale is searched for, too, with importance.
    static var searchesCodes: Bool { get }
    /// The largest scale for which the super-block counts as zero.
    static var negligibleScale: Float { get }

    /// Appends the bytes.
    static func append(_ tile: Tile, to bytes: inout BlockBytes)
    /// Reads the bytes.
    static func read(_ bytes: Span<UInt8>, at offset: Int, into tile: Tile)
}

/// `Q3_K` and `Q6_K`: `x = scale · scaleCode · (level − zeroPoint)`.
///
/// The scale of the largest magnitude takes the lowest code, as in ggml's `quantize_row_q3_K_ref` and `quantize_row_q6_K_ref`.
enum SymmetricSuperBlocks<Layout: SymmetricSuperBlockLayout>: SuperBlockFormat {
    static var blockBytes: Int { Layout.blockBytes }
    static var columnLength: Int { 16 }
    static var zeroPoint: Float { Layout.levelLimit }
    static var packsCodes: Bool { true }
    static var hasOffset: Bool { false }

    @inline(__always)
    static func quantize(_ tile: Tile, _ search: SearchContext) {
        if search.hasImportance {
            if Layout.weighsElements {
                weighByImportance(tile, meanSquare: search.meanSquare(times: 2))
            } else {
                for index in 0..<32 { tile.searchWeights[index] = tile.importance[index] }
            }
        } else {
            weighBySquare(tile)
        }
        for group in 0..<groups {
            let first = group * columnLength
            tile.scales[group] = Layout.search(
                tile.row.dropFirst(first),
                weights: tile.searchWeights.dropFirst(first),
                levels: tile.levels.dropFirst(first),
                hasImportance: search.hasImportance
            )
        }
        if search.hasImportance, Layout.searchesCodes {
            quantizeByImportance(tile)
        } else {
            quantizeByLargest(tile)
        }
        roundAgain(tile, -Layout.levelLimit, Layout.levelLimit - 1)
    }

    /// Gives the scale of the largest magnitude the lowest code.
    @inline(__always)
    private static func quantizeByLargest(_ tile: Tile) {
        let limit = Layout.codeLimit
        let largest = Self.largest(tile.scales)
        guard largest != 0, !(largest.magnitude < Layout.negligibleScale) else {
            tile.blockScale[0] = .zero
            // Codes are stored less their lowest value by one format and as they are by the other: zero bits either way.
            for group in 0..<groups { tile.scaleCodes[group] = EightFloats(repeating: Layout.zeroCode) }
            if Layout.negligibleScale > 0 {
                for index in 0..<32 { tile.levels[index] = .zero }
            }
            return
        }
        let inverse = -limit / largest
        for group in 0..<groups {
            tile.scaleCodes[group] = (inverse * tile.scales[group]).nearestInteger.clamped(-limit, limit - 1)
        }
        tile.blockScale[0] = EightFloats(repeating: 1 / inverse).roundedToHalf
    }

    /// Searches for the scale of the scales, which are one column.
    @inline(__always)
    private static func quantizeByImportance(_ tile: Tile) {
        let (row, weights) = superRow(tile, minima: nil)
        let codes = tile.searchWeights
        let scale = ScaleSearch.symmetricColumn(
            row,
            weights: weights,
            levels: codes,
            count: blockColumns,
            limit: Layout.codeLimit
        )
        for column in 0..<blockColumns {
            tile.scaleCodes[column / 8][column % 8] = codes[column][0] - Layout.codeLimit
        }
        tile.blockScale[0] = EightFloats(repeating: scale).roundedToHalf
    }

    @inline(__always)
    static func updateScales(_ tile: Tile) {
        for group in 0..<groups { tile.scales[group] = tile.blockScale[0] * tile.scaleCodes[group] }
    }

    static func append(_ tile: Tile, block: Int, to bytes: inout BlockBytes) {
        Layout.append(tile, to: &bytes)
    }

    static func read(_ bytes: Span<UInt8>, at offset: Int, into tile: Tile, block: Int) {
        Layout.read(bytes, at: offset, into: tile)
    }
}

extension SymmetricSuperBlockLayout {
    /// The code whose stored bits are zero.
    @inline(__always)
    static var zeroCode: Float { codeLimit == 32 ? -32 : 0 }
}
