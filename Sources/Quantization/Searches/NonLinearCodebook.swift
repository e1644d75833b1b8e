/// The sixteen values that `IQ4_NL` and `IQ4_XS` choose from, and the search for the scale of columns of them.
///
/// Source of the values: `kvalues_iq4nl` in ggml's `ggml-common.h`.
enum NonLinearCodebook {
    /// The values, in the order of their codes.
    static let values: [Float] = [
        -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
    ]

    /// The lowest value.
    private static let lowest: Float = -127

    /// The nearest value, the upper one of two, of each half of an integer and what lies above it up to the next.
    ///
    /// The middles between the values are halves of integers, so this holds for everything in between. Entry 0 is −128.
    private static let nearestOfHalves: [Float] = (0..<512).map { entry in
        let value = Float(entry - 256) / 2
        return zip(values, values.dropFirst()).reduce(lowest) { value >= ($1.0 + $1.1) / 2 ? $1.1 : $0 }
    }

    /// The code of each integer from the lowest value on, 0 for those that are no value.
    private static let codes: [UInt8] = (0...240).map { entry in
        UInt8(values.firstIndex(of: Float(entry) + lowest) ?? 0)
    }

    /// The code of a value of the codebook.
    static func code(of value: Float) -> UInt8 { codes[Int(value - lowest)] }

    /// Rounds to the codebook.
    @safe
    struct Rounding {
        private let table: UnsafeBufferPointer<Float>

        @inline(__always)
        fileprivate init(_ table: UnsafeBufferPointer<Float>) {
            unsafe self.table = table
        }

        /// The nearest values of the codebook, the upper one of two.
        @inline(__always)
        func callAsFunction(_ value: EightFloats) -> EightFloats {
            EightFloats(low: four(value.low), high: four(value.high))
        }

        @inline(__always)
        private func four(_ value: FourFloats) -> FourFloats {
            // The floor is at most ±256 and the sum has no fraction, so its last nine bits count the table's 512 entries.
            let sum = (value + value).clamped(-256, 255).floor + (12_582_912 + 256)
            let entry = sum.bits & 511
            return unsafe FourFloats(
                table[Int(entry[0])],
                table[Int(entry[1])],
                table[Int(entry[2])],
                table[Int(entry[3])]
            )
        }
    }

    /// Runs the body with what rounds to the codebook.
    @inline(__always)
    static func withRounding<Result>(_ body: (Rounding) -> Result) -> Result {
        unsafe nearestOfHalves.withUnsafeBufferPointer { unsafe body(Rounding($0)) }
    }

    /// Fifteen scales around the one at which the largest element takes the lowest value are tried, and the one is kept whose
    /// least-squares scale leaves the least error, as in ggml's `quantize_row_iq4_nl_impl`.
    ///
    /// - Parameters:
    ///   - row: The elements of the columns.
    ///   - weights: The weight of each squared error.
    ///   - count: The number of elements in a column.
    ///   - nearest: What rounds to the codebook.
    /// - Returns: The scales, zero for columns that count as zero.
    @inline(__always)
    static func searchScale(_ row: Lanes, weights: Lanes, count: Int, _ nearest: Rounding) -> EightFloats {
        let largest = ScaleSearch.largest(of: row, count: count)
        let isZero = largest.magnitude .< ScaleSearch.negligible
        var scale = EightFloats.zero
        var best = EightFloats.zero
        for trial in -8...7 {
            // The first trial is at the scale with the highest multiple, the others go from -7 to 7.
            let inverse =
                trial == -8
                ? EightFloats(repeating: 1) / (-largest / lowest)
                : EightFloats(repeating: Float(trial) + lowest) / largest
            var product = EightFloats.zero
            var square = EightFloats.zero
            for index in 0..<count {
                let value = nearest(inverse * row[index])
                let weighted = weights[index] * value
                product += weighted * row[index]
                square += weighted * value
            }
            let newScale = (product / square).replacing(with: 0, where: .!(square .> 0))
            let isBetter =
                trial == -8
                ? EightMask(repeating: true) : (square .> 0) .& (product * product .> best * square)
            scale.replace(with: newScale, where: isBetter)
            best.replace(with: newScale * product, where: isBetter)
        }
        return scale.replacing(with: 0, where: isZero)
    }
}
