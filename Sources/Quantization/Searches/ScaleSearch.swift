/// Searches for the scale of columns without a minimum: `x ≈ scale · l` with integers `l` from −limit to limit − 1.
///
/// Every function works on eight columns at once, one per lane, and does the arithmetic of ggml's reference encoder in its order,
/// so the results are the same to the bit as those of ggml compiled without fused multiplications.
enum ScaleSearch {
    /// The largest magnitude below which ggml's encoders take a column for zero.
    static let negligible: Float = 1e-15

    /// The element of the largest magnitude of each column, the first of several.
    @inline(__always)
    static func largest(of row: Lanes, count: Int) -> EightFloats {
        var largest = row[0]
        for index in 1..<count {
            let element = row[index]
            largest.replace(with: element, where: element.magnitude .> largest.magnitude)
        }
        return largest
    }

    /// Tries 19 scales around the one at which the largest element takes the level −limit.
    ///
    /// Each trial rounds the elements to levels and takes the least-squares scale for these, `Σ w·x·l / Σ w·l²`, weighted by
    /// `searchWeights`; the trial with the largest `(Σ w·x·l)² / Σ w·l²` leaves the least error. This is the method of ggml's
    /// `make_qx_quants` with `rmse_type` 1.
    ///
    /// - Parameters:
    ///   - row: The elements of the columns.
    ///   - weights: The weight of each squared error.
    ///   - levels: Receives the best levels plus `limit`, or zeros for a column that is zero.
    ///   - count: The number of elements in a column.
    ///   - limit: One more than the largest level.
    /// - Returns: The scales.
    @inline(__always)
    static func symmetric(
        _ row: Lanes,
        weights: Lanes,
        levels: Lanes,
        count: Int,
        limit: Float
    ) -> EightFloats {
        guard !WideVectors.areThere else {
            return WideVectors.symmetric(row, weights: weights, levels: levels, count: count, limit: limit)
        }
        return symmetricByFours(row, weights: weights, levels: levels, count: count, limit: limit)
    }

    /// The same with vectors of four.
    static func symmetricByFours(
        _ row: Lanes,
        weights: Lanes,
        levels: Lanes,
        count: Int,
        limit: Float
    ) -> EightFloats {
        let largest = largest(of: row, count: count)
        let isZero = largest.magnitude .< negligible
        var bestInverse = -limit / largest
        var (product, square) = sums(row, weights, count: count, limit: limit, inverse: bestInverse)
        var scale = (product / square).replacing(with: 0, where: square .== 0)
        var best = scale * product
        for step in -9...9 where step != 0 {
            let inverse = EightFloats(repeating: -(limit + 0.1 * Float(step))) / largest
            (product, square) = sums(row, weights, count: count, limit: limit, inverse: inverse)
            let isBetter = (square .> 0) .& (product * product .> best * square)
            guard isBetter.isAnySet else { continue }
            let newScale = product / square
            scale.replace(with: newScale, where: isBetter)
            best.replace(with: newScale * product, where: isBetter)
            bestInverse.replace(with: inverse, where: isBetter)
        }
        for index in 0..<count {
            let level = limit + (bestInverse * row[index]).nearestInteger.clamped(-limit, limit - 1)
            levels[index] = level.replacing(with: 0, where: isZero)
        }
        return scale.replacing(with: 0, where: isZero)
    }

    /// `Σ w·x·l` and `Σ w·l²`, where `l` are the elements divided by a scale and rounded.
    @inline(__always)
    private static func sums(
        _ row: Lanes,
        _ weights: Lanes,
        count: Int,
        limit: Float,
        inverse: EightFloats
    ) -> (product: EightFloats, square: EightFloats) {
        var product = EightFloats.zero
        var square = EightFloats.zero
        for index in 0..<count {
            let element = row[index]
            let weight = weights[index]
            let level = (inverse * element).nearestInteger.clamped(-limit, limit - 1)
            product += weight * element * level
            square += weight * level * level
        }
        return (product, square)
    }

