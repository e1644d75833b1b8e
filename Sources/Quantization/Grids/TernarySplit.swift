/// The best split of columns into elements below, at and above the middle of three values, as ggml's encoders of `IQ1_S` and `IQ1_M`
/// find it: the columns are sorted, and all pairs of places to split at are tried by sums up to them.
///
/// Eight columns are searched at once. Columns may be in two parts with shifts of their own.
enum TernarySplit {
    /// How far the three values −1, 0 and 1 are shifted, up or down.
    static let shift: Float = 0.125

    /// What a search found, per column.
    struct Found {
        /// The least-squares scale, which may be negative.
        var scale: EightFloats
        /// The number of elements below the middle value.
        var first: EightFloats
        /// The number of elements not above it, −1 where nothing was found.
        var second: EightFloats
        /// Which combination of shifts is best: for one part 0 for up and 1 for down, for two parts twice that of the first and
        /// that of the second.
        var shifts: EightFloats
    }

    /// Sorts columns, the elements that are the same by their positions, with a network that is the same for all columns.
    ///
    /// - Parameters:
    ///   - count: The number of elements in a column, a power of two.
    ///   - row: The elements, which are sorted.
    ///   - weights: Their weights, which are moved with them.
    ///   - order: Receives the position of each element.
    @inline(__always)
    static func sort(_ count: Int, row: Lanes, weights: Lanes, order: Lanes) {
        for index in 0..<count { order[index] = EightFloats(repeating: Float(index)) }
        // Batcher's odd-even merge sort.
        var run = 1
        while run < count {
            var distance = run
            while distance > 0 {
                for start in stride(from: distance % run, to: count - distance, by: 2 * distance) {
                    for index in start..<min(start + distance, count - distance)
                    where index / (2 * run) == (index + distance) / (2 * run) {
                        exchange(index, index + distance, row, weights, order)
                    }
                }
                distance /= 2
            }
            run *= 2
        }
    }

    @inline(__always)
    private static func exchange(_ low: Int, _ high: Int, _ row: Lanes, _ weights: Lanes, _ order: Lanes) {
        let (left, right) = (row[low], row[high])
        let isWrong = (left .> right) .| ((left .== right) .& (order[low] .> order[high]))
        guard isWrong.isAnySet else { return }
        for run in 0..<3 {
            let lanes = run == 0 ? row : run == 1 ? weights : order
            let (left, right) = (lanes[low], lanes[high])
            lanes[low] = left.replacing(with: right, where: isWrong)
            lanes[high] = right.replacing(with: left, where: isWrong)
        }
    }

    /// Searches sorted columns for the split and the shift of the whole column.
    ///
    /// - Parameters:
    ///   - count: The number of elements in a column.
    ///   - products: The sums of `w·x` up to each element, itself included.
    ///   - weights: The sums of `w`.
    /// - Returns: What was found.
    @inline(__always)
    static func search(_ count: Int, products: Lanes, weights: Lanes) -> Found {
        let (low, middle, high) = (-1 + shift, shift, 1 + shift)
        var best = EightFloats(repeating: -.greatestFiniteMagnitude)
        var found = Found(scale: .zero, first: .zero, second: EightFloats(repeating: -1), shifts: .zero)
        let (allProducts, allWeights) = (products[count - 1], weights[count - 1])
        for first in 0...count {
            let product = first == 0 ? .zero : products[first - 1]
            let weight = first == 0 ? .zero : weights[first - 1]
            // Of the elements below, with the values shifted up and down.
            let (productUp, productDown) = (product * low, product * -high)
            let (squareUp, squareDown) = (weight * low * low, weight * -high * -high)
            for second in first...count {
                let lowerProduct = second == 0 ? .zero : products[second - 1]
                let lowerWeight = second == 0 ? .zero : weights[second - 1]
                let middleProduct = (lowerProduct - product) * middle
                let middleSquare = (lowerWeight - weight) * middle * middle
                let (upperProduct, upperWeight) = (allProducts - lowerProduct, allWeights - lowerWeight)
                improve(
                    &found,
                    &best,
                    product: productUp + middleProduct + upperProduct * high,
                    square: squareUp + middleSquare + upperWeight * high * high,
                    (first, second, 0)
                )
                improve(
                    &found,
                    &best,
                    product: productDown - middleProduct + upperProduct * -low,
                    square: squareDown + middleSquare + upperWeight * -low * -low,
                    (first, second, 1)
                )
            }
        }
        return found
    }

