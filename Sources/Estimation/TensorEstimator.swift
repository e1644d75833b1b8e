public import Checkpoints
import Dispatch
import Quantization
import Sensitivity
import Synchronization
import Tensors

/// Measures what casting a model's tensors does to their outputs.
///
/// Casting a weight matrix W to Q changes the output y = W·x by (W − Q)·x. With inputs that are not correlated the mean
/// square of that is `Σ_j E[x_j²]·(w_ij − q_ij)²` for the output's element i. The sum over all elements is taken here, for
/// every format in one pass over the weights, once with the mean squares that an importance matrix has and once with 1 in
/// their place. The encoders are given the importance either way.
public struct TensorEstimator: Sendable {
    /// The model.
    public let model: Model
    /// What is measured.
    public let settings: EstimateSettings

    private let weights: WeightData
    private let importance: ImportanceMatrix?
    private let codecs: [RowCodec]

    /// How much of a tensor one thread takes at a time: large enough to read well, and small enough for tensors of a few
    /// megabytes to keep every core busy.
    private static let pieceBytes = 1 << 18

    /// Prepares to measure a model.
    ///
    /// - Parameters:
    ///   - model: The model, read from files with weights.
    ///   - settings: The formats and the share of rows.
    ///   - importance: The mean squares of the inputs; without it, and for tensors it does not know, they count as 1.
    /// - Throws: ``EstimationError/checkpoint(_:)`` with the errors of `WeightData.init(of:)`, and
    ///   ``EstimationError/importanceOfOtherModel(path:)`` if the matrix knows no tensor of the model.
    public init(
        of model: Model,
        settings: EstimateSettings,
        importance: ImportanceMatrix? = nil
    ) throws(EstimationError) {
        self.model = model
        self.settings = settings
        self.importance = importance
        codecs = settings.formats.compactMap { RowCodec($0) }
        weights = try EstimationError.wrapping { () throws(CheckpointError) in try WeightData(of: model) }
        if let importance {
            let known = Set(importance.tensorNames)
            guard model.tensors.contains(where: { known.contains($0.name) }) else {
                throw .importanceOfOtherModel(path: importance.path)
            }
        }
    }

    /// The fingerprint of the model's weights, as `WeightData.sampleDigest()` gives it.
    ///
    /// - Throws: ``EstimationError/checkpoint(_:)``.
    public func weightsDigest() throws(EstimationError) -> String {
        try EstimationError.wrapping { () throws(CheckpointError) in try weights.sampleDigest() }
    }

    /// Checks that tensors can be measured: that the model is not quantized already, that they have a source type that is
    /// read, and an importance of their shape.
    ///
    /// - Parameter indices: The tensors' positions in the model.
    /// - Throws: ``EstimationError/unreadableType(tensor:type:)``, ``EstimationError/quantizedAlready(_:)``, and
    ///   ``EstimationError/checkpoint(_:)`` for an importance of another shape.
    public func check(_ indices: [Int]) throws(EstimationError) {
        try EstimationError.wrapping { () throws(CheckpointError) in
            for index in indices where !model.tensors[index].isFilter {
                try importance?.check(model.tensors[index])
            }
        }
        if let packed = model.packedWeights.first { throw .quantizedAlready(packed) }
        for index in indices {
            let tensor = model.tensors[index]
            guard let type = tensor.elementType, SourceElements.formats.contains(type) else {
                throw .unreadableType(tensor: tensor.name, type: tensor.elementType?.name ?? "unknown")
            }
        }
    }

