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

    /// Appends the codes of a block of 32: the fifth bits, one each, then two codes' four low bits to a byte,
    /// of which the second comes 16 elements later.
    @inline(__always)
    static func append(_ codes: Codes, block: Int, to bytes: inout BlockBytes) {
        let first = 32 * block
        if bits == 5 {
            for byte in 0..<4 {
                let high = codes[eight: first + 8 * byte] >> 4 & 0x0101_0101_0101_0101
                // Each of the eight bits is moved to its place in the highest byte, and no two others meet.
                bytes.append(UInt8(truncatingIfNeeded: (high &* 0x0102_0408_1020_4080) >> 56))
            }
        }
        bytes.append((codes[sixteen: first] & 0xF) | (codes[sixteen: first + 16] &<< 4))
    }

    /// Reads what ``append(_:block:to:)`` wrote.
    @inline(__always)
    static func read(_ bytes: Span<UInt8>, at offset: Int, into codes: Codes, block: Int) {
        let first = 32 * block
        let nibbles = bytes.sixteen(at: offset + highBytes)
        codes[sixteen: first] = nibbles & 0xF
        codes[sixteen: first + 16] = nibbles &>> 4
        guard bits == 5 else { return }
        for byte in 0..<4 {
            // The byte in all eight places, a bit of it in each, which is made the fifth one.
            let spread = UInt64(bytes[offset + byte]) &* 0x0101_0101_0101_0101 & 0x8040_2010_0804_0201
            let isSet = (spread &+ 0x7F7F_7F7F_7F7F_7F7F) >> 7 & 0x0101_0101_0101_0101
            codes[eight: first + 8 * byte] |= isSet << 4
        }
    }
}
