/// A super-block of levels −1, 0 and 1 that is to be written: its points, shifts and codes.
struct TernaryGridBlock {
    let tile: Tile
    let view: GridView
    let columnLength: Int

    /// The number of the point of eight elements.
    func point(_ group: Int) -> Int {
        var key = 0
        for index in (0..<8).reversed() {
            // Values are 1/8 from a level.
            key = key * 3 + Int(value(8 * group + index) + 1.5)
        }
        // Every group was rounded to the grid.
        return max(view.entry(UInt32(key)), 0)
    }

    /// Whether eight elements are shifted down.
    func isShiftedDown(_ group: Int) -> Bool {
        let value = value(8 * group)
        return value < value.rounded()
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

/// A super-block of levels −1, 0 and 1 that was read.
struct TernaryGridBlockReading {
    var scale: Float = 0
    /// The number of the point of every eight elements.
    var points: [Int] = []
    /// Whether these are shifted down.
    var isShiftedDown: [Bool] = []
    /// The code of each column's scale.
    var codes: [UInt8] = []
}
