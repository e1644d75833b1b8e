/// How many bits a level has.
protocol LevelWidth: SendableMetatype {
    /// The number of bits, four or five.
    static var bits: Int { get }
}

/// Levels from 0 to 15.
enum FourBits: LevelWidth {
    static var bits: Int { 4 }
}

/// Levels from 0 to 31.
enum FiveBits: LevelWidth {
    static var bits: Int { 5 }
}

extension LevelWidth {
    /// The number of levels.
    @inline(__always)
    static var levels: Float { Float(1 << bits) }

    /// The number of bytes that hold the fifth bits of 32 levels.
    @inline(__always)
    static var highBytes: Int { bits == 5 ? 4 : 0 }

    /// Appends the levels of a block of 32: the fifth bits, one each, then two levels' four low bits to a byte,
    /// of which the second comes 16 elements later.
    static func append(_ tile: Tile, block: Int, to bytes: inout [UInt8]) {
        func level(_ index: Int) -> UInt8 {
            tile.level(column: block, index: index, columnLength: 32)
        }
        if bits == 5 {
            for byte in 0..<4 {
                bytes.append((0..<8).reduce(0) { $0 | (level(byte * 8 + $1) >> 4) << UInt8($1) })
            }
        }
        for index in 0..<16 {
            bytes.append((level(index) & 0xF) | (level(index + 16) & 0xF) << 4)
        }
    }

    /// Reads what ``append(_:block:to:)`` wrote.
    static func read(_ bytes: Span<UInt8>, at offset: Int, into tile: Tile, block: Int) {
        for index in 0..<32 {
            let byte = bytes[offset + highBytes + index % 16]
            var level = index < 16 ? byte & 0xF : byte >> 4
            if bits == 5 { level |= (bytes[offset + index / 8] >> UInt8(index % 8) & 1) << 4 }
            tile.setLevel(level, column: block, index: index, columnLength: 32)
        }
    }
}