    /// The search of ``symmetric(_:weights:levels:count:limit:)`` for a single column, in the first lane, whose elements may be anything.
    ///
    /// The lanes hold eight scales that are tried, in place of eight columns.
    ///
    /// - Parameters:
    ///   - row: The elements of the column, in the first lane.
    ///   - weights: The weight of each squared error, in the first lane.
    ///   - levels: Receives the best levels plus `limit` in the first lane, or zeros if the column is zero.
    ///   - count: The number of elements in the column.
    ///   - limit: One more than the largest level.
    /// - Returns: The scale.
    @inline(__always)
    static func symmetricColumn(
        _ row: Lanes,
        weights: Lanes,
        levels: Lanes,
        count: Int,
        limit: Float
    ) -> Float {
        guard !WideVectors.areThere else {
            return WideVectors.symmetricColumn(
                row,
                weights: weights,
                levels: levels,
                count: count,
                limit: limit
            )
        }
        return symmetricColumnByFours(row, weights: weights, levels: levels, count: count, limit: limit)
    }

    /// The same with vectors of four.
    static func symmetricColumnByFours(
        _ row: Lanes,
        weights: Lanes,
        levels: Lanes,
        count: Int,
        limit: Float
    ) -> Float {
        let largest = largest(of: row, count: count)[0]
        guard !(largest.magnitude < negligible) else {
            for index in 0..<count { levels[index] = .zero }
            return 0
        }
        var bestInverse: Float = 0
        var (scale, best): (Float, Float) = (0, 0)
        // The trial without a step comes first, and then those with steps from −9 to −1 and from 1 to 9.
        for first in stride(from: 0, to: 19, by: EightFloats.laneCount) {
            var inverses = EightFloats.zero
            for lane in 0..<EightFloats.laneCount {
                let trial = first + lane
                let step = trial == 0 ? 0 : trial < 10 ? trial - 10 : trial - 9
                inverses[lane] = -(limit + 0.1 * Float(step)) / largest
            }
            var product = EightFloats.zero
            var square = EightFloats.zero
            for index in 0..<count {
                let element = row[index][0]
                let weight = weights[index][0]
                let level = (inverses * element).nearestInteger.clamped(-limit, limit - 1)
                product += weight * element * level
                square += weight * level * level
            }
            for lane in 0..<min(EightFloats.laneCount, 19 - first) {
                let (product, square) = (product[lane], square[lane])
                let isFirst = first + lane == 0
                guard isFirst || (square > 0 && product * product > best * square) else { continue }
                scale = isFirst && square == 0 ? 0 : product / square
                best = scale * product
                bestInverse = inverses[lane]
            }
        }
        for index in 0..<count {
            levels[index] = limit + (bestInverse * row[index]).nearestInteger.clamped(-limit, limit - 1)
        }
        return scale
    }

    /// Rounds the elements at the scale that gives the largest one the level −limit, then improves single levels.
    ///
    /// This is the method of ggml's `make_q3_quants` with `do_rmse`.
    ///
    /// - Parameters:
    ///   - row: The elements of the columns.
    ///   - weights: The weight of each squared error.
    ///   - levels: Receives the levels plus `limit`, or zeros for a column that is zero.
    ///   - count: The number of elements in a column.
    ///   - limit: One more than the largest level.
    /// - Returns: The scales.
    @inline(__always)
    static func descent(
        _ row: Lanes,
        weights: Lanes,
        levels: Lanes,
        count: Int,
        limit: Float
    ) -> EightFloats {
        let largest = largest(of: row, count: count)
        let isZero = largest.magnitude .< negligible
        let inverse = -limit / largest
        for index in 0..<count {
            levels[index] = (inverse * row[index]).nearestInteger.clamped(-limit, limit - 1)
        }
        let range = Range(lower: -limit, upper: limit - 1, needsRest: false)
        let scale = improve(levels, of: row, weights: weights, count: count, range: range, isZero: isZero)
        for index in 0..<count {
            levels[index] = (levels[index] + limit).replacing(with: 0, where: isZero)
        }
        return scale
    }

