public import Checkpoints
import Sensitivity
public import Tensors
import Quantization

/// The measuring of a model's weights into a file of errors, one tensor after the other.
///
/// ```swift
/// let run = try EstimateRun(of: model, layers: layers, settings: settings)
/// let recorder = try run.recorder(path: "model-errors.jsonl", resuming: true)
/// let result = try run.measure(into: recorder)
/// ```
public struct EstimateRun {
    /// What is measured, and how.
    public let header: EstimateHeader
    /// The formats, in the order of the errors: those of the settings, and behind them the ``anchors``.
    public let formats: [QuantizationFormat]
    /// The formats that are measured only as losses are known in them.
    public let anchors: [QuantizationFormat]

    private let estimator: TensorEstimator
    private let indices: [Int]

    /// What was measured.
    public struct Result: Sendable {
        /// Whether every tensor is measured; false where it was asked to stop before.
        public let isFinished: Bool
        /// The errors of the tensors by their names, those that were known before included.
        public let estimates: [String: TensorEstimate]
    }

    /// What is left to measure.
    public struct Remainder: Hashable, Sendable {
        /// The number of tensors.
        public let tensorCount: Int
        /// The number of their weights.
        public let weightCount: Int
        /// The bytes that they take in the model's files.
        public let byteCount: Int
    }

    /// Opens what is needed, and checks it before anything is written.
    ///
    /// - Parameters:
    ///   - model: The model, read from files with weights.
    ///   - layers: Its layers; tensors outside them are not measured.
    ///   - settings: The formats and the share of rows.
    ///   - anchors: Formats that are measured besides, as losses are known in them; those without a codec are left out.
    ///   - importance: What the encoders take for the importance of the inputs.
    ///   - gradients: What makes errors losses at the end of the model, or nil.
    ///   - part: The part of the tensors that is measured, or nil for all.
    /// - Throws: ``EstimationError``: that of the settings with the anchors,
    ///   ``EstimationError/nothingPlanned(model:)`` for a model without layers,
    ///   ``EstimationError/importanceMissing(format:)``, and what ``TensorEstimator`` refuses.
    public init(
        of model: Model,
        layers: LayeredModel,
        settings: EstimateSettings,
        anchors: [QuantizationFormat] = [],
        importance: EncoderImportance = .none,
        gradients: SquaredGradients? = nil,
        part: WorkPart? = nil
    ) throws(EstimationError) {
        guard !layers.layers.isEmpty else { throw .nothingPlanned(model: model.name) }
        self.anchors = anchors.filter { RowCodec($0) != nil && !settings.formats.contains($0) }
        let settings = try EstimateSettings(
            formats: settings.formats + self.anchors,
            rowShare: settings.rowShare,
            seed: settings.seed
        )
        formats = settings.formats
        try EstimationError.checkImportance(of: formats, isThere: importance.isGiven)
        estimator = try TensorEstimator(
            of: model,
            settings: settings,
            importance: importance,
            gradients: gradients
        )
        let planned = Set(layers.layers.flatMap { $0.tensors.map(\.name) })
        let all = model.tensors.indices.filter { planned.contains(model.tensors[$0].name) }
        try estimator.check(all)
        indices = part?.share(of: all, in: model.tensors) ?? all
        header = EstimateHeader(
            model: model.name,
            modelDigest: model.digest,
            weightsDigest: try estimator.weightsDigest(),
            settings: settings,
            importance: try importance.reference(),
            gradients: try gradients.map { gradients throws(EstimationError) in
                try GradientReference(gradients)
            },
            part: part
        )
    }

    /// Opens the file of errors, or makes it.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - resuming: Whether to go on with a file that exists.
    ///   - replacing: Whether to begin a file anew that exists and is not gone on with.
    /// - Returns: What takes the errors.
    /// - Throws: What ``EstimateRecorder/init(path:header:resuming:replacing:)`` throws, and
    ///   ``EstimationError/anchorsMissing(path:formats:)`` for a file that lacks nothing but the anchors.
    public func recorder(
        path: String,
        resuming: Bool,
        replacing: Bool = false
    ) throws(EstimationError) -> EstimateRecorder {
        do throws(EstimationError) {
            return try EstimateRecorder(path: path, header: header, resuming: resuming, replacing: replacing)
        } catch {
            // What the user asks for is the same; the losses ask for more.
            let own = formats.filter { !anchors.contains($0) }.map(\.name).joined(separator: ",")
            guard case .differs(let path, EstimateHeader.formatsName, own, _) = error else { throw error }
            throw .anchorsMissing(path: path, formats: anchors.map(\.name))
        }
    }

    /// What a file of errors does not have yet.
    ///
    /// - Parameter recorder: The file.
    /// - Returns: How much there is to measure.
    public func remainder(after recorder: EstimateRecorder) -> Remainder {
        let tensors = remaining(after: recorder).map { estimator.model.tensors[$0] }
        return Remainder(
            tensorCount: tensors.count,
            weightCount: tensors.reduce(0) { $0 + $1.elementCount },
            byteCount: tensors.reduce(0) { $0 + ($1.elementType?.byteCount(of: $1) ?? 0) }
        )
    }

    /// Measures what is not in the file of errors yet.
    ///
    /// - Parameters:
    ///   - recorder: Takes the errors, and knows those of before.
    ///   - progress: Called with the bytes of every piece that is measured, from any thread.
    ///   - measured: Called with every tensor once it is in the file.
    ///   - shouldStop: Whether to end early, asked after every piece from any thread; the errors of the tensor at work are not known
    ///     then.
    /// - Returns: What was measured.
    /// - Throws: ``EstimationError``; what was measured before it is in the file.
    public func measure(
        into recorder: EstimateRecorder,
        progress: @Sendable (_ byteCount: Int) -> Void = { _ in },
        measured: (TensorEstimate) -> Void = { _ in },
        shouldStop: @Sendable () -> Bool = { false }
    ) throws(EstimationError) -> Result {
        var estimates = Dictionary(recorder.known.map { ($0.tensor, $0) }) { first, _ in first }
        for index in remaining(after: recorder) {
            guard !shouldStop(),
                let estimate = try estimator.estimate(
                    index,
                    progress: {
                        progress($0)
                        return !shouldStop()
                    }
                )
            else { return Result(isFinished: false, estimates: estimates) }
            try recorder.append(estimate)
            estimates[estimate.tensor] = estimate
            measured(estimate)
        }
        return Result(isFinished: true, estimates: estimates)
    }

    /// The number of tensors that are measured, those of before included.
    public var tensorCount: Int { indices.count }

    /// What an importance matrix does not know of the tensors that were measured with it.
    ///
    /// - Parameter estimates: The errors, as ``measure(into:progress:measured:shouldStop:)`` returns them.
    /// - Returns: What it does not know; nil without a matrix.
    /// - Throws: ``EstimationError/checkpoint(_:)``.
    public func matrixGaps(_ estimates: [String: TensorEstimate]) throws(EstimationError) -> MatrixGaps? {
        guard header.importance?.isFile ?? false else { return nil }
        return MatrixGaps(
            tensors: indices.map { estimator.model.tensors[$0].name },
            estimates: estimates,
            zeroEntries: try estimator.zeroEntries(indices)
        )
    }

    private func remaining(after recorder: EstimateRecorder) -> [Int] {
        let known = Set(recorder.known.map(\.tensor))
        return indices.filter { !known.contains(estimator.model.tensors[$0].name) }
    }
}
