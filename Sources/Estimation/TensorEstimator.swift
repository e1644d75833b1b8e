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
///
/// With squared gradients of a tensor, what the end of the model loses, `½ · Σ_ij r_i·c_j·(w_ij − q_ij)² / Σ_j c_j`, takes
/// the place of the errors by the importance matrix; see `SquaredGradients`.
public struct TensorEstimator: Sendable {
    /// The model.
    public let model: Model
    /// What is measured.
    public let settings: EstimateSettings

    private let weights: WeightData
    private let importance: EncoderImportance
    private let gradients: SquaredGradients?
    /// What inputs count, where there is an importance matrix.
    private let inputs: InputWeights?

    /// How much of a tensor one thread takes at a time: large enough to read well, and small enough for tensors of a few
    /// megabytes to keep every core busy.
    private static let pieceBytes = 1 << 18

    /// Prepares to measure a model.
    ///
    /// - Parameters:
    ///   - model: The model, read from files with weights.
    ///   - settings: The formats and the share of rows.
    ///   - importance: What the encoders take for the importance of the inputs, and what inputs count in the weighted errors.
    ///   - gradients: What makes errors losses at the end of the model, for every tensor that it has vectors for.
    /// - Throws: ``EstimationError/checkpoint(_:)`` with the errors of `WeightData.init(of:)`, and
    ///   ``EstimationError/importanceOfOtherModel(path:)`` or ``EstimationError/gradientsOfOtherModel(path:)`` if the matrix or
    ///   the gradients know no tensor of the model.
    public init(
        of model: Model,
        settings: EstimateSettings,
        importance: EncoderImportance = .none,
        gradients: SquaredGradients? = nil
    ) throws(EstimationError) {
        self.model = model
        self.settings = settings
        self.importance = importance
        self.gradients = gradients
        let weights = try EstimationError.wrapping { () throws(CheckpointError) in
            try WeightData(of: model)
        }
        self.weights = weights
        inputs = importance.matrix.map { InputWeights($0, of: model, data: weights) }
        let names = Set(model.tensors.map(\.name))
        if let gradients, names.isDisjoint(with: gradients.tensorNames) {
            throw .gradientsOfOtherModel(path: gradients.path)
        }
        if let matrix = importance.matrix, names.isDisjoint(with: matrix.tensorNames) {
            throw .importanceOfOtherModel(path: matrix.path)
        }
    }

    /// The fingerprint of the model's weights, as `WeightData.sampleDigest()` gives it.
    ///
    /// - Throws: ``EstimationError/checkpoint(_:)``.
    public func weightsDigest() throws(EstimationError) -> String {
        try EstimationError.wrapping { () throws(CheckpointError) in try weights.sampleDigest() }
    }