    /// The scale of columns whose elements are not negative, with levels from 0 to `limit`.
    ///
    /// Nine scales are tried, each with its own error, then single elements are moved to other levels while that lowers the error
    /// of the least-squares scale. This is the method of ggml's `make_qp_quants`. There, elements may be negative after all, and
    /// a level of such a one is that of a byte without a sign in some places and not in others.
    ///
    /// - Parameters:
    ///   - row: The elements of the columns.
    ///   - weights: The weight of each squared error.
    ///   - levels: Receives the levels.
    ///   - count: The number of elements in a column.
    ///   - limit: The largest level.
    ///   - mayBeNegative: Whether elements may be negative; the levels are of no use then.
    /// - Returns: The scales.
    @inline(__always)
    static func positive(
        _ row: Lanes,
        weights: Lanes,
        levels: Lanes,
        count: Int,
        limit: Float,
        mayBeNegative: Bool = false
    ) -> EightFloats {
        let range = Range(
            lower: mayBeNegative ? -4_194_304 : 0,
            upper: limit,
            needsRest: true,
            wrapsStored: mayBeNegative
        )
        var largest = EightFloats.zero
        for index in 0..<count { largest = row[index].orLarger(largest) }
        let isZero = largest .< negligible
        var bestInverse = limit / largest
        var best = error(row, weights, count: count, range: range, inverse: bestInverse, isStored: true)
        for step in -4...4 where step != 0 {
            let inverse = EightFloats(repeating: 0.1 * Float(step) + limit) / largest
            let candidate = error(row, weights, count: count, range: range, inverse: inverse, isStored: false)
            let isBetter = candidate .< best
            best.replace(with: candidate, where: isBetter)
            bestInverse.replace(with: inverse, where: isBetter)
        }
        for index in 0..<count {
            levels[index] = (bestInverse * row[index]).nearestInteger.clamped(range.lower, limit)
        }
        let scale = improve(levels, of: row, weights: weights, count: count, range: range, isZero: isZero)
        for index in 0..<count { levels[index] = levels[index].replacing(with: 0, where: isZero) }
        return scale
    }

    /// The levels that ``improve(_:of:weights:count:range:isZero:)`` may choose.
    private struct Range {
        let lower: Float
        let upper: Float
        /// Whether an element is left alone if all others have the level zero.
        let needsRest: Bool
        /// Whether a level below zero is stored as that of a byte without a sign.
        var wrapsStored = false

        /// What is stored of levels.
        @inline(__always)
        func stored(_ level: EightFloats) -> EightFloats {
            wrapsStored ? level - (level * (1 / 256)).floor * 256 : level
        }
    }

    /// Moves single elements to other levels as long as that lowers the error of the least-squares scale, in five passes at most.
    ///
    /// - Parameters:
    ///   - levels: The levels to improve.
    ///   - row: The elements of the columns.
    ///   - weights: The weight of each squared error.
    ///   - count: The number of elements in a column.
    ///   - range: The levels to choose from.
    ///   - isZero: The columns to leave alone.
    /// - Returns: The scales, zero for columns that are left alone.
    @inline(__always)
    private static func improve(
        _ levels: Lanes,
        of row: Lanes,
        weights: Lanes,
        count: Int,
        range: Range,
        isZero: EightMask
    ) -> EightFloats {
        var product = EightFloats.zero
        var square = EightFloats.zero
        for index in 0..<count {
            product += weights[index] * row[index] * levels[index]
            square += weights[index] * levels[index] * levels[index]
            levels[index] = range.stored(levels[index])
        }
        // A column that a pass does not change is left alone from then on, as its own loop would end.
        var isActive = .!isZero
        for _ in 0..<5 where isActive.isAnySet {
            var hasChanged = EightMask(repeating: false)
            for index in 0..<count {
                let element = row[index]
                let level = levels[index]
                let weight = weights[index]
                let restProduct = product - weight * element * level
                let restSquare = square - weight * level * level
                let newLevel = (element * restSquare / restProduct).nearestInteger
                    .clamped(range.lower, range.upper)
                let newProduct = restProduct + weight * element * newLevel
                let newSquare = restSquare + weight * newLevel * newLevel
                let isBetter =
                    isActive .& (restProduct .> 0) .& (newLevel .!= level)
                    .& ((range.needsRest ? restSquare : newSquare) .> 0)
                    .& (newProduct * newProduct * square .> product * product * newSquare)
                levels[index] = level.replacing(with: range.stored(newLevel), where: isBetter)
                product.replace(with: newProduct, where: isBetter)
                square.replace(with: newSquare, where: isBetter)
                hasChanged .|= isBetter
            }
            isActive .&= hasChanged
        }
        return (product / square).replacing(with: 0, where: .!(square .> 0) .| isZero)
    }

    /// `Σ w·(x − l/inverse)²` with the elements rounded to levels.
    @inline(__always)
    private static func error(
        _ row: Lanes,
        _ weights: Lanes,
        count: Int,
        range: Range,
        inverse: EightFloats,
        isStored: Bool
    ) -> EightFloats {
        let scale = EightFloats(repeating: 1) / inverse
        var error = EightFloats.zero
        for index in 0..<count {
            let element = row[index]
            var level = (inverse * element).nearestInteger.clamped(range.lower, range.upper)
            if isStored { level = range.stored(level) }
            let difference = element - scale * level
            error += weights[index] * difference * difference
        }
        return error
    }
}
