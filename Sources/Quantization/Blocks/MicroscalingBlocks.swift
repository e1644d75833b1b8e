/// `MXFP4`: blocks of 32 floats of 4 bits (2 exponent bits, 1 significand bit) and one power of two as their scale.
///
/// The scale is that of the largest magnitude's exponent, and each element takes the nearest value, the smaller magnitude of two, as in
/// ggml's `quantize_row_mxfp4_ref`. Importance is not used. Values are kept doubled, and the scale halved, as ggml does.
/// Source of the format: OCP Microscaling Formats (MX) Specification 1.0.
enum MicroscalingBlocks: BlockFormat {
    static var blockElements: Int { 32 }
    static var blockBytes: Int { 17 }
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
        var scale = EightFloats.zero
        for lane in 0..<EightFloats.laneCount {
            scale[lane] = Self.scale(ofCode: scaleCode(largest: largest[lane]))
        }
        tile.blockScale[0] = scale
        levels(of: tile.row, scale: tile.blockScale, into: tile.levels, count: columnLength)
    }

    /// The nearest doubled values, the smaller magnitude of two.
    ///
    /// - Parameters:
    ///   - row: The elements of eight columns.
    ///   - scale: The columns' scales, powers of two.
    ///   - levels: Receives the values.
    ///   - count: The number of elements in a column.
    @inline(__always)
    static func levels(of row: Lanes, scale: Lanes, into levels: Lanes, count: Int) {
        if WideVectors.areThere {
            WideVectors.fourBitFloats(of: row, scale: scale, into: levels, count: count)
        } else {
            levelsByFours(of: row, scale: scale[0], into: levels, count: count)
        }
    }

    /// The same with vectors of four.
    static func levelsByFours(of row: Lanes, scale: EightFloats, into levels: Lanes, count: Int) {
        // Halves are added, not sums halved, as those may be infinite. Where a value itself is, nothing reaches it.
        let thresholds = (
            scale * 0.5, scale * 0.5 + scale, scale + scale * 1.5, scale * 1.5 + scale * 2,
            scale * 2 + scale * 3,
            scale * 3 + scale * 8 * 0.5, scale * 8 * 0.5 + scale * 12 * 0.5
        )
        for index in 0..<count {
            let element = row[index]
            let magnitude = element.magnitude
            var level = step(1, magnitude .> thresholds.0)
            level += step(1, magnitude .> thresholds.1)
            level += step(1, magnitude .> thresholds.2)
            level += step(1, magnitude .> thresholds.3)
            level += step(2, magnitude .> thresholds.4)
            level += step(2, magnitude .> thresholds.5)
            level += step(4, magnitude .> thresholds.6)
            levels[index] = level.withSigns(of: element)
        }
    }

    @inline(__always)
    private static func step(_ height: Float, _ mask: EightMask) -> EightFloats {
        EightFloats.zero.replacing(with: height, where: mask)
    }

    /// The stored exponent, `⌊log₂ largest⌋ − 2 + 127` in eight bits.
    ///
    /// The reference takes the logarithm in 32 bits, where that of a number just below a power of two may round to the whole
    /// number. It does if the number is within `ln 2 / 2` of the logarithm's last place from that power, relatively, which
    /// is counted here in the last places of the number. A largest magnitude below 2⁻¹²⁵ has an exponent below zero, which wraps around
    /// and makes all its elements zero, as they are in the reference.
    private static func scaleCode(largest: Float) -> UInt8 {
        guard largest > 0 else { return 0 }
        var exponent = Int(largest.exponent)
        let next = exponent + 1
        if next != 0, largest.isNormal {
            let below = Int((1 as UInt32) << 23 - (largest.bitPattern & 0x7F_FFFF))
            // The last place of logarithms just below |next| for next > 0, just above for next < 0.
            let magnitude = Float(next > 0 ? next : -next)
            let place = next > 0 ? magnitude.nextDown.ulp : magnitude.ulp
            if Float(below) <= place * 0.5 * 0.693_147_2 * 16_777_216 { exponent = next }
        }
        return UInt8(truncatingIfNeeded: exponent + 125)
    }

    /// Half the power of two that a stored exponent stands for.
    private static func scale(ofCode code: UInt8) -> Float {
        code < 2 ? Float(bitPattern: 0x0020_0000 << UInt32(code)) : Float(bitPattern: UInt32(code - 1) << 23)
    }

    @inline(__always)
    static func updateScales(_ tile: Tile) {
        tile.scales[0] = tile.blockScale[0]
    }

    static func append(_ tile: Tile, block: Int, to bytes: inout BlockBytes) {
        let scale = tile.blockScale[0][block]
        bytes.append(
            scale.isNormal
                ? UInt8(truncatingIfNeeded: scale.bitPattern >> 23 + 1) : UInt8(scale.bitPattern >> 22)
        )
        let first = block * columnLength
        let low = FourBitFloat.codes(of: tile.codes[sixteen: first])
        let high = FourBitFloat.codes(of: tile.codes[sixteen: first + 16])
        bytes.append(low | high &<< 4)
    }

    static func read(_ bytes: Span<UInt8>, at offset: Int, into tile: Tile, block: Int) {
        tile.blockScale[0][block] = scale(ofCode: bytes[offset])
        let first = block * columnLength
        let nibbles = bytes.sixteen(at: offset + 1)
        tile.codes[sixteen: first] = FourBitFloat.values(ofCodes: nibbles & 0xF)
        tile.codes[sixteen: first + 16] = FourBitFloat.values(ofCodes: nibbles &>> 4)
    }
}
