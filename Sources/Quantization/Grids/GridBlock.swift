/// A super-block that is to be written: its points, signs and codes.
struct GridBlock {
    let tile: Tile
    let view: GridView
    let columnLength: Int
    let groupLength: Int
    let levelCount: Int
    /// The level of the magnitude of a decoder's value.
    let level: (Float) -> Int

    /// The number of the point of a group of elements.
    func point(_ group: Int) -> Int {
        var key = 0
        for index in (0..<groupLength).reversed() {
            key = key * levelCount + level(value(group * groupLength + index).magnitude)
        }
        // Every group was rounded to the grid.
        return max(view.entry(UInt32(key)), 0)
    }

    /// The signs of eight elements, the first in the lowest bit, set for those below zero.
    func signs(_ eight: Int) -> UInt8 {
        (0..<8).reduce(0) { $0 | (value(eight * 8 + $1) < 0 ? 1 : 0) << UInt8($1) }
    }

    /// The code of a column's scale.
    func code(_ column: Int) -> UInt8 { UInt8(tile.scaleCodes.scalar(column / 8, lane: column % 8)) }

    /// The super-block's scale.
    var scale: Float { tile.blockScale[0][0] }

    private func value(_ element: Int) -> Float {
        let (column, index) = (element / columnLength, element % columnLength)
        return tile.levels.scalar(column / 8 * columnLength + index, lane: column % 8)
    }
}

/// A super-block that was read.
struct GridBlockReading {
    /// The number of the point of each group.
    var points: [Int] = []
    /// The signs of every eight elements, the first in the lowest bit.
    var signs: [UInt8] = []
    /// The code of each column's scale.
    var codes: [UInt8] = []

    /// The signs that seven bits stand for: those below zero are even in number.
    static func evenSigns(_ bits: UInt32) -> UInt8 {
        let low = UInt8(bits & 127)
        return low | UInt8(low.nonzeroBitCount & 1) << 7
    }

    /// Reads codes of four bits, two to a byte.
    mutating func readCodes(_ bytes: Span<UInt8>, at offset: Int, count: Int) {
        for column in 0..<count { codes.append(bytes[offset + column / 2] >> UInt8(column % 2 * 4) & 0xF) }
    }
}

extension GridBlock {
    /// Appends codes of four bits, two to a byte.
    func appendCodes(_ count: Int, to bytes: inout BlockBytes) {
        for column in stride(from: 0, to: count, by: 2) { bytes.append(code(column) | code(column + 1) << 4) }
    }
}
