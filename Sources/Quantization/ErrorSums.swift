/// Sums of squared errors, in the lanes of two vectors.
struct ErrorSums {
    private var low = SIMD4<Double>.zero
    private var high = SIMD4<Double>.zero
    private var weightedLow = SIMD4<Double>.zero
    private var weightedHigh = SIMD4<Double>.zero

    /// Adds the errors of eight elements.
    @inline(__always)
    mutating func add(_ row: EightFloats, _ cast: EightFloats, weights: EightFloats?) {
        let lowError = SIMD4<Double>(row.low) - SIMD4<Double>(cast.low)
        let highError = SIMD4<Double>(row.high) - SIMD4<Double>(cast.high)
        low += lowError * lowError
        high += highError * highError
        if let weights {
            weightedLow += lowError * lowError * SIMD4<Double>(weights.low)
            weightedHigh += highError * highError * SIMD4<Double>(weights.high)
        }
    }

    /// The sums; those with weights are the same as those without where there are none.
    @inline(__always)
    func errors(hasWeights: Bool) -> SquaredErrors {
        let plain = Self.total(low + high)
        return SquaredErrors(
            plain: plain,
            weighted: hasWeights ? Self.total(weightedLow + weightedHigh) : plain
        )
    }

    @inline(__always)
    private static func total(_ sum: SIMD4<Double>) -> Double { (sum[0] + sum[1]) + (sum[2] + sum[3]) }
}
