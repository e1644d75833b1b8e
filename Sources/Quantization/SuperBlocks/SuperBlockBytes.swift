/// How super-blocks lay their levels and codes out in bytes.
///
/// Source: `ggml-common.h` and the decoders in ggml's `ggml-quants.c`.
enum SuperBlockBytes {
    /// Appends the two lowest bits of each code above some others: a byte holds those of four elements 32 apart, of each
    /// 128 elements.
    @inline(__always)
    static func appendPairs(of codes: Codes, from shift: UInt8, to bytes: inout BlockBytes) {
        for half in [0, 128] {
            for index in [0, 16] {
                var pairs = SIMD16<UInt8>.zero
                for part in 0..<4 {
                    let own = (codes[sixteen: half + index + 32 * part] &>> shift) & 3
                    pairs |= own &<< UInt8(2 * part)
                }
                bytes.append(pairs)
            }
        }
    }

    /// Adds what ``appendPairs(of:from:to:)`` appended to the codes, whose two bits there are zero.
    @inline(__always)
    static func readPairs(_ bytes: Span<UInt8>, at offset: Int, into codes: Codes, from shift: UInt8) {
        for half in [0, 128] {
            for index in [0, 16] {
                let pairs = bytes.sixteen(at: offset + half / 4 + index)
                for part in 0..<4 {
                    codes[sixteen: half + index + 32 * part] |= ((pairs &>> UInt8(2 * part)) & 3) &<< shift
                }
            }
        }
    }

    /// Appends one bit of each code: a byte holds those of eight elements 32 apart.
    @inline(__always)
    static func appendBits(of codes: Codes, at bit: UInt8, to bytes: inout BlockBytes) {
        for index in [0, 16] {
            var bits = SIMD16<UInt8>.zero
            for part in 0..<8 {
                bits |= ((codes[sixteen: index + 32 * part] &>> bit) & 1) &<< UInt8(part)
            }
            bytes.append(bits)
        }
    }

    /// Adds what ``appendBits(of:at:to:)`` appended to the codes, whose bit there is zero.
    @inline(__always)
    static func readBits(_ bytes: Span<UInt8>, at offset: Int, into codes: Codes, bit: UInt8) {
        for index in [0, 16] {
            let bits = bytes.sixteen(at: offset + index)
            for part in 0..<8 {
                codes[sixteen: index + 32 * part] |= ((bits &>> UInt8(part)) & 1) &<< bit
            }
        }
    }

    /// Appends the four lowest bits of each code: a byte holds those of two elements some distance apart, of each pair of
    /// runs as long as that distance.
    @inline(__always)
    static func appendNibbles(of codes: Codes, apart distance: Int, to bytes: inout BlockBytes) {
        for first in stride(from: 0, to: 256, by: 2 * distance) {
            for index in stride(from: first, to: first + distance, by: 16) {
                bytes.append((codes[sixteen: index] & 0xF) | (codes[sixteen: index + distance] &<< 4))
            }
        }
    }

    /// Sets the codes to what ``appendNibbles(of:apart:to:)`` appended.
    @inline(__always)
    static func readNibbles(_ bytes: Span<UInt8>, at offset: Int, into codes: Codes, apart distance: Int) {
        for first in stride(from: 0, to: 256, by: 2 * distance) {
            for index in stride(from: first, to: first + distance, by: 16) {
                let nibbles = bytes.sixteen(at: offset + first / 2 + (index - first))
                codes[sixteen: index] = nibbles & 0xF
                codes[sixteen: index + distance] = nibbles &>> 4
            }
        }
    }

    /// Sets the codes of a super-block to zero.
    @inline(__always)
    static func clear(_ codes: Codes) {
        for element in stride(from: 0, to: 256, by: 16) { codes[sixteen: element] = .zero }
    }

    /// Appends eight scale codes and eight minimum codes of six bits each in twelve bytes: the first four of each with
    /// the two highest bits of the last four, then the low bits of those.
    static func appendSixBitCodes(of tile: Tile, to bytes: inout BlockBytes) {
        func scale(_ column: Int) -> UInt8 { UInt8(tile.scaleCodes[column / 8][column % 8]) }
        func minimum(_ column: Int) -> UInt8 { UInt8(tile.minimumCodes[column / 8][column % 8]) }
        for column in 0..<4 { bytes.append(scale(column) | (scale(column + 4) >> 4) << 6) }
        for column in 0..<4 { bytes.append(minimum(column) | (minimum(column + 4) >> 4) << 6) }
        for column in 4..<8 { bytes.append(scale(column) & 0xF | (minimum(column) & 0xF) << 4) }
    }

    /// Reads what ``appendSixBitCodes(of:to:)`` appended.
    static func readSixBitCodes(_ bytes: Span<UInt8>, at offset: Int, into tile: Tile) {
        for lane in 0..<4 {
            let (scale, minimum, low) = (
                bytes[offset + lane], bytes[offset + 4 + lane], bytes[offset + 8 + lane]
            )
            tile.scaleCodes[0][lane] = Float(scale & 63)
            tile.minimumCodes[0][lane] = Float(minimum & 63)
            tile.scaleCodes[0][lane + 4] = Float(low & 0xF | (scale >> 6) << 4)
            tile.minimumCodes[0][lane + 4] = Float(low >> 4 | (minimum >> 6) << 4)
        }
    }

    /// Sets the two scales of a super-block in all lanes.
    static func setScales(_ scale: Float, minimum: Float = 0, of tile: Tile) {
        tile.blockScale[0] = EightFloats(repeating: scale)
        tile.blockMinimum[0] = EightFloats(repeating: minimum)
    }
}
