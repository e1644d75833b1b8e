/// Searches for the scale and the minimum of columns: `x ≈ scale · l + minimum` with integers `l` from 0 to limit.
enum RangeSearch {
    /// Which scales are tried, and what their error is.
    struct Trials {
        /// The first trial's number of steps that the range of a column is divided into, less the largest level.
        let first: Float
        /// How much each further trial adds to it.
        let step: Float
        /// The number of trials after the first.
        let count: Int
        /// Whether the error is the sum of absolute differences instead of that of their squares.
        let isAbsolute: Bool

        /// What ggml's entry points use with an importance matrix.
        static let withImportance = Trials(first: -0.9, step: 0.05, count: 36, isAbsolute: false)
    }

    /// Tries scales at which the range of a column takes about `limit` steps.
    ///
    /// Each trial rounds the elements to levels and takes the least-squares scale and minimum for these, weighted by `weights`, and
    /// zero for a minimum that would be above it. The one with the least error is kept, and its minimum is what later trials
    /// count from. This is the method of ggml's `make_qkx2_quants` and `make_qkx3_quants`, in its order of
    /// operations; eight columns are searched at once.
    ///
    /// - Parameters:
    ///   - row: The elements of the columns.
    ///   - weights: The weight of each error.
    ///   - levels: Receives the best levels.
    ///   - scratch: Room for the levels of a trial.
    ///   - count: The number of elements in a column.
    ///   - limit: The largest level.
    ///   - trials: The scales to try.
    /// - Returns: The scales and the minima, which are zero or below.
    @inline(__always)
    static func search(
        _ row: Lanes,
        weights: Lanes,
        levels: Lanes,
        scratch: Lanes,
        count: Int,
        limit: Float,
        trials: Trials
    ) -> (scale: EightFloats, minimum: EightFloats) {
        guard !WideVectors.areThere else {
            return WideVectors.range(
                row,
                weights: weights,
                levels: levels,
                scratch: scratch,
                count: count,
                limit: limit,
                trials: trials
            )
        }
        return searchByFours(
            row,
            weights: weights,
            levels: levels,
            scratch: scratch,
            count: count,
            limit: limit,
            trials: trials
        )
    }

    /// The same with vectors of four.
    static func searchByFours(
        _ row: Lanes,
        weights: Lanes,
        levels: Lanes,
        scratch: Lanes,
        count: Int,
        limit: Float,
        trials: Trials
    ) -> (scale: EightFloats, minimum: EightFloats) {
        var minimum = row[0]
        var maximum = row[0]
        var weightSum = weights[0]
        var elementSum = weightSum * row[0]
        for index in 1..<count {
            let element = row[index]
            minimum = element.orSmaller(minimum)
            maximum = element.orLarger(maximum)
            weightSum += weights[index]
            elementSum += weights[index] * element
        }
        minimum.replace(with: 0, where: minimum .> 0)
        let isFlat = maximum .<= minimum
        let first = minimum
        let firstInverse = limit / (maximum - minimum)
        var bestInverse = firstInverse
        var bestOrigin = minimum
        var scale = EightFloats(repeating: 1) / firstInverse
        var best = EightFloats.zero
        for index in 0..<count {
            let level = (firstInverse * (row[index] - minimum)).nearestInteger.clamped(0, limit)
            let difference = scale * level + minimum - row[index]
            best += weights[index] * (trials.isAbsolute ? difference.magnitude : difference * difference)
        }

        for trial in 0...trials.count {
            let inverse = (trials.first + trials.step * Float(trial) + limit) / (maximum - minimum)
            var levelSum = EightFloats.zero
            var squareSum = EightFloats.zero
            var productSum = EightFloats.zero
            for index in 0..<count {
                let element = row[index]
                let level = (inverse * (element - minimum)).nearestInteger.clamped(0, limit)
                scratch[index] = level
                let weighted = weights[index] * level
                levelSum += weighted
                squareSum += weighted * level
                productSum += weighted * element
            }
            let determinant = weightSum * squareSum - levelSum * levelSum
            let isSolvable = determinant .> 0
            guard isSolvable.isAnySet else { continue }
            var newScale = (weightSum * productSum - elementSum * levelSum) / determinant
            var newMinimum = (squareSum * elementSum - levelSum * productSum) / determinant
            let isAbove = newMinimum .> 0
            newScale.replace(with: productSum / squareSum, where: isAbove)
            newMinimum.replace(with: 0, where: isAbove)
            var error = EightFloats.zero
            for index in 0..<count {
                let difference = newScale * scratch[index] + newMinimum - row[index]
                error += weights[index] * (trials.isAbsolute ? difference.magnitude : difference * difference)
            }
            let isBetter = isSolvable .& (error .< best)
            guard isBetter.isAnySet else { continue }
            best.replace(with: error, where: isBetter)
            bestInverse.replace(with: inverse, where: isBetter)
            bestOrigin.replace(with: minimum, where: isBetter)
            scale.replace(with: newScale, where: isBetter)
            minimum.replace(with: newMinimum, where: isBetter)
        }

        for index in 0..<count {
            let level = (bestInverse * (row[index] - bestOrigin)).nearestInteger.clamped(0, limit)
            levels[index] = level.replacing(with: 0, where: isFlat)
        }
        return (scale.replacing(with: 0, where: isFlat), minimum.replacing(with: first, where: isFlat))
    }
}
