public import Sensitivity
public import Tensors

/// The impacts of a model's layers, from what casting their tensors does to the tensors' outputs.
///
/// The loss of a layer in a format is the sum over its tensors of the mean square error per element of the tensor's
/// output: independent errors add in squares. An impact is an amplitude, the root of that, as a share of the output or times
/// how strongly the end of the model answers to it where that is known.
public struct EstimatedImpacts: Sendable {
    /// How a layer's loss becomes its impact.
    public enum Scale: Sendable {
        /// The root of the loss.
        case amplitude
        /// The root of the sum over tensors of each one's loss as a share of its output; for the matrix of a language model's output
        /// times the root of twice the number of blocks, see `OutputMatrix`.
        ///
        /// Of plans for SmolLM2-135M whose layers were the attentions and the feed-forward networks of blocks, those by this sum lost
        /// 0.118 nats per token at 98 MB and 0.085 at 105 MB by the gradients' table, and those by ``pooled`` 0.249 and 0.115.
        case relative
        /// The root of the sum of the losses of a layer's tensors as a share of the sum of their outputs, as earlier versions had it: a
        /// layer of seven tensors counts as much as one of a single tensor.
        case pooled
        /// The root of the sum over tensors of each one's loss as a share of its output, times the weight of its role; for the matrix of a
        /// language model's output as with `relative`.
        case prior(RolePrior)
        /// The root of the loss times `S/sqrt(R)` of the state that it enters, as Table 3 has it.
        case profile(SensitivityProfile)
        /// What the end of the model loses, by squared gradients.
        case gradients(GradientReference)

        /// The norm where none is chosen.
        ///
        /// An absolute error is what the output's change is, so every input counts as large as it is. As a share of the output
        /// errors without weights rank layers better: of the plans for SmolLM2-135M that `Benchmarks/quality` records, those
        /// by a table made without a matrix lost less at the end than those by weighted errors, all files being encoded with
        /// the matrix.
        public var defaultNorm: ErrorNorm {
            switch self {
            case .relative, .pooled, .prior: .unweighted
            case .amplitude, .profile, .gradients: .weighted
            }
        }
    }

    /// A layer in a format.
    public struct Cell: Hashable, Sendable {
        /// The mean square error per element of the outputs, or the loss at the end of the model, where gradients give it; nil for
        /// a format that was not measured on the weights.
        public let loss: EstimatedSum?
        /// The impact, with the standard error that sampling, or measuring, leaves.
        public let impact: EstimatedSum
    }

    /// The names of the layers, in the model's order.
    public let layers: [String]
    /// The names of the formats that fit at least one layer.
    public let formats: [String]
    /// One array per layer with one cell per format; nil where the format does not fit.
    public let cells: [[Cell?]]
    /// The layers that gradients say nothing of, or not of all their tensors: their rows are blank.
    public let unknownLayers: [String]
    /// The layers that an importance matrix says nothing of, not even by others of their kind, where a norm weighs by it: they have no
    /// rows, and a plan has to be told what they take.
    public let unweightedLayers: [String]
    /// What the impacts are.
    public let meaning: ImpactMeaning

