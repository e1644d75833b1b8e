public import Checkpoints
public import Converters
public import Runtimes
public import Sensitivity
public import Tensors

/// The impact table that a plan for a converter is made with where none is at hand: what is measured of the model's weights, and what
/// the errors become.
public struct ConverterEstimate {
    /// What is measured.
    public let run: EstimateRun
    /// The model's layers, without those that the converter leaves alone.
    public let layers: LayeredModel
    /// How an error becomes an impact.
    public let scale: EstimatedImpacts.Scale
    /// A table of the same layers and formats in which every impact is 0, on which a plan that cannot be made is seen before
    /// anything is measured.
    public let standIn: ImpactTable

    private let model: Model

    /// Opens what is needed, and checks it before anything is measured.
    ///
    /// - Parameters:
    ///   - model: The model, read from files with weights.
    ///   - converter: The converter that the plan is made for, as it treats the model.
    ///   - grouping: How tensors make up layers; nil as in `LayeredModel.estimated(of:grouping:)`.
    ///   - formats: The formats; nil for those of the converter that are worth measuring.
    ///   - runtime: The program that will load the file; nil for the one that usually does.
    ///   - importance: What the encoders take for the importance of the inputs.
    ///   - gradients: What makes errors losses at the end of the model, or nil.
    ///   - rowShare: The share of every tensor's rows that is measured, above 0 and at most 1.
    /// - Throws: What the converter says of tensors that it does not take, `TensorError` for a grouping that does not fit, and
    ///   ``EstimationError``, among them ``EstimationError/formatRefused(_:converter:)``, ``EstimationError/quantizedAlready(_:)``, and
    ///   ``EstimationError/nothingSmaller(model:source:for:)`` where no format is worth measuring.
    public init(
        of model: Model,
        for converter: any Converter,
        grouping: LayerGrouping? = nil,
        formats: [QuantizationFormat]? = nil,
        runtime: TargetRuntime? = nil,
        importance: EncoderImportance = .none,
        gradients: SquaredGradients? = nil,
        rowShare: Double = 1
    ) throws {
        if let refused = formats?.first(where: { !converter.accepts($0) }) {
            throw EstimationError.formatRefused(refused.name, converter: converter.name)
        }
        if let packed = model.packedWeights.first { throw EstimationError.quantizedAlready(packed) }
        try converter.check(model.tensors)
        layers = try LayeredModel.estimated(of: model, grouping: grouping).keeping(
            where: converter.neverQuantizes,
            keptFormat: converter.keptFormat,
            sourceFormat: model.sourceFormat
        )
        let decoder = runtime ?? converter.usualRuntime(for: model)
        let chosen =
            formats
            ?? EstimateSettings.usualFormats(
                for: model,
                layers: layers,
                madeBy: converter,
                runtime: decoder,
                hasImportance: importance.isGiven
            )
        guard !chosen.isEmpty else {
            throw EstimationError.nothingSmaller(
                model: model.name,
                source: model.fileFormat.name,
                for: decoder.map { .runtime($0.rawValue) } ?? .converter(converter.name)
            )
        }
        run = try EstimateRun(
            of: model,
            layers: layers,
            settings: EstimateSettings(formats: chosen, rowShare: rowShare),
            importance: importance,
            gradients: gradients
        )
        scale = .usual(of: layers, gradients: run.header.gradients)
        standIn = try EstimatedImpacts.check(
            layers,
            formats: run.formats,
            scale: scale,
            importance: run.header.importance
        )
        self.model = model
    }

    /// Makes the impacts of what was measured.
    ///
    /// - Parameter estimates: The errors of all tensors, as ``EstimateRun/measure(into:progress:measured:shouldStop:)`` returns them.
    /// - Returns: The impacts.
    /// - Throws: What `EstimatedImpacts` throws.
    public func impacts(of estimates: [String: TensorEstimate]) throws(EstimationError) -> EstimatedImpacts {
        try EstimatedImpacts(
            estimates,
            formats: run.header.formats,
            model: layers,
            scale: scale,
            importance: run.header.importance,
            isTextEncoder: model.isTextEncoder
        )
    }
}
