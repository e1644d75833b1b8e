/// What sets `Q2_K`, `Q4_K` and `Q5_K` apart: super-blocks whose columns have a scale and a minimum.
protocol RangeSuperBlockLayout: SendableMetatype {
    /// The number of elements in a column.
    static var columnLength: Int { get }
    /// The number of bytes of a super-block.
    static var blockBytes: Int { get }
    /// The largest level.
    static var levelLimit: Float { get }
    /// The largest code of a scale or minimum.
    static var codeLimit: Float { get }
    /// The scales that are tried without importance.
    static var trials: RangeSearch.Trials { get }
    /// The mean square in the weights of a search with importance, in mean squares of the super-block.
    static var meanSquareFactor: Float { get }

    /// Sets the weights of a search without importance.
    static func weigh(_ tile: Tile)
    /// Appends the bytes.
    static func append(_ tile: Tile, to bytes: inout BlockBytes)
    /// Reads the bytes.
    static func read(_ bytes: Span<UInt8>, at offset: Int, into tile: Tile)
}

/// `Q2_K`, `Q4_K` and `Q5_K`: `x = scale · scaleCode · level − minimum · minimumCode`.
///
/// The columns' scales and minima come from ``RangeSearch``. Without importance, the largest of them takes the largest code, as in ggml's
/// `quantize_row_q2_K_ref` and its like; with it, ``ScaleSearch/positive(_:weights:levels:count:limit:)`` looks for the
/// super-block's two scales, as `quantize_q2_K` does with an importance matrix.
enum RangeSuperBlocks<Layout: RangeSuperBlockLayout>: SuperBlockFormat {
    static var blockBytes: Int { Layout.blockBytes }
    static var columnLength: Int { Layout.columnLength }
    static var zeroPoint: Float { 0 }
    static var packsCodes: Bool { true }
    static var hasOffset: Bool { true }

    @inline(__always)
    static func quantize(_ tile: Tile, _ search: SearchContext) {
        if search.hasImportance {
            weighByImportance(tile, meanSquare: search.meanSquare(times: Layout.meanSquareFactor))
        } else {
            Layout.weigh(tile)
        }
        for group in 0..<groups {
            let first = group * columnLength
            let found = RangeSearch.search(
                tile.row.dropFirst(first),
                weights: tile.searchWeights.dropFirst(first),
                levels: tile.levels.dropFirst(first),
                scratch: tile.scratch,
                count: columnLength,
                limit: Layout.levelLimit,
                trials: search.hasImportance ? .withImportance : Layout.trials
            )
            tile.scales[group] = found.scale
            tile.offsets[group] = -found.minimum
        }
        if search.hasImportance {
            quantizeByImportance(tile)
        } else {
            tile.blockScale[0] = quantizeByLargest(tile.scales, into: tile.scaleCodes)
            tile.blockMinimum[0] = quantizeByLargest(tile.offsets, into: tile.minimumCodes)
        }
        roundAgain(tile, 0, Layout.levelLimit)
    }

    /// Gives the largest value the largest code, and returns the scale as 16-bit floats hold it.
    @inline(__always)
    private static func quantizeByLargest(_ values: Lanes, into codes: Lanes) -> EightFloats {
        let largest = max(Self.largest(values), 0)
        let inverse = largest > 0 ? Layout.codeLimit / largest : 0
        for group in 0..<groups {
            codes[group] = (inverse * values[group]).nearestInteger.clamped(0, Layout.codeLimit)
        }
        return EightFloats(repeating: largest / Layout.codeLimit).roundedToHalf
    }

    /// Searches for the scales of the scales and of the minima, which are two columns side by side.
    @inline(__always)
    private static func quantizeByImportance(_ tile: Tile) {
        let (row, weights) = superRow(tile, minima: tile.offsets)
        let codes = tile.searchWeights
        let scales = ScaleSearch.positive(
            row,
            weights: weights,
            levels: codes,
            count: blockColumns,
            limit: Layout.codeLimit
        ).roundedToHalf
        for group in 0..<groups {
            for lane in 0..<EightFloats.laneCount {
                tile.scaleCodes[group][lane] = codes[group * EightFloats.laneCount + lane][0]
                tile.minimumCodes[group][lane] = codes[group * EightFloats.laneCount + lane][1]
            }
        }
        tile.blockScale[0] = EightFloats(repeating: scales[0])
        tile.blockMinimum[0] = EightFloats(repeating: scales[1])
    }

    @inline(__always)
    static func updateScales(_ tile: Tile) {
        for group in 0..<groups {
            tile.scales[group] = tile.blockScale[0] * tile.scaleCodes[group]
            tile.offsets[group] = -(tile.blockMinimum[0] * tile.minimumCodes[group])
        }
    }

    static func append(_ tile: Tile, block: Int, to bytes: inout BlockBytes) {
        Layout.append(tile, to: &bytes)
    }

    static func read(_ bytes: Span<UInt8>, at offset: Int, into tile: Tile, block: Int) {
        Layout.read(bytes, at: offset, into: tile)
    }
}