    /// Makes impacts of measured errors.
    ///
    /// - Parameters:
    ///   - estimates: The errors of tensors by their names.
    ///   - formats: The formats, in the order of the estimates'.
    ///   - model: The layers.
    ///   - scale: How a loss becomes an impact.
    ///   - norm: Which errors count; nil for ``Scale/defaultNorm``.
    ///   - importance: The importance matrix that the errors were measured with. A layer that a norm would have to weigh by it, and
    ///     of which it says nothing, has no row.
    ///   - isTextEncoder: Whether the model makes vectors of texts, as `Model.isTextEncoder` says: then no matrix makes logits.
    /// - Throws: ``EstimationError/incomplete(missing:total:)``, ``EstimationError/otherShape(tensor:)``,
    ///   ``EstimationError/layerNotInProfile(layer:profile:)``, and
    ///   ``EstimationError/impacts(_:)`` if no format fits a layer.
    public init(
        _ estimates: [String: TensorEstimate],
        formats: [String],
        model: LayeredModel,
        scale: Scale,
        norm: ErrorNorm? = nil,
        importance: ImportanceReference? = nil,
        isTextEncoder: Bool = false
    ) throws(EstimationError) {
        let norm = norm ?? scale.defaultNorm
        try Self.check(estimates, areOf: model)
        var isOfEnd = false
        if case .gradients = scale { isOfEnd = true }
        // Losses at the end have no norm.
        let weighing = WeighedEstimates(
            estimates,
            of: model,
            by: isOfEnd ? .unweighted : norm,
            importance: importance
        )
        let rows: [[Cell?]]
        if isOfEnd {
            (rows, unknownLayers) = Self.rowsOfEnd(weighing, formatCount: formats.count)
        } else {
            let names = model.layers.flatMap { $0.tensors.map(\.name) } + model.kept.map(\.tensor.name)
            let output = OutputMatrix(tensorNames: names, isTextEncoder: isTextEncoder)
            rows = try Self.rows(weighing, formatCount: formats.count, scale, norm, output)
            unknownLayers = []
        }
        let fitting = formats.indices.filter { format in rows.contains { $0[format] != nil } }
        guard !weighing.layers.isEmpty else {
            throw .impacts("the importance matrix says nothing of any layer of the model")
        }
        guard unknownLayers.count < weighing.layers.count || unknownLayers.isEmpty else {
            throw .impacts(
                """
                the gradients say nothing of any layer: none reached one, or all of them are 0; capture them again, on text that the \
                model reads
                """
            )
        }
        guard !fitting.isEmpty else {
            throw .impacts("no format fits a layer of the model; name others")
        }
        layers = weighing.layers.map(\.name)
        unweightedLayers = weighing.unknownLayers
        self.formats = fitting.map { formats[$0] }
        cells = rows.map { row in fitting.map { row[$0] } }
        meaning = Self.meaning(
            scale,
            weighing.norm,
            importance?.filled(weighing.filledTensors),
            ofSeveralTensors: weighing.layers.contains { $0.tensors.count > 1 }
        )
    }

    /// Checks that there is an estimate of every tensor of a model's layers, and that it is of the tensor's shape.
    private static func check(
        _ estimates: [String: TensorEstimate],
        areOf model: LayeredModel
    ) throws(EstimationError) {
        let tensors = model.layers.flatMap(\.tensors)
        let missing = tensors.map(\.name).filter { estimates[$0] == nil }
        guard missing.isEmpty else { throw .incomplete(missing: missing, total: tensors.count) }
        for tensor in tensors {
            guard estimates[tensor.name]?.rowCount == tensor.outputCount else {
                throw .otherShape(tensor: tensor.name)
            }
        }
    }

    /// The losses at the end of the model by gradients.
    ///
    /// - Returns: A row per layer, and the layers of which gradients do not know all tensors: nothing is known of them, and they have blank
    ///   rows, so that they stay as they are.
    private static func rowsOfEnd(
        _ weighing: WeighedEstimates,
        formatCount: Int
    ) -> (rows: [[Cell?]], unknown: [String]) {
        var rows: [[Cell?]] = []
        var unknown: [String] = []
        for layer in weighing.layers {
            let tensors = layer.tensors.compactMap { weighing.estimates[$0.name] }
            if tensors.contains(where: { $0.losses == nil }) { unknown.append(layer.name) }
            rows.append(
                (0..<formatCount).map { format in
                    sum(tensors.map { $0.losses?.errors[format] }).map { Cell(loss: $0, impact: $0) }
                }
            )
        }
        return (rows, unknown)
    }

    /// A row per layer of the impacts of errors by a norm and a scale other than gradients.
    private static func rows(
        _ weighing: WeighedEstimates,
        formatCount: Int,
        _ scale: Scale,
        _ norm: ErrorNorm,
        _ output: OutputMatrix?
    ) throws(EstimationError) -> [[Cell?]] {
        try weighing.layers.map { layer throws(EstimationError) in
            let tensors = layer.tensors.compactMap { weighing.estimates[$0.name] }
            let factor = try factor(for: layer.name, tensors, scale, norm, output)
            return (0..<formatCount).map { format in
                loss(of: tensors, format: format, scale, norm, output).map { Cell(loss: $0, factor: factor) }
            }
        }
    }