    /// Measures one tensor, pieces of it side by side on all cores; how many there are does not change the result.
    ///
    /// - Parameters:
    ///   - index: The tensor's position in the model.
    ///   - progress: Called after every piece with its bytes, from any thread; false ends the measurement.
    /// - Returns: The estimate, or nil if `progress` ended it.
    /// - Throws: ``EstimationError/unreadableType(tensor:type:)``, ``EstimationError/weights(tensor:row:problem:)`` for
    ///   weights that are not finite, and ``EstimationError/checkpoint(_:)``.
    public func estimate(
        _ index: Int,
        progress: @Sendable (Int) -> Bool = { _ in true }
    ) throws(EstimationError) -> TensorEstimate? {
        let tensor = model.tensors[index]
        guard let type = tensor.elementType, SourceElements.formats.contains(type) else {
            throw .unreadableType(tensor: tensor.name, type: tensor.elementType?.name ?? "unknown")
        }
        // An importance matrix has no rows for filters.
        let meanSquares = try EstimationError.wrapping { () throws(CheckpointError) in
            try tensor.isFilter ? nil : importance?.meanSquares(of: tensor)
        }
        let work = Work(tensor, index: index, type: type, meanSquares: meanSquares)
        let rows = RowSample.rows(
            of: work.rowCount,
            share: settings.rowShare,
            seed: settings.seed,
            tensor: index
        )
        let pieces = RowSample.pieces(of: rows, rowBytes: work.rowBytes, pieceBytes: Self.pieceBytes)
        guard let moments = try measure(pieces, of: work, progress) else { return nil }
        return TensorEstimate(
            tensor: tensor.name,
            rowCount: work.rowCount,
            measuredRows: rows.count,
            plain: errors(moments.plain, of: work),
            weighted: meanSquares.map { _ in errors(moments.weighted, of: work) }
        )
    }

    /// The sums over all rows, from those that were measured.
    private func errors(_ moments: NormMoments, of work: Work) -> OutputErrors {
        OutputErrors(
            signal: EstimatedSum(moments.signal, of: work.rowCount),
            errors: codecs.indices.map { format in
                codecs[format].format.fits(work.tensor) ? moments.error(format, of: work.rowCount) : nil
            }
        )
    }

    /// One tensor as it is measured.
    private struct Work {
        let tensor: TensorInfo
        let index: Int
        let type: QuantizationFormat
        let meanSquares: [Float]?
        /// The number of the output's elements.
        let rowCount: Int
        /// The number of weights that make one of them.
        let rowLength: Int

        init(_ tensor: TensorInfo, index: Int, type: QuantizationFormat, meanSquares: [Float]?) {
            self.tensor = tensor
            self.index = index
            self.type = type
            self.meanSquares = meanSquares
            rowCount = tensor.outputCount
            rowLength = tensor.elementCount / rowCount
        }

        var rowBytes: Int { rowLength * type.blockBytes }

        /// Where the mean squares of a row's inputs stand: those of its expert.
        func meanSquareRange(ofRow row: Int) -> Range<Int>? {
            guard let meanSquares else { return nil }
            let expertCount = meanSquares.count / rowLength
            let expert = row / (rowCount / expertCount)
            return expert * rowLength..<(expert + 1) * rowLength
        }
    }

    /// The moments over rows of what each row adds, by both norms.
    private struct Moments {
        var plain: NormMoments
        var weighted: NormMoments

        init(formatCount: Int) {
            plain = NormMoments(formatCount: formatCount)
            weighted = plain
        }

        mutating func merge(_ other: Moments) {
            plain.merge(other.plain)
            weighted.merge(other.weighted)
        }
    }

    /// The moments over rows of what each row adds, by one norm.
    private struct NormMoments {
        private(set) var signal = RunningMoments()
        private var errors: [RunningMoments]
        /// The formats that cannot hold a weight of some row, by which it becomes infinite or not a number.
        private var overflowing: Set<Int> = []

        init(formatCount: Int) {
            errors = Array(repeating: RunningMoments(), count: formatCount)
        }

        mutating func add(signal row: Double) {
            signal.add(row)
        }

        mutating func add(error: Double, format: Int) {
            if error.isFinite {
                errors[format].add(error)
            } else {
                overflowing.insert(format)
            }
        }

