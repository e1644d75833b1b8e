public import Checkpoints
import Quantization
import Sensitivity
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
        var work = TensorWork(
            tensor,
            index: index,
            type: type,
            formats: settings.formats,
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
        var peak: Float = 0
        if settings.formats.contains(where: \.isScaled) {
            // The file has one scale for all rows, so those that are not measured count in it.
            let all = Array(0..<work.rowCount)
            guard let found = try self.peak(of: all, in: work, progress) else { return nil }
            peak = found
        }
        work.codecs = settings.formats.compactMap { TensorCodec($0, source: type, peak: peak) }
        guard let moments = try moments(of: rows, in: work, progress) else { return nil }
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

    /// Measures rows, pieces of them side by side, and merges the pieces in order; nil if `progress` ended it.
    private func moments(
        of rows: [Int],
        in work: TensorWork,
        _ progress: @Sendable (Int) -> Bool
    ) throws(EstimationError) -> ErrorMoments? {
        let pieces = pieces(of: rows, in: work)
        let reader = RowReader(weights, of: work)
        let measured = try SideBySide.run(pieces.count) { piece throws(EstimationError) in
            try RowMeasurement.moments(of: pieces[piece], from: reader)
        } goesOn: { piece in
            progress(pieces[piece].count * work.rowBytes)
        }
        var whole = ErrorMoments(formatCount: settings.formats.count)
        for result in measured.results {
            // A piece is missing only after a stop; one that came after the last piece changes nothing.
            guard let result else { return nil }
            whole.merge(result)
        }
        return whole
    }

    /// The largest magnitude of the weights in rows, by which scaled formats divide them; nil if `progress` ended it.
    ///
    /// Weights that are not finite are found when they are measured.
    private func peak(
        of rows: [Int],
        in work: TensorWork,
        _ progress: @Sendable (Int) -> Bool
    ) throws(EstimationError) -> Float? {
        let pieces = pieces(of: rows, in: work)
        let reader = RowReader(weights, of: work)
        let found = try SideBySide.run(pieces.count) { piece throws(EstimationError) in
            try RowMeasurement.peak(of: pieces[piece], from: reader)
        } goesOn: { _ in
            progress(0)
        }
        return found.isStopped ? nil : found.results.reduce(0) { max($0, $1 ?? 0) }
    }

    private func pieces(of rows: [Int], in work: TensorWork) -> [ArraySlice<Int>] {
        RowSample.pieces(of: rows, rowBytes: work.rowBytes, pieceBytes: Self.pieceBytes)
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
    private func errors(_ moments: NormMoments, of work: TensorWork) -> OutputErrors {
        OutputErrors(
            signal: EstimatedSum(moments.signal, of: work.rowCount),
            errors: settings.formats.enumerated().map { index, format in
                work.isCast(to: format) ? moments.error(index, of: work.rowCount) : nil
            }
        )
    }
}
