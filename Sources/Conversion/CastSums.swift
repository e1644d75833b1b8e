import Quantization

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
        let quantized = cast.span
        let squares = CastSquares(row, quantized, importance: importance)
        var sums = CastSums(
            signal: squares.signals.sum(),
            error: squares.errors.sum(),
            weightedSignal: squares.weightedSignals.sum(),
            weightedError: squares.weightedErrors.sum()
        )
        var index = row.count / 4 * 4
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
