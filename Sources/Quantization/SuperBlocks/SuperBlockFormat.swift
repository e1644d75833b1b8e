/// A format whose blocks of 256 elements hold the scales of their columns as integers, and one scale for these.
///
/// A column is rounded again with the scale that a decoder will see for it.
protocol SuperBlockFormat: BlockFormat {}

extension SuperBlockFormat {
    static var blockElements: Int { 256 }
    static var groups: Int { 32 / columnLength }
    static var meanSquareScope: MeanSquareScope { .block }

    /// The scale of the largest magnitude among the columns, the first of several, or zero.
    @inline(__always)
    static func largest(_ scales: Lanes) -> Float {
        var largest: Float = 0
        for column in 0..<blockColumns {
            let scale = scales[column / 8][column % 8]
            if scale.magnitude > largest.magnitude { largest = scale }
        }
        return largest
    }

    /// Sums the search's weights of each column into one vector per column, whose first two lanes are the scales' and the minima's
    /// weight in the search for the super-block's own scales; puts the scales and minima beside them.
    ///
    /// The search may use `searchWeights` for its levels, which are summed by then.
    ///
    /// - Parameters:
    ///   - tile: The tile.
    ///   - minima: Per group, the columns' minima, or nil.
    /// - Returns: The columns' scales and minima, and their weights.
    @inline(__always)
    static func superRow(_ tile: Tile, minima: Lanes?) -> (row: Lanes, weights: Lanes) {
        // The search of the columns is over, and its scratch is free.
        let row = tile.scratch
        let weights = tile.scratch.dropFirst(blockColumns)
        for group in 0..<groups {
            var sum = EightFloats.zero
            for index in 0..<columnLength { sum += tile.searchWeights[group * columnLength + index] }
            for lane in 0..<EightFloats.laneCount {
                let minimum = minima.map { $0[group][lane] } ?? 0
                let column = group * EightFloats.laneCount + lane
                row[column] = EightFloats(low: FourFloats(tile.scales[group][lane], minimum, 0, 0))
                weights[column] = EightFloats(low: FourFloats(sum[lane], sum[lane], 0, 0))
            }
        }
        return (row, weights)
    }

    /// Rounds the elements again with the scales that a decoder will see; where such a scale is zero, levels stay as they are.
    ///
    /// - Parameters:
    ///   - tile: The tile.
    ///   - lower: The lowest level, less `zeroPoint`.
    ///   - upper: The highest level, less `zeroPoint`.
    @inline(__always)
    static func roundAgain(_ tile: Tile, _ lower: Float, _ upper: Float) {
        updateScales(tile)
        for group in 0..<groups {
            let scale = tile.scales[group]
            let isUsed = scale .!= 0
            for index in (group * columnLength)..<((group + 1) * columnLength) {
                let element = hasOffset ? tile.row[index] - tile.offsets[group] : tile.row[index]
                let level = (element / scale).nearestInteger.clamped(lower, upper) + zeroPoint
                tile.levels[index].replace(with: level, where: isUsed)
            }
        }
    }
}
