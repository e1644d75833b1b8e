/// A format whose elements share scales: how a tile of it is quantized, and where its bytes lie.
protocol BlockFormat: SendableMetatype {
    /// The number of elements in a block.
    static var blockElements: Int { get }
    /// The number of bytes of a block.
    static var blockBytes: Int { get }
    /// The number of elements that share a scale.
    static var columnLength: Int { get }
    /// The number of groups of four columns in a tile.
    static var groups: Int { get }
    /// What is subtracted from a level before it is scaled.
    static var zeroPoint: Float { get }
    /// Whether something is added to a scaled level.
    static var hasOffset: Bool { get }
    /// Whether the encoder looks at importance.
    static var usesImportance: Bool { get }
    /// Over which elements the search with an importance matrix takes its mean square.
    static var meanSquareScope: MeanSquareScope { get }
    /// Whether the search without an importance matrix takes the mean square of the block as well.
    static var alwaysNeedsMeanSquare: Bool { get }
    /// Whether blocks are packed from, and read into, the tile's codes in place of its levels.
    static var packsCodes: Bool { get }
    /// Whether these codes are signed.
    static var hasSignedCodes: Bool { get }

    /// Chooses levels, scales and minima for a tile's weights.
    static func quantize(_ tile: Tile, _ search: SearchContext)
    /// Computes what a decoder multiplies levels by and adds to them from the block's scales and codes.
    static func updateScales(_ tile: Tile)
    /// Appends one block's bytes.
    static func append(_ tile: Tile, block: Int, to bytes: inout BlockBytes)
    /// Reads one block's bytes, which begin at an offset, into levels or their codes, block scales and codes.
    static func read(_ bytes: Span<UInt8>, at offset: Int, into tile: Tile, block: Int)
}

/// Over which elements a search takes their mean square.
enum MeanSquareScope {
    /// None.
    case none
    /// Those of the whole row.
    case row
    /// Those of the super-block.
    case block
}

/// What a search knows besides the tile.
struct SearchContext {
    /// Whether the tile's importance is to be used.
    let hasImportance: Bool
    /// The sum of the squares of the elements that the format names.
    let squareSum: Float
    /// How many elements these are.
    let count: Int

    /// Some times the mean square of these elements, multiplied before it is divided as ggml does, which matters for tiny ones.
    @inline(__always)
    func meanSquare(times factor: Float = 1) -> Float { factor * squareSum / Float(count) }
}

extension BlockFormat {
    @inline(__always)
    static var usesImportance: Bool { true }
    @inline(__always)
    static var alwaysNeedsMeanSquare: Bool { false }
    @inline(__always)
    static var packsCodes: Bool { false }
    @inline(__always)
    static var hasSignedCodes: Bool { false }

    /// The number of columns in a block.
    @inline(__always)
    static var blockColumns: Int { blockElements / columnLength }

    /// The number of blocks in a tile.
    @inline(__always)
    static var tileBlocks: Int { groups * EightFloats.laneCount / blockColumns }

    /// The number of elements in a tile.
    @inline(__always)
    static var tileElements: Int { groups * EightFloats.laneCount * columnLength }

    /// The values that a decoder computes for one vector of a tile.
    @inline(__always)
    static func cast(_ tile: Tile, group: Int, index: Int) -> EightFloats {
        let scaled = tile.scales[group] * (tile.levels[group * columnLength + index] - zeroPoint)
        return hasOffset ? scaled + tile.offsets[group] : scaled
    }

    /// Sets the weights of a search with an importance matrix: `importance · √(meanSquare + x²)`.
    @inline(__always)
    static func weighByImportance(_ tile: Tile, meanSquare: Float) {
        for index in 0..<(groups * columnLength) {
            let element = tile.row[index]
            tile.searchWeights[index] = tile.importance[index] * (meanSquare + element * element).squareRoot
        }
    }

    /// Sets the weights of a search to the squares of the elements.
    @inline(__always)
    static func weighBySquare(_ tile: Tile) {
        for index in 0..<(groups * columnLength) {
            tile.searchWeights[index] = tile.row[index] * tile.row[index]
        }
    }
}

extension Tile {
    /// Appends the codes of a column of 32, two to a byte, of which the second comes 16 elements later.
    func appendNibbles(ofColumn column: Int, to bytes: inout BlockBytes, code: (Float) -> UInt8) {
        for index in 0..<16 {
            bytes.append(
                code(levels.scalar(index, lane: column)) | code(levels.scalar(index + 16, lane: column)) << 4
            )
        }
    }

    /// Reads what ``appendNibbles(ofColumn:to:code:)`` appended.
    func readNibbles(_ bytes: Span<UInt8>, at offset: Int, intoColumn column: Int, value: (UInt8) -> Float) {
        for index in 0..<16 {
            levels.setScalar(value(bytes[offset + index] & 0xF), index: index, lane: column)
            levels.setScalar(value(bytes[offset + index] >> 4), index: index + 16, lane: column)
        }
    }

    /// Sets the level of an element of a column to a value of a codebook.
    func setValue(_ value: Float, column: Int, index: Int, columnLength: Int) {
        levels.setScalar(value, index: column / 8 * columnLength + index, lane: column % 8)
    }
}

extension Span<UInt8> {
    /// The 16-bit float whose bytes begin at an offset.
    func half(at offset: Int) -> Float {
        SmallFloat.binary16.value(ofBits: UInt32(self[offset]) | UInt32(self[offset + 1]) << 8)
    }
}
