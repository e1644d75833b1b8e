/// How far a tensor's weights are from what stands for them in the file.
struct CastSums: Hashable, Sendable {
    /// `Σ w²`.
    var signal = 0.0
    /// `Σ (w − q)²`.
    var error = 0.0
    /// `Σ E[x²]·w²`, the same as ``signal`` without importance.
    var weightedSignal = 0.0
    /// `Σ E[x²]·(w − q)²`, the same as ``error`` without importance.
    var weightedError = 0.0
    /// What the error costs at the end of the model by squared gradients, 0 without them.
    var loss = 0.0

    /// Adds the sums of other weights.
    mutating func add(_ other: CastSums) {
        signal += other.signal
        error += other.error
        weightedSignal += other.weightedSignal
        weightedError += other.weightedError
        loss += other.loss
    }

    /// Adds a row: its weights, and what stands for them.
    mutating func add(_ row: Span<Float>, _ cast: [Float], importance: Span<Float>?) {
        var signals = SIMD4<Double>.zero
        var errors = SIMD4<Double>.zero
        var weightedSignals = SIMD4<Double>.zero
        var weightedErrors = SIMD4<Double>.zero
        let quantized = cast.span
        var index = 0
        while index + 4 <= row.count {
            let weights = row.fourDoubles(at: index)
            let values = quantized.fourDoubles(at: index)
            let squares = weights * weights
            let distances = (weights - values) * (weights - values)
            signals += squares
            errors += distances
            if let importance {
                let factors = importance.fourDoubles(at: index)
                weightedSignals += factors * squares
                weightedErrors += factors * distances
            }
            index += 4
        }
        var sums = CastSums(
            signal: signals.sum(),
            error: errors.sum(),
            weightedSignal: weightedSignals.sum(),
            weightedError: weightedErrors.sum()
        )
        while index < row.count {
            let weight = Double(row[index])
            let distance = weight - Double(quantized[index])
            var factor = 0.0
            if let importance { factor = Double(importance[index]) }
            sums.signal += weight * weight
            sums.error += distance * distance
            sums.weightedSignal += factor * weight * weight
            sums.weightedError += factor * distance * distance
            index += 1
        }
        if importance == nil {
            sums.weightedSignal = sums.signal
            sums.weightedError = sums.error
        }
        add(sums)
    }
}

extension Span<Float> {
    /// Four elements from one on, which are there, in 64 bits.
    @inline(__always)
    fileprivate func fourDoubles(at index: Int) -> SIMD4<Double> {
        // Every bit pattern is a vector of floats; the offset is checked.
        SIMD4<Double>(bytes.unsafeLoadUnaligned(fromByteOffset: 4 * index, as: SIMD4<Float>.self))
    }
}