        mutating func merge(_ other: NormMoments) {
            signal.merge(other.signal)
            for index in errors.indices { errors[index].merge(other.errors[index]) }
            overflowing.formUnion(other.overflowing)
        }

        /// The sum over all rows of a format's errors.
        func error(_ index: Int, of rowCount: Int) -> EstimatedSum {
            overflowing.contains(index)
                ? EstimatedSum(value: .infinity, standardError: 0) : EstimatedSum(errors[index], of: rowCount)
        }
    }

    /// Measures the pieces side by side and merges them in order, so that the result does not depend on the timing.
    private func measure(
        _ pieces: [ArraySlice<Int>],
        of work: Work,
        _ progress: @Sendable (Int) -> Bool
    ) throws(EstimationError) -> Moments? {
        struct State {
            var results: [Moments?]
            var error: EstimationError?
            var isStopped = false
        }
        let state = Mutex(State(results: Array(repeating: nil, count: pieces.count)))
        DispatchQueue.concurrentPerform(iterations: pieces.count) { piece in
            guard state.withLock({ $0.error == nil && !$0.isStopped }) else { return }
            do throws(EstimationError) {
                let moments = try measure(pieces[piece], of: work)
                state.withLock { $0.results[piece] = moments }
                if !progress(pieces[piece].count * work.rowBytes) {
                    state.withLock { $0.isStopped = true }
                }
            } catch {
                state.withLock { $0.error = $0.error ?? error }
            }
        }
        let ended = state.withLock { $0 }
        if let error = ended.error { throw error }
        var whole = Moments(formatCount: codecs.count)
        for result in ended.results {
            // A piece is missing only after a stop; one that came after the last piece changes nothing.
            guard let result else { return nil }
            whole.merge(result)
        }
        return whole
    }

    private func measure(_ piece: ArraySlice<Int>, of work: Work) throws(EstimationError) -> Moments {
        var moments = Moments(formatCount: codecs.count)
        let fitting = codecs.indices.filter { codecs[$0].format.fits(work.tensor) }
        var values = [Float](repeating: 0, count: work.rowLength)
        for run in RowSample.runs(in: piece) {
            let bytes = try EstimationError.wrapping { () throws(CheckpointError) in
                try weights.bytes(
                    run.lowerBound * work.rowBytes..<run.upperBound * work.rowBytes,
                    ofTensor: work.index
                )
            }
            for row in run {
                let start = (row - run.lowerBound) * work.rowBytes
                var span = values.mutableSpan
                SourceElements.decode(
                    bytes.span.bytes.extracting(start..<start + work.rowBytes),
                    as: work.type,
                    into: &span
                )
                if let meanSquares = work.meanSquares, let range = work.meanSquareRange(ofRow: row) {
                    let importance = meanSquares.span.extracting(range)
                    try add(values.span, importance, row: row, of: work, fitting, to: &moments)
                } else {
                    try add(values.span, nil, row: row, of: work, fitting, to: &moments)
                }
            }
        }
        return moments
    }

    /// Adds what a row's weights make of signal and errors.
    private func add(
        _ row: Span<Float>,
        _ importance: Span<Float>?,
        row number: Int,
        of work: Work,
        _ fitting: [Int],
        to moments: inout Moments
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
            if let importance { weightedSignal += Double(importance[column]) * value * value }
        }
        moments.plain.add(signal: signal)
        if importance != nil { moments.weighted.add(signal: weightedSignal) }
        for index in fitting {
            let errors: SquaredErrors
            do throws(QuantizationError) {
                errors = try codecs[index].squaredErrors(of: row, importance: importance, weights: importance)
            } catch {
                throw .weights(tensor: work.tensor.name, row: number, problem: "\(error)")
            }
            moments.plain.add(error: errors.plain, format: index)
            if importance != nil { moments.weighted.add(error: errors.weighted, format: index) }
        }
    }
}
