/// `Q2_K`: columns of 16, levels of 2 bits, codes of 4.
enum TwoBitLayout: RangeSuperBlockLayout {
    static var columnLength: Int { 16 }
    static var blockBytes: Int { 84 }
    static var levelLimit: Float { 3 }
    static var codeLimit: Float { 15 }
    static var trials: RangeSearch.Trials { .init(first: -0.5, step: 0.1, count: 15, isAbsolute: true) }
    static var meanSquareFactor: Float { 1 }

    @inline(__always)
    static func weigh(_ tile: Tile) {
        for index in 0..<32 { tile.searchWeights[index] = tile.row[index].magnitude }
    }

    static func append(_ tile: Tile, to bytes: inout BlockBytes) {
        for column in 0..<16 {
            let minimum = UInt8(tile.minimumCodes[column / 8][column % 8])
            bytes.append(UInt8(tile.scaleCodes[column / 8][column % 8]) | minimum << 4)
        }
        SuperBlockBytes.appendPairs(of: tile.codes, from: 0, to: &bytes)
        bytes.append(half: tile.blockScale[0][0])
        bytes.append(half: tile.blockMinimum[0][0])
    }

    static func read(_ bytes: Span<UInt8>, at offset: Int, into tile: Tile) {
        for column in 0..<16 {
            tile.scaleCodes[column / 8][column % 8] = Float(bytes[offset + column] & 0xF)
            tile.minimumCodes[column / 8][column % 8] = Float(bytes[offset + column] >> 4)
        }
        SuperBlockBytes.clear(tile.codes)
        SuperBlockBytes.readPairs(bytes, at: offset + 16, into: tile.codes, from: 0)
        SuperBlockBytes.setScales(bytes.half(at: offset + 80), minimum: bytes.half(at: offset + 82), of: tile)
    }
}

/// `Q4_K` and `Q5_K`: columns of 32, codes of 6 bits.
enum WideRangeLayout<Width: LevelWidth>: RangeSuperBlockLayout {
    static var columnLength: Int { 32 }
    static var blockBytes: Int { Width.bits == 5 ? 176 : 144 }
    static var levelLimit: Float { Width.levels - 1 }
    static var codeLimit: Float { 63 }
    static var meanSquareFactor: Float { 2 }

    static var trials: RangeSearch.Trials {
        Width.bits == 5
            ? .init(first: -0.5, step: 0.1, count: 15, isAbsolute: false)
            : .init(first: -1, step: 0.1, count: 20, isAbsolute: false)
    }

    /// An element's weight is its magnitude and the root mean square of its column.
    @inline(__always)
    static func weigh(_ tile: Tile) {
        var sum = EightFloats.zero
        for index in 0..<32 { sum += tile.row[index] * tile.row[index] }
        let root = (sum / 32).squareRoot
        for index in 0..<32 {
            tile.searchWeights[index] = root + tile.row[index].magnitude
        }
    }

    static func append(_ tile: Tile, to bytes: inout BlockBytes) {
        bytes.append(half: tile.blockScale[0][0])
        bytes.append(half: tile.blockMinimum[0][0])
        SuperBlockBytes.appendSixBitCodes(of: tile, to: &bytes)
        if Width.bits == 5 { SuperBlockBytes.appendBits(of: tile.codes, at: 4, to: &bytes) }
        SuperBlockBytes.appendNibbles(of: tile.codes, apart: 32, to: &bytes)
    }

    static func read(_ bytes: Span<UInt8>, at offset: Int, into tile: Tile) {
        SuperBlockBytes.setScales(bytes.half(at: offset), minimum: bytes.half(at: offset + 2), of: tile)
        SuperBlockBytes.readSixBitCodes(bytes, at: offset + 4, into: tile)
        let nibbles = Width.bits == 5 ? offset + 48 : offset + 16
        SuperBlockBytes.readNibbles(bytes, at: nibbles, into: tile.codes, apart: 32)
        if Width.bits == 5 { SuperBlockBytes.readBits(bytes, at: offset + 16, into: tile.codes, bit: 4) }
    }
}
