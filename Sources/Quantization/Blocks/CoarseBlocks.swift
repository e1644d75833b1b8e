/// What sets `Q1_0`, `Q2_0`, `TQ1_0` and `TQ2_0` apart: blocks of a few levels, with one scale for 64 elements or more.
protocol CoarseBlockLayout: SendableMetatype {
    /// The number of elements in a block, a multiple of 32.
    static var blockElements: Int { get }
    /// The number of bytes of a block.
    static var blockBytes: Int { get }
    /// Where the two bytes of the scale begin.
    static var scaleOffset: Int { get }

    /// The scale of a block, whose elements are in some columns of 32.
    static func scale(_ row: Lanes, columns: Range<Int>) -> Float
    /// The levels of elements, from −1 to 1.
    static func levels(of elements: EightFloats, inverseScale: EightFloats) -> EightFloats
    /// Appends the bytes of a block's levels, which are signed codes from its first one on.
    static func append(_ levels: Codes, from first: Int, to bytes: inout BlockBytes)
    /// Reads the levels of a block whose bytes begin at an offset, as signed codes from its first one on.
    static func read(_ bytes: Span<UInt8>, at offset: Int, into levels: Codes, from first: Int)
}

extension CoarseBlockLayout {
    /// The largest magnitude of a block.
    @inline(__always)
    static func largest(_ row: Lanes, columns: Range<Int>) -> Float {
        let largest = ScaleSearch.largest(of: row, count: 32).magnitude
        return columns.reduce(0) { max($0, largest[$1]) }
    }
}

/// `Q1_0`, `Q2_0`, `TQ1_0` and `TQ2_0`: `x = scale · level`, without a search.
///
/// A block takes several columns of a tile side by side, whose scales are the same. Importance is not used.
enum CoarseBlocks<Layout: CoarseBlockLayout>: BlockFormat {
    static var blockElements: Int { Layout.blockElements }
    static var blockBytes: Int { Layout.blockBytes }
    static var columnLength: Int { 32 }
    static var groups: Int { 1 }
    static var zeroPoint: Float { 0 }
    static var hasOffset: Bool { false }
    static var usesImportance: Bool { false }
    static var meanSquareScope: MeanSquareScope { .none }
    static var packsCodes: Bool { true }
    static var hasSignedCodes: Bool { true }

    @inline(__always)
    private static func columns(of block: Int) -> Range<Int> {
        (block * blockColumns)..<((block + 1) * blockColumns)
    }

    @inline(__always)
    static func quantize(_ tile: Tile, _ search: SearchContext) {
        var scale = EightFloats.zero
        for block in 0..<tileBlocks {
            let columns = columns(of: block)
            let blockScale = Layout.scale(tile.row, columns: columns)
            for column in columns { scale[column] = blockScale }
        }
        tile.blockScale[0] = scale.roundedToHalf
        let inverse = scale.reciprocalOrZero
        for index in 0..<columnLength {
            tile.levels[index] = Layout.levels(of: tile.row[index], inverseScale: inverse)
        }
    }

    @inline(__always)
    static func updateScales(_ tile: Tile) {
        tile.scales[0] = tile.blockScale[0]
    }

    static func append(_ tile: Tile, block: Int, to bytes: inout BlockBytes) {
        let columns = columns(of: block)
        if Layout.scaleOffset == 0 { bytes.append(half: tile.blockScale[0][columns.lowerBound]) }
        Layout.append(tile.codes, from: block * blockElements, to: &bytes)
        if Layout.scaleOffset > 0 { bytes.append(half: tile.blockScale[0][columns.lowerBound]) }
    }

    static func read(_ bytes: Span<UInt8>, at offset: Int, into tile: Tile, block: Int) {
        let scale = bytes.half(at: offset + Layout.scaleOffset)
        for column in columns(of: block) { tile.blockScale[0][column] = scale }
        Layout.read(bytes, at: offset, into: tile.codes, from: block * blockElements)
    }
}
