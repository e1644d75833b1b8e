/// `Q3_K`: levels of 3 bits from −4 to 3, codes of 6 bits.
enum ThreeBitLayout: SymmetricSuperBlockLayout {
    static var blockBytes: Int { 110 }
    static var levelLimit: Float { 4 }
    static var codeLimit: Float { 32 }
    static var weighsElements: Bool { true }
    static var searchesCodes: Bool { true }
    static var negligibleScale: Float { 0 }

    @inline(__always)
    static func search(_ row: Lanes, weights: Lanes, levels: Lanes, hasImportance: Bool) -> EightFloats {
        hasImportance
            ? ScaleSearch.symmetric(row, weights: weights, levels: levels, count: 16, limit: levelLimit)
            : ScaleSearch.descent(row, weights: weights, levels: levels, count: 16, limit: levelLimit)
    }

    static func append(_ tile: Tile, to bytes: inout BlockBytes) {
        SuperBlockBytes.appendBits(of: tile.codes, at: 2, to: &bytes)
        SuperBlockBytes.appendPairs(of: tile.codes, from: 0, to: &bytes)
        func code(_ column: Int) -> UInt8 { UInt8(tile.scaleCodes[column / 8][column % 8] + codeLimit) }
        // The four low bits of two codes to a byte, then the two high bits of four.
        for column in 0..<8 { bytes.append(code(column) & 0xF | (code(column + 8) & 0xF) << 4) }
        for lane in 0..<4 {
            bytes.append((0..<4).reduce(0) { $0 | (code(4 * $1 + lane) >> 4) << UInt8(2 * $1) })
        }
        bytes.append(half: tile.blockScale[0][0])
    }

    static func read(_ bytes: Span<UInt8>, at offset: Int, into tile: Tile) {
        SuperBlockBytes.clear(tile.codes)
        SuperBlockBytes.readBits(bytes, at: offset, into: tile.codes, bit: 2)
        SuperBlockBytes.readPairs(bytes, at: offset + 32, into: tile.codes, from: 0)
        for column in 0..<16 {
            let low = bytes[offset + 96 + column % 8] >> (column < 8 ? 0 : 4) & 0xF
            let high = bytes[offset + 104 + column % 4] >> UInt8(column / 4 * 2) & 3
            tile.scaleCodes[column / 8][column % 8] = Float(low | high << 4) - codeLimit
        }
        SuperBlockBytes.setScales(bytes.half(at: offset + 108), of: tile)
    }
}

/// `Q6_K`: levels of 6 bits from −32 to 31, codes of 8 bits.
enum SixBitLayout: SymmetricSuperBlockLayout {
    static var blockBytes: Int { 210 }
    static var levelLimit: Float { 32 }
    static var codeLimit: Float { 128 }
    static var weighsElements: Bool { false }
    static var searchesCodes: Bool { false }
    static var negligibleScale: Float { ScaleSearch.negligible }

    @inline(__always)
    static func search(_ row: Lanes, weights: Lanes, levels: Lanes, hasImportance: Bool) -> EightFloats {
        ScaleSearch.symmetric(row, weights: weights, levels: levels, count: 16, limit: levelLimit)
    }

    static func append(_ tile: Tile, to bytes: inout BlockBytes) {
        SuperBlockBytes.appendNibbles(of: tile.codes, apart: 64, to: &bytes)
        SuperBlockBytes.appendPairs(of: tile.codes, from: 4, to: &bytes)
        for column in 0..<16 {
            bytes.append(UInt8(bitPattern: Int8(tile.scaleCodes[column / 8][column % 8])))
        }
        bytes.append(half: tile.blockScale[0][0])
    }

    static func read(_ bytes: Span<UInt8>, at offset: Int, into tile: Tile) {
        SuperBlockBytes.readNibbles(bytes, at: offset, into: tile.codes, apart: 64)
        SuperBlockBytes.readPairs(bytes, at: offset + 128, into: tile.codes, from: 4)
        let codes = SIMD16<Int8>(truncatingIfNeeded: bytes.sixteen(at: offset + 192))
        tile.scaleCodes[0] = EightFloats(codes.lowHalf)
        tile.scaleCodes[1] = EightFloats(codes.highHalf)
        SuperBlockBytes.setScales(bytes.half(at: offset + 208), of: tile)
    }
}