    /// The sums of `w·x` and of `w` of each half's elements, up to each element of the sorted whole column, itself included.
    struct HalfSums {
        let products: (Lanes, Lanes)
        let weights: (Lanes, Lanes)
    }

    /// Searches sorted columns for the split of the whole column and the shifts of its two halves.
    ///
    /// - Parameters:
    ///   - count: The number of elements in a column.
    ///   - sums: The sums of each half.
    /// - Returns: What was found.
    @inline(__always)
    static func search(_ count: Int, _ sums: HalfSums) -> Found {
        let (low, middle, high) = (-1 + shift, shift, 1 + shift)
        // What elements at or below a split add to the squares, compared with all elements above both.
        let (upFirst, upSecond) = (low * low - middle * middle, middle * middle - high * high)
        let (downFirst, downSecond) = (high * high - middle * middle, middle * middle - low * low)
        var best = EightFloats(repeating: -.greatestFiniteMagnitude)
        var found = Found(scale: .zero, first: .zero, second: EightFloats(repeating: -1), shifts: .zero)

        /// A half's part of the sums for both shifts.
        struct Half {
            let products: Lanes
            let weights: Lanes
            let allUp: EightFloats
            let allDown: EightFloats
            let allUpSquare: EightFloats
            let allDownSquare: EightFloats

            @inline(__always)
            init(_ products: Lanes, _ weights: Lanes, count: Int, low: Float, high: Float) {
                self.products = products
                self.weights = weights
                allUp = products[count - 1] * high
                allDown = products[count - 1] * -low
                allUpSquare = weights[count - 1] * high * high
                allDownSquare = weights[count - 1] * -low * -low
            }
        }
        let left = Half(sums.products.0, sums.weights.0, count: count, low: low, high: high)
        let right = Half(sums.products.1, sums.weights.1, count: count, low: low, high: high)

        @inline(__always)
        func below(_ lanes: Lanes, _ place: Int) -> EightFloats { place == 0 ? .zero : lanes[place - 1] }

        for first in 0...count {
            let products = (below(left.products, first), below(right.products, first))
            let weights = (below(left.weights, first), below(right.weights, first))
            let up = (left.allUpSquare + weights.0 * upFirst, right.allUpSquare + weights.1 * upFirst)
            let down = (
                left.allDownSquare + weights.0 * downFirst, right.allDownSquare + weights.1 * downFirst
            )
            for second in first...count {
                let lower = (
                    products.0 + below(left.products, second), products.1 + below(right.products, second)
                )
                let lowerWeights = (below(left.weights, second), below(right.weights, second))
                let productUp = (left.allUp - lower.0, right.allUp - lower.1)
                let productDown = (left.allDown - lower.0, right.allDown - lower.1)
                let squareUp = (up.0 + lowerWeights.0 * upSecond, up.1 + lowerWeights.1 * upSecond)
                let squareDown = (down.0 + lowerWeights.0 * downSecond, down.1 + lowerWeights.1 * downSecond)
                let place = (first, second)
                improve(
                    &found,
                    &best,
                    product: productUp.0 + productUp.1,
                    square: squareUp.0 + squareUp.1,
                    (place.0, place.1, 0)
                )
                improve(
                    &found,
                    &best,
                    product: productUp.0 + productDown.1,
                    square: squareUp.0 + squareDown.1,
                    (place.0, place.1, 1)
                )
                improve(
                    &found,
                    &best,
                    product: productDown.0 + productUp.1,
                    square: squareDown.0 + squareUp.1,
                    (place.0, place.1, 2)
                )
                improve(
                    &found,
                    &best,
                    product: productDown.0 + productDown.1,
                    square: squareDown.0 + squareDown.1,
                    (place.0, place.1, 3)
                )
            }
        }
        return found
    }

    /// Keeps a split in the lanes where its least-squares scale leaves less error.
    @inline(__always)
    private static func improve(
        _ found: inout Found,
        _ best: inout EightFloats,
        product: EightFloats,
        square: EightFloats,
        _ place: (first: Int, second: Int, shifts: Int)
    ) {
        let isBetter = (square .> 0) .& (product * product .> best * square)
        guard isBetter.isAnySet else { return }
        let scale = product / square
        best.replace(with: scale * product, where: isBetter)
        found.scale.replace(with: scale, where: isBetter)
        found.first.replace(with: Float(place.first), where: isBetter)
        found.second.replace(with: Float(place.second), where: isBetter)
        found.shifts.replace(with: Float(place.shifts), where: isBetter)
    }
}
