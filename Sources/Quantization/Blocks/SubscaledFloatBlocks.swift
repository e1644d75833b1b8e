/// `NVFP4`: blocks of 64 floats of 4 bits, every 16 of which have an 8-bit float without a sign as their scale.
///
/// The scale gives the largest magnitude the value 6, and each element takes the nearest value, the smaller magnitude of two, as in
/// ggml's `quantize_row_nvfp4_ref`. Importance is not used. Values are kept doubled, and the scale halved, as ggml does.
enum SubscaledFloatBlocks: BlockFormat {
    static var blockElements: Int { 64 }
    static var blockBytes: Int { 36 }
    static var columnLength: Int { 16 }
    static var groups: Int { 2 }
    static var zeroPoint: Float { 0 }
    static var hasOffset: Bool { false }
    static var usesImportance: Bool { false }
    static var meanSquareScope: MeanSquareScope { .none }

    @inline(__always)
    static func quantize(_ tile: Tile, _ search: SearchContext) {
        for group in 0..<groups {
            let row = tile.row.dropFirst(group * columnLength)
            let levels = tile.levels.dropFirst(group * columnLength)
            let wanted = ScaleSearch.largest(of: row, count: columnLength).magnitude / 6
            var codes = EightFloats.zero
            var scale = EightFloats.zero
            for lane in 0..<EightFloats.laneCount {
                let code = scaleCode(wanted[lane])
                codes[lane] = Float(code)
                scale[lane] = Self.scale(ofCode: code)
            }
            tile.scaleCodes[group] = codes
            tile.scales[group] = scale
            for index in 0..<columnLength {
                levels[index] = nearest(row[index], scale: scale)
            }
        }
    }

    /// The values whose products with the scale are nearest, the first of several.
    ///
    /// The differences are compared as 32-bit floats: where elements are far beyond what the scale reaches, many are the same.
    @inline(__always)
    private static func nearest(_ element: EightFloats, scale: EightFloats) -> EightFloats {
        let magnitude = element.magnitude
        var level = EightFloats.zero
        var best = magnitude
        for candidate in [1, 2, 3, 4, 6, 8, 12] as [Float] {
            let error = (scale * candidate - magnitude).magnitude
            let isBetter = error .< best
            level.replace(with: candidate, where: isBetter)
            best.replace(with: error, where: isBetter)
        }
        return level.withSigns(of: element)
    }

    /// The code of the 8-bit float nearest to a scale, the upper one of two.
    ///
    /// It has 4 exponent and 3 significand bits. None of the subnormal ones is rounded up to a normal one, and all that would be 256
    /// or more become the largest, 448, as ggml's `ggml_fp32_to_ue4m3` has it.
    private static func scaleCode(_ wanted: Float) -> UInt8 {
        guard wanted > 0 else { return 0 }
        let scale = min(wanted, 448)
        guard scale >= 0x1p-6 else { return UInt8(min(scale * 512 + 0.5, 7)) }
        // The bits from the fourth of the significand on are cut off after half of the third is added.
        let rounded = (scale.bitPattern + 1 << 19) >> 20
        let code = rounded - (120 << 3)
        return code < 15 << 3 ? UInt8(code) : 0x7E
    }

    /// Half the scale that a code stands for; the two codes of what is no number above zero are zero.
    private static func scale(ofCode code: UInt8) -> Float {
        guard code & 0x7F != 0x7F || code == 0xFF else { return 0 }
        let (exponent, significand) = (UInt32(code >> 3 & 0xF), UInt32(code & 7))
        if exponent == 0 { return Float(significand) * 0x1p-10 }
        return Float(bitPattern: (exponent + 119) << 23 | significand << 20)
    }

    /// The scales are those that ``quantize(_:_:)`` and ``read(_:at:into:block:)`` leave.
    @inline(__always)
    static func updateScales(_ tile: Tile) {}

    static func append(_ tile: Tile, block: Int, to bytes: inout BlockBytes) {
        let columns = (4 * block)..<(4 * block + 4)
        for column in columns { bytes.append(UInt8(tile.scaleCodes[column / 8][column % 8])) }
        for column in columns {
            let levels = tile.levels.dropFirst(column / 8 * columnLength)
            func code(_ index: Int) -> UInt8 { FourBitFloat.code(of: levels[index][column % 8]) }
            for index in 0..<8 { bytes.append(code(index) | code(index + 8) << 4) }
        }
    }

    static func read(_ bytes: Span<UInt8>, at offset: Int, into tile: Tile, block: Int) {
        for part in 0..<4 {
            let column = 4 * block + part
            tile.scales[column / 8][column % 8] = scale(ofCode: bytes[offset + part])
            for index in 0..<columnLength {
                let byte = bytes[offset + 4 + 8 * part + index % 8]
                let code = index < 8 ? byte & 0xF : byte >> 4
                let value = FourBitFloat.value(ofCode: code)
                tile.setValue(value, column: column, index: index, columnLength: columnLength)
            }
        }
    }
}