    /// Puts impacts together that were made otherwise.
    init(layers: [String], formats: [String], cells: [[Cell?]], meaning: ImpactMeaning) {
        self.layers = layers
        self.formats = formats
        self.cells = cells
        self.meaning = meaning
        unknownLayers = []
        unweightedLayers = []
    }

    /// What impacts of a scale and a norm are; tables of layers of several tensors say how these were put together.
    static func meaning(
        _ scale: Scale,
        _ norm: ErrorNorm,
        _ importance: ImportanceReference?,
        ofSeveralTensors hasSeveral: Bool = false
    ) -> ImpactMeaning {
        let unit: String
        var method = "weights only, uncalibrated"
        switch scale {
        case .relative, .pooled:
            if case .relative = scale, hasSeveral { method += "; shares of tensors added" }
            unit = "relative error" + (importance != nil && norm == .weighted ? ", inputs weighted" : "")
        case .prior(let prior):
            unit =
                "relative error by role" + (importance != nil && norm == .weighted ? ", inputs weighted" : "")
            method = prior.method
        case .amplitude:
            unit =
                "root mean square error" + (importance != nil && norm == .weighted ? ", inputs weighted" : "")
        case .profile(let profile):
            unit = "S·sqrt(L/R)"
            method = "weights and the profile \(profile.name)"
        case .gradients(let gradients):
            return ImpactMeaning(
                kind: .loss,
                unit: gradients.unit,
                method: "weights and gradients of \(gradients.sequenceCount) sequences",
                importance: importance,
                gradients: ImportanceReference(name: gradients.name, digest: gradients.digest),
                uncertainty: LossCompletion.wholeError
            )
        }
        return ImpactMeaning(kind: .amplitude, unit: unit, method: method, importance: importance)
    }

    /// The sum over tensors of the error per element of the output, or of its share of the output, weighted by a prior; nil if the
    /// format does not fit one of them.
    static func loss(
        of tensors: [TensorEstimate],
        format: Int,
        _ scale: Scale,
        _ norm: ErrorNorm,
        _ output: OutputMatrix?
    ) -> EstimatedSum? {
        sum(
            tensors.map { tensor in
                tensor.errors(by: norm).errors[format].map {
                    let divisor = divisor(of: tensor, scale, norm, output)
                    return EstimatedSum(
                        value: $0.value / divisor,
                        standardError: $0.standardError / divisor
                    )
                }
            }
        )
    }

    /// What a tensor's error is divided by.
    private static func divisor(
        of tensor: TensorEstimate,
        _ scale: Scale,
        _ norm: ErrorNorm,
        _ output: OutputMatrix?
    ) -> Double {
        let weight: Double
        switch scale {
        case .relative: weight = 1
        case .prior(let prior):
            let isLast = output?.isLastDownProjection(tensor.tensor) ?? false
            weight = prior.weight(ofTensor: tensor.tensor, isLastDownProjection: isLast)
        case .amplitude, .pooled, .profile, .gradients: return Double(tensor.rowCount)
        }
        let signal = tensor.errors(by: norm).signal.value
        // A tensor of zeros has no output, and no error either.
        return signal > 0 ? signal / weight : 1
    }

    /// The sum of independent estimates, or nil if one of them is.
    private static func sum(_ estimates: [EstimatedSum?]) -> EstimatedSum? {
        var value = 0.0
        var variance = 0.0
        for estimate in estimates {
            guard let estimate else { return nil }
            value += estimate.value
            variance += estimate.standardError * estimate.standardError
        }
        return EstimatedSum(value: value, standardError: variance.squareRoot())
    }

