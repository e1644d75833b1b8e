import Quantization
import Tensors

/// What is measured of a piece of a tensor's rows.
enum RowMeasurement {
    /// The largest magnitude of the weights that are finite.
    static func peak(of piece: ArraySlice<Int>, from reader: RowReader) throws(EstimationError) -> Float {
        var peak: Float = 0
        try reader.forEachRow(in: piece) { _, values throws(EstimationError) in
            for index in values.indices where values[index].isFinite {
                peak = max(peak, abs(values[index]))
            }
        }
        return peak
    }

    /// What casting the rows to every format changes, and what they are without.
    ///
    /// - Throws: ``EstimationError/weights(tensor:row:problem:)`` for weights that are not finite, and
    ///   ``EstimationError/checkpoint(_:)``.
    static func moments(
        of piece: ArraySlice<Int>,
        from reader: RowReader
    ) throws(EstimationError) -> ErrorMoments {
        let work = reader.work
        var moments = ErrorMoments(formatCount: work.formats.count)
        let fitting = work.formats.indices.filter { work.isCast(to: work.formats[$0]) }
        try reader.forEachRow(in: piece) { row, values throws(EstimationError) in
            switch (work.importance, work.weights) {
            case (let importance?, let weights?):
                let importance = importance.span.extracting(work.range(of: importance, forRow: row))
                let weights = weights.span.extracting(work.range(of: weights, forRow: row))
                try add(values, importance, weights, row: row, of: work, fitting, to: &moments)
            case (nil, let weights?):
                let weights = weights.span.extracting(work.range(of: weights, forRow: row))
                try add(values, nil, weights, row: row, of: work, fitting, to: &moments)
            case (let importance?, nil):
                let importance = importance.span.extracting(work.range(of: importance, forRow: row))
                try add(values, importance, nil, row: row, of: work, fitting, to: &moments)
            case (nil, nil):
                try add(values, nil, nil, row: row, of: work, fitting, to: &moments)
            }
        }
        return moments
    }

    /// Adds what a row's weights make of signal and errors.
    private static func add(
        _ row: Span<Float>,
        _ importance: Span<Float>?,
        _ weights: Span<Float>?,
        row number: Int,
        of work: TensorWork,
        _ fitting: [Int],
        to moments: inout ErrorMoments
    ) throws(EstimationError) {
        try addSignal(of: row, weights, row: number, of: work, to: &moments)
        for index in fitting {
            let errors: SquaredErrors
            do throws(QuantizationError) {
                errors = try work.codecs[index].squaredErrors(
                    of: row,
                    importance: importance,
                    weights: weights
                )
            } catch {
                throw .weights(tensor: work.tensor.name, row: number, problem: "\(error)")
            }
            moments.plain.add(error: errors.plain, format: index)
            // Infinite errors stay so, even in a row that counts nothing.
            if weights != nil {
                let error =
                    errors.weighted.isFinite ? work.factor(ofRow: number) * errors.weighted : .infinity
                moments.weighted.add(error: error, format: index)
            }
        }
    }

    /// Adds the squares of a row's weights, which have to be finite.
    private static func addSignal(
        of row: Span<Float>,
        _ weights: Span<Float>?,
        row number: Int,
        of work: TensorWork,
        to moments: inout ErrorMoments
    ) throws(EstimationError) {
        var signal = 0.0
        var weightedSignal = 0.0
        for column in row.indices {
            guard row[column].isFinite else {
                throw .weights(
                    tensor: work.tensor.name,
                    row: number,
                    problem: "the weight in column \(column) is \(row[column])"
                )
            }
            let value = Double(row[column])
            signal += value * value
            if let weights { weightedSignal += Double(weights[column]) * value * value }
        }
        moments.plain.add(signal: signal)
        if weights != nil { moments.weighted.add(signal: work.factor(ofRow: number) * weightedSignal) }
    }
}
