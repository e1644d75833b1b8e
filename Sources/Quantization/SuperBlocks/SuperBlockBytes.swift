/// A super-block's levels in the order of its elements.
struct SuperBlockLevels {
    private let tile: Tile
    private let columnLength: Int

    init(_ tile: Tile, columnLength: Int) {
        self.tile = tile
        self.columnLength = columnLength
    }

    /// The level of an element.
    subscript(element: Int) -> UInt8 {
        get {
            tile.level(
                column: element / columnLength,
                index: element % columnLength,
                columnLength: columnLength
            )
        }
        nonmutating set {
            tile.setLevel(
                newValue,
                column: element / columnLength,
                index: element % columnLength,
                columnLength: columnLength
            )
        }
    }
}

/// How super-blocks lay their levels and codes out in bytes.
///
/// Source: `ggml-common.h` and the decoders in ggml's `ggml-quants.c`.
enum SuperBlockBytes {
    /// Appends the two lowest bits of each level above some others: a byte holds those of four elements 32 apart, of each
    /// 128 elements.
    static func appendPairs(of levels: SuperBlockLevels, from shift: UInt8, to bytes: inout [UInt8]) {
        for half in [0, 128] {
            for index in 0..<32 {
                bytes.append(
                    (0..<4).reduce(0) { $0 | (levels[half + index + 32 * $1] >> shift & 3) << UInt8(2 * $1) }
                )
            }
        }
    }

    /// The two bits of an element that ``appendPairs(of:from:to:)`` appended.
    static func pair(_ bytes: Span<UInt8>, at offset: Int, element: Int) -> UInt8 {
        bytes[offset + element / 128 * 32 + element % 32] >> UInt8(element % 128 / 32 * 2) & 3
    }

    /// Appends one bit of each level: a byte holds those of eight elements 32 apart.
    static func appendBits(of levels: SuperBlockLevels, at bit: UInt8, to bytes: inout [UInt8]) {
        for index in 0..<32 {
            bytes.append((0..<8).reduce(0) { $0 | (levels[index + 32 * $1] >> bit & 1) << UInt8($1) })
        }
    }

    /// The bit of an element that ``appendBits(of:at:to:)`` appended.
    static func bit(_ bytes: Span<UInt8>, at offset: Int, element: Int) -> UInt8 {
        bytes[offset + element % 32] >> UInt8(element / 32) & 1
    }

    /// Appends the four lowest bits of each level: a byte holds those of two elements some distance apart, of each pair of
    /// runs as long as that distance.
    static func appendNibbles(of levels: SuperBlockLevels, apart distance: Int, to bytes: inout [UInt8]) {
        for first in stride(from: 0, to: 256, by: 2 * distance) {
            for index in first..<(first + distance) {
                bytes.append(levels[index] & 0xF | (levels[index + distance] & 0xF) << 4)
            }
        }
    }

    /// The four bits of an element that ``appendNibbles(of:apart:to:)`` appended.
    static func nibble(_ bytes: Span<UInt8>, at offset: Int, element: Int, apart distance: Int) -> UInt8 {
        let byte = bytes[offset + element / (2 * distance) * distance + element % distance]
        return element % (2 * distance) < distance ? byte & 0xF : byte >> 4
    }

    /// Appends eight scale codes and eight minimum codes of six bits each in twelve bytes: the first four of each with
    /// the two highest bits of the last four, then the low bits of those.
    static func appendSixBitCodes(of tile: Tile, to bytes: inout [UInt8]) {
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