    /// Checks that tensors can be measured: that the model is not quantized already, that they have a source type that is
    /// read, an importance and gradients of their shape, and that there are gradients of one of them, where gradients are given.
    ///
    /// - Parameter indices: The tensors' positions in the model.
    /// - Throws: ``EstimationError/unreadableType(tensor:type:)``, ``EstimationError/quantizedAlready(_:)``,
    ///   ``EstimationError/noGradients(path:total:)``, and ``EstimationError/checkpoint(_:)`` for an importance or gradients
    ///   of another shape.
    public func check(_ indices: [Int]) throws(EstimationError) {
        try EstimationError.wrapping { () throws(CheckpointError) in
            for index in indices where !model.tensors[index].isFilter {
                try importance.matrix?.check(model.tensors[index])
            }
            for index in indices { try gradients?.check(model.tensors[index]) }
        }
        if let gradients {
            let known = Set(gradients.tensorNames)
            guard indices.isEmpty || indices.contains(where: { known.contains(model.tensors[$0].name) })
            else {
                throw .noGradients(path: gradients.path, total: indices.count)
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
        let factors = try factors(of: tensor)
        let importance = try importance.values(for: tensor)
        let (inputSquares, source) = factors == nil ? try inputSquares(of: tensor, importance) : (nil, nil)
        var work = Work(
            tensor,
            index: index,
            type: type,
            importance: importance,
            inputs: inputSquares,
            factors: factors
        )
        let rows = RowSample.rows(
            of: work.rowCount,
            share: settings.rowShare,
            seed: settings.seed,
            tensor: index
        )
        let pieces = RowSample.pieces(of: rows, rowBytes: work.rowBytes, pieceBytes: Self.pieceBytes)
        var peak: Float = 0
        if settings.formats.contains(where: \.isScaled) {
            // The file has one scale for all rows, so those that are not measured count in it.
            let all = Array(0..<work.rowCount)
            let whole = RowSample.pieces(of: all, rowBytes: work.rowBytes, pieceBytes: Self.pieceBytes)
            guard let found = try self.peak(whole, of: work, progress) else { return nil }
            peak = found
        }
        work.codecs = settings.formats.compactMap { TensorCodec($0, source: type, peak: peak) }
        guard let moments = try measure(pieces, of: work, progress) else { return nil }
        return TensorEstimate(
            tensor: tensor.name,
            rowCount: work.rowCount,
            measuredRows: rows.count,
            plain: errors(moments.plain, of: work),
            weighted: inputSquares != nil ? errors(moments.weighted, of: work) : nil,
            losses: factors == nil ? nil : errors(moments.weighted, of: work),
            hasImportance: work.importance != nil,
            inputs: source
        )
    }

    /// What each input counts in the weighted errors, and where that comes from; nil for the matrix' own entry.
    ///
    /// Gradients take the place of a matrix, and what encoders are told without one are the same numbers.
    private func inputSquares(
        of tensor: TensorInfo,
        _ importance: [Float]?
    ) throws(EstimationError) -> (values: [Float]?, source: InputSource?) {
        guard let inputs else { return (importance, nil) }
        let (values, source) = try inputs.values(for: tensor)
        // Of one array the codecs need to look at half the memory.
        return (source == nil ? importance ?? values : values, source)
    }

    /// The names of the tensors for which the importance matrix has nothing but zeros.
    ///
    /// - Parameter indices: The tensors' positions in the model.
    /// - Returns: The names, in the order of the positions; none without a matrix.
    /// - Throws: ``EstimationError/checkpoint(_:)``.
    public func zeroEntries(_ indices: [Int]) throws(EstimationError) -> [String] {
        try inputs?.zeroEntries(of: indices.map { model.tensors[$0] }) ?? []
    }

    /// The gradients' vectors of a tensor, or nil if there are none or none reached it.
    private func factors(of tensor: TensorInfo) throws(EstimationError) -> SquaredGradients.Factors? {
        guard let gradients else { return nil }
        return try EstimationError.wrapping { () throws(CheckpointError) in
            try gradients.factors(of: tensor)
        }
    }

    /// The sums over all rows, from those that were measured.
    private func errors(_ moments: NormMoments, of work: Work) -> OutputErrors {
        OutputErrors(
            signal: EstimatedSum(moments.signal, of: work.rowCount),
            errors: settings.formats.enumerated().map { index, format in
                isMeasured(format, of: work) ? moments.error(index, of: work.rowCount) : nil
            }
        )
    }

    /// Whether a tensor is cast to a format: where its rows are whole blocks, and where there is the importance that some
    /// formats need.
    private func isMeasured(_ format: QuantizationFormat, of work: Work) -> Bool {
        format.fits(work.tensor) && (!format.needsImportanceMatrix || work.importance != nil)
    }

    /// One tensor as it is measured.
    private struct Work {
        let tensor: TensorInfo
        let index: Int
        let type: QuantizationFormat
        /// What the encoders are told of the inputs, one row of it for each expert or one for all.
        let importance: [Float]?
        /// What each input counts in the weighted errors, likewise.
        let weights: [Float]?
        /// What each row counts in them; nil for 1.
        let rowFactors: [Double]?
        /// The number of the output's elements.
        let rowCount: Int
        /// The number of weights that make one of them.
        let rowLength: Int
        /// What casts its rows, in the order of the formats.
        var codecs: [TensorCodec] = []

        init(
            _ tensor: TensorInfo,
            index: Int,
            type: QuantizationFormat,
            importance: [Float]?,
            inputs: [Float]?,
            factors: SquaredGradients.Factors?
        ) {
            self.tensor = tensor
            self.index = index
            self.type = type
            self.importance = importance
            rowCount = tensor.outputCount
            rowLength = tensor.elementCount / rowCount
            guard let factors else {
                weights = inputs
                rowFactors = nil
                return
            }
            weights = factors.columns
            rowFactors = factors.rowCosts(rowLength: rowLength)
        }

        var rowBytes: Int { rowLength * type.blockBytes }

        /// What stands for a row among values for each input: that of its expert.
        func range(of values: [Float], forRow row: Int) -> Range<Int> {
            let expertCount = values.count / rowLength
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
        var whole = Moments(formatCount: settings.formats.count)
        for result in ended.results {
            // A piece is missing only after a stop; one that came after the last piece changes nothing.
            guard let result else { return nil }
            whole.merge(result)
        }
        return whole
    }

    /// The largest magnitude of the weights in the pieces, by which scaled formats divide them; nil if `progress` ended it.
    ///
    /// Weights that are not finite are found when they are measured.
    private func peak(
        _ pieces: [ArraySlice<Int>],
        of work: Work,
        _ progress: @Sendable (Int) -> Bool
    ) throws(EstimationError) -> Float? {
        struct State {
            var peak: Float = 0
            var error: EstimationError?
            var isStopped = false
        }
        let state = Mutex(State())
        DispatchQueue.concurrentPerform(iterations: pieces.count) { piece in
            guard state.withLock({ $0.error == nil && !$0.isStopped }) else { return }
            do throws(EstimationError) {
                var own: Float = 0
                var values = [Float](repeating: 0, count: work.rowLength)
                for run in RowSample.runs(in: pieces[piece]) {
                    let bytes = try bytes(of: run, of: work)
                    for row in run {
                        decode(row, of: run, bytes, work, into: &values)
                        for value in values where value.isFinite { own = max(own, abs(value)) }
                    }
                }
                state.withLock { [own] in $0.peak = max($0.peak, own) }
                if !progress(0) { state.withLock { $0.isStopped = true } }
            } catch {
                state.withLock { $0.error = $0.error ?? error }
            }
        }
        let ended = state.withLock { $0 }
        if let error = ended.error { throw error }
        return ended.isStopped ? nil : ended.peak
    }

    /// The bytes of rows that stand one after another.
    private func bytes(of run: Range<Int>, of work: Work) throws(EstimationError) -> [UInt8] {
        try EstimationError.wrapping { () throws(CheckpointError) in
            try weights.bytes(
                run.lowerBound * work.rowBytes..<run.upperBound * work.rowBytes,
                ofTensor: work.index
            )
        }
    }

    /// Reads one of several rows.
    private func decode(
        _ row: Int,
        of run: Range<Int>,
        _ bytes: [UInt8],
        _ work: Work,
        into values: inout [Float]
    ) {
        let start = (row - run.lowerBound) * work.rowBytes
        var span = values.mutableSpan
        SourceElements.decode(
            bytes.span.bytes.extracting(start..<start + work.rowBytes),
            as: work.type,
            into: &span
        )
    }

    private func measure(_ piece: ArraySlice<Int>, of work: Work) throws(EstimationError) -> Moments {
        var moments = Moments(formatCount: settings.formats.count)
        let fitting = settings.formats.indices.filter { isMeasured(settings.formats[$0], of: work) }
        var values = [Float](repeating: 0, count: work.rowLength)
        for run in RowSample.runs(in: piece) {
            let bytes = try bytes(of: run, of: work)
            for row in run {
                decode(row, of: run, bytes, work, into: &values)
                switch (work.importance, work.weights) {
                case (let importance?, let weights?):
                    let importance = importance.span.extracting(work.range(of: importance, forRow: row))
                    let weights = weights.span.extracting(work.range(of: weights, forRow: row))
                    try add(values.span, importance, weights, row: row, of: work, fitting, to: &moments)
                case (nil, let weights?):
                    let weights = weights.span.extracting(work.range(of: weights, forRow: row))
                    try add(values.span, nil, weights, row: row, of: work, fitting, to: &moments)
                case (let importance?, nil):
                    let importance = importance.span.extracting(work.range(of: importance, forRow: row))
                    try add(values.span, importance, nil, row: row, of: work, fitting, to: &moments)
                case (nil, nil):
                    try add(values.span, nil, nil, row: row, of: work, fitting, to: &moments)
                }
            }
        }
        return moments
    }

    /// Adds what a row's weights make of signal and errors.
    private func add(
        _ row: Span<Float>,
        _ importance: Span<Float>?,
        _ weights: Span<Float>?,
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
            if let weights { weightedSignal += Double(weights[column]) * value * value }
        }
        let factor = work.rowFactors?[number] ?? 1
        moments.plain.add(signal: signal)
        if weights != nil { moments.weighted.add(signal: factor * weightedSignal) }
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
                let error = errors.weighted.isFinite ? factor * errors.weighted : .infinity
                moments.weighted.add(error: error, format: index)
            }
        }
    }
}