    /// What the root of a layer's loss is multiplied by.
    static func factor(
        for layer: String,
        _ tensors: [TensorEstimate],
        _ scale: Scale,
        _ norm: ErrorNorm,
        _ output: OutputMatrix?
    ) throws(EstimationError) -> Double {
        let makesOutput = tensors.contains { $0.tensor == output?.tensor }
        let weight = makesOutput ? (output?.weight ?? 1).squareRoot() : 1
        switch scale {
        case .amplitude, .gradients:
            return 1
        case .prior, .relative:
            return weight
        case .pooled:
            let signal = tensors.reduce(0) { $0 + $1.errors(by: norm).signal.value / Double($1.rowCount) }
            // A layer of zeros has no output, and no error either.
            return signal > 0 ? weight / signal.squareRoot() : 0
        case .profile(let profile):
            guard let factor = profile.relativeSensitivity(afterLayerNamed: layer) else {
                throw .layerNotInProfile(layer: layer, profile: profile.name)
            }
            return factor
        }
    }

    /// Checks, before anything is measured, that impacts of a model's layers will make a table.
    ///
    /// - Parameters:
    ///   - model: The layers.
    ///   - formats: The formats that will be measured.
    ///   - scale: How a loss will become an impact.
    ///   - importance: The importance matrix that will be measured with, or nil.
    /// - Returns: A table of the layers and formats of the one that measuring will make, in which every impact is 0: what is wrong
    ///   with a plan whatever the impacts are can be seen on it.
    /// - Throws: As ``init(_:formats:model:scale:norm:importance:isTextEncoder:)`` and ``table(named:)``.
    @discardableResult
    public static func check(
        _ model: LayeredModel,
        formats: [QuantizationFormat],
        scale: Scale,
        importance: ImportanceReference? = nil
    ) throws(EstimationError) -> ImpactTable {
        let zero = EstimatedSum(value: 0, standardError: 0)
        var estimates: [String: TensorEstimate] = [:]
        for tensor in model.layers.flatMap(\.tensors) {
            let errors = OutputErrors(signal: zero, errors: formats.map { $0.fits(tensor) ? zero : nil })
            estimates[tensor.name] = TensorEstimate(
                tensor: tensor.name,
                rowCount: tensor.outputCount,
                measuredRows: tensor.outputCount,
                plain: errors,
                weighted: importance == nil ? nil : errors,
                losses: errors
            )
        }
        return try EstimatedImpacts(
            estimates,
            formats: formats.map(\.name),
            model: model,
            scale: scale,
            importance: importance
        ).table(named: "check")
    }

    /// The standard errors of the impacts, or nil where none is above 0.
    private var standardErrors: [[Double?]]? {
        let errors = cells.map { row in
            row.map { $0.flatMap { $0.impact.value.isFinite ? $0.impact.standardError : nil } }
        }
        return errors.contains { $0.contains { $0 ?? 0 > 0 } } ? errors : nil
    }

    /// The impacts as a table.
    ///
    /// - Parameter name: The table's name.
    /// - Returns: The table, in which a format that does not fit a layer is blank; with standard errors where there are any.
    /// - Throws: ``EstimationError/impacts(_:)``.
    public func table(named name: String) throws(EstimationError) -> ImpactTable {
        do throws(SensitivityError) {
            return try ImpactTable(
                name: name,
                formats: formats,
                layers: layers,
                cells: cells.map { row in
                    row.map { cell in
                        guard let impact = cell?.impact.value else { return .forbidden(.blank) }
                        return impact.isFinite ? .impact(impact) : .forbidden(.infinite)
                    }
                },
                standardErrors: standardErrors,
                meaning: meaning
            )
        } catch .unusableTable(_, let problem) {
            // The table is not written yet, and its name means nothing to a person: what is wrong with it is wrong with the model.
            throw .impacts("the model's layers make no table: \(problem)")
        } catch {
            throw .impacts(error.description)
        }
    }
}

extension EstimatedImpacts.Cell {
    /// The impact of a loss: its root times a factor, and the standard error of that to first order.
    init(loss: EstimatedSum, factor: Double) {
        self.loss = loss
        let root = loss.value.squareRoot()
        impact = EstimatedSum(
            // A layer of zeros has no output to take an infinite share of.
            value: root.isFinite ? factor * root : .infinity,
            standardError: root > 0 && root.isFinite ? factor * loss.standardError / (2 * root) : 0
        )
    }
}
