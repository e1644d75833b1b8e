/// `IQ4_NL`: blocks of 32 values of a codebook of sixteen and one scale.
///
/// Fifteen scales around the one at which the largest element takes the codebook's lowest value are tried, and the one is kept whose
/// least-squares scale leaves the least error, as in ggml's `quantize_iq4_nl`, whose codebook `kvalues_iq4nl` this is. An element's
/// weight is its square without importance.
enum NonLinearBlocks: BlockFormat {
    static var blockElements: Int { 32 }
    static var blockBytes: Int { 18 }
    static var columnLength: Int { 32 }
    static var groups: Int { 1 }
    static var zeroPoint: Float { 0 }
    static var hasOffset: Bool { false }
    static var meanSquareScope: MeanSquareScope { .none }

    private static let codebook: [Float] = [
        -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
    ]

    /// The lowest value of the codebook.
    private static let lowest: Float = -127

    /// The nearest value, the upper one of two: the sum of the steps at the middles between values.
    @inline(__always)
    static func nearest(_ value: FourFloats) -> FourFloats {
        @inline(__always)
        func step(_ height: Float, from middle: Float) -> FourFloats {
            FourFloats.zero.replacing(with: height, where: value .>= middle)
        }
        // Eight steps below zero and seven above, as two sums that do not wait for each other.
        let lower =
            step(23, from: -115.5) + step(21, from: -93.5) + step(18, from: -74) + step(16, from: -57)
            + step(14, from: -42) + step(13, from: -28.5) + step(12, from: -16) + step(11, from: -4.5)
        let upper =
            step(12, from: 7) + step(12, from: 19) + step(13, from: 31.5) + step(15, from: 45.5)
            + step(16, from: 61) + step(20, from: 79) + step(24, from: 101)
        return lowest + (lower + upper)
    }

    @inline(__always)
    static func quantize(_ tile: Tile, _ search: SearchContext) {
        if search.hasImportance {
            var sum = FourFloats.zero
            for index in 0..<columnLength { sum += tile.row[index] * tile.row[index] }
            let meanSquare = sum * (2 / 32)
            for index in 0..<columnLength {
                let element = tile.row[index]
                let root = (meanSquare + element * element).squareRoot()
                tile.searchWeights[index] = tile.importance[index] * root
            }
        } else {
            weighBySquare(tile)
        }
        let largest = ScaleSearch.largest(of: tile.row, count: columnLength)
        let isZero = largest.magnitude .< ScaleSearch.negligible
        var scale = FourFloats.zero
        var best = FourFloats.zero
        for trial in -8...7 {
            // The first trial is at the scale with the highest multiple, the others go from -7 to 7.
            let inverse =
                trial == -8
                ? FourFloats.one / (-largest / lowest)
                : FourFloats(repeating: Float(trial) + lowest) / largest
            var product = FourFloats.zero
            var square = FourFloats.zero
            for index in 0..<columnLength {
                let value = nearest(inverse * tile.row[index])
                let weighted = tile.searchWeights[index] * value
                product += weighted * tile.row[index]
                square += weighted * value
            }
            let newScale = (product / square).replacing(with: 0, where: .!(square .> 0))
            let isBetter =
                trial == -8
                ? FourMask(repeating: true) : (square .> 0) .& (product * product .> best * square)
            scale.replace(with: newScale, where: isBetter)
            best.replace(with: newScale * product, where: isBetter)
        }
        scale.replace(with: 0, where: isZero)
        tile.blockScale[0] = SmallFloat.binary16.rounded(scale)
        let inverse = scale.reciprocalOrZero
        for index in 0..<columnLength { tile.levels[index] = nearest(inverse * tile.row[index]) }
    }

    @inline(__always)
    static func updateScales(_ tile: Tile) {
        tile.scales[0] = tile.blockScale[0]
    }

    static func append(_ tile: Tile, block: Int, to bytes: inout [UInt8]) {
        bytes.append(half: tile.blockScale[0][block])
        func code(_ index: Int) -> UInt8 {
            UInt8(codebook.firstIndex(of: tile.levels[index][block]) ?? 0)
        }
        for index in 0..<16 {
            bytes.append(code(index) | code(index + 16) << 4)
        }
    }

    static func read(_ bytes: Span<UInt8>, at offset: Int, into tile: Tile, block: Int) {
        tile.blockScale[0][block] = bytes.half(at: offset)
        for index in 0..<columnLength {
            let byte = bytes[offset + 2 + index % 16]
            let value = codebook[Int(index < 16 ? byte & 0xF : byte >> 4)]
            tile.setValue(value, column: block, index: index, columnLength: columnLength)
        }
    }
}
