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

    /// The nearest value of the codebook, the upper one of two, of each half of an integer and what lies above it up to the next.
    ///
    /// The middles between the codebook's values are halves of integers, so this holds for everything in between. Entry 0 is −128.
    private static let nearestOfHalves: [Float] = (0..<512).map { entry in
        let value = Float(entry - 256) / 2
        return zip(codebook, codebook.dropFirst()).reduce(lowest) { value >= ($1.0 + $1.1) / 2 ? $1.1 : $0 }
    }

    /// The nearest values of the codebook, the upper one of two.
    @inline(__always)
    private static func nearest(_ value: EightFloats, _ table: UnsafeBufferPointer<Float>) -> EightFloats {
        @inline(__always)
        func four(_ value: FourFloats) -> FourFloats {
            // The floor is at most ±256 and the sum has no fraction, so its last nine bits count the table's 512 entries.
            let sum = (value + value).clamped(-256, 255).floor + (12_582_912 + 256)
            let entry = sum.bits & 511
            return unsafe FourFloats(
                table[Int(entry[0])],
                table[Int(entry[1])],
                table[Int(entry[2])],
                table[Int(entry[3])]
            )
        }
        return EightFloats(low: four(value.low), high: four(value.high))
    }

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
        unsafe nearestOfHalves.withUnsafeBufferPointer { unsafe chooseLevels(tile, $0) }
    }

    /// Chooses the scale and the levels with the search's weights.
    @inline(__always)
    private static func chooseLevels(_ tile: Tile, _ table: UnsafeBufferPointer<Float>) {
        let largest = ScaleSearch.largest(of: tile.row, count: columnLength)
        let isZero = largest.magnitude .< ScaleSearch.negligible
        var scale = EightFloats.zero
        var best = EightFloats.zero
        for trial in -8...7 {
            // The first trial is at the scale with the highest multiple, the others go from -7 to 7.
            let inverse =
                trial == -8
                ? EightFloats(repeating: 1) / (-largest / lowest)
                : EightFloats(repeating: Float(trial) + lowest) / largest
            var product = EightFloats.zero
            var square = EightFloats.zero
            for index in 0..<columnLength {
                let value = unsafe nearest(inverse * tile.row[index], table)
                let weighted = tile.searchWeights[index] * value
                product += weighted * tile.row[index]
                square += weighted * value
            }
            let newScale = (product / square).replacing(with: 0, where: .!(square .> 0))
            let isBetter =
                trial == -8
                ? EightMask(repeating: true) : (square .> 0) .& (product * product .> best * square)
            scale.replace(with: newScale, where: isBetter)
            best.replace(with: newScale * product, where: isBetter)
        }
        scale.replace(with: 0, where: isZero)
        tile.blockScale[0] = scale.roundedToHalf
        let inverse = scale.reciprocalOrZero
        for index in 0..<columnLength {
            tile.levels[index] = unsafe nearest(inverse * tile.row[index], table)
        }
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
