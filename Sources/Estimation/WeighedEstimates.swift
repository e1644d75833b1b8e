import Sensitivity
import Tensors

/// The errors of a model's tensors by a norm, where some of them were measured without what the norm weighs by.
///
/// Inputs that an importance matrix does not know count as others that it knows, see ``InputSource``; the errors have them. An
/// embedding is not multiplied by anything: its error is that of its rows as a share of them, and where errors are not taken as a
/// share, that share of the usual output of the others, so that it stands to them as they stand to each other whatever the matrix'
/// scale. Of what is left nothing is known, and layers with such a tensor are left out.
struct WeighedEstimates {
    /// The errors by the tensors' names, those of embeddings with weights.
    var estimates: [String: TensorEstimate]
    /// The layers of which something is known.
    var layers: [ModelLayer]
    /// The names of the others.
    var unknownLayers: [String] = []
    /// The tensors whose inputs were filled in, in the model's order.
    var filledTensors: [String] = []
    /// What inputs count: the same for all where no tensor has other errors.
    var norm: ErrorNorm

    init(
        _ estimates: [String: TensorEstimate],
        of model: LayeredModel,
        by norm: ErrorNorm,
        importance: ImportanceReference?
    ) {
        (self.estimates, layers, self.norm) = (estimates, model.layers, norm)
        let tensors = model.layers.flatMap(\.tensors)
        let weighted = tensors.compactMap { tensor in
            estimates[tensor.name]?.weighted.map { (errors: $0, elements: Double(tensor.outputCount)) }
        }
        // Encoders look at them whatever the norm.
        filledTensors = tensors.map(\.name).filter { estimates[$0]?.inputs == .otherExperts }
        guard norm == .weighted, importance?.isFile ?? false, !weighted.isEmpty else {
            if weighted.isEmpty { self.norm = .unweighted }
            return
        }
        let usual = weighted.reduce(0) { $0 + $1.errors.signal.value / $1.elements } / Double(weighted.count)
        filledTensors = []
        var unknown: Set<String> = []
        for tensor in tensors {
            guard let estimate = estimates[tensor.name] else { continue }
            if estimate.inputs?.isFilledIn ?? false { filledTensors.append(tensor.name) }
            guard estimate.weighted == nil else { continue }
            if TensorRole(tensorName: tensor.name) == .tokenEmbedding {
                let signal = estimate.plain.signal.value
                let factor = signal > 0 ? usual * Double(tensor.outputCount) / signal : 0
                self.estimates[tensor.name] = estimate.weighing(byPlainErrorsTimes: factor)
            } else {
                unknown.insert(tensor.name)
            }
        }
        let isKnown = { (layer: ModelLayer) in !layer.tensors.contains { unknown.contains($0.name) } }
        unknownLayers = layers.filter { !isKnown($0) }.map(\.name)
        layers = layers.filter(isKnown)
    }
}

extension TensorEstimate {
    /// The estimate with the errors that count inputs the same, times a factor, for weighted ones.
    fileprivate func weighing(byPlainErrorsTimes factor: Double) -> TensorEstimate {
        func scaled(_ sum: EstimatedSum) -> EstimatedSum {
            // An infinite error stays so, even in a tensor of zeros.
            sum.value.isFinite
                ? EstimatedSum(value: factor * sum.value, standardError: factor * sum.standardError) : sum
        }
        return TensorEstimate(
            tensor: tensor,
            rowCount: rowCount,
            measuredRows: measuredRows,
            plain: plain,
            weighted: OutputErrors(
                signal: scaled(plain.signal),
                errors: plain.errors.map { $0.map(scaled) }
            ),
            losses: losses,
            hasImportance: hasImportance,
            inputs: inputs
        )
    }
}

extension ImportanceReference {
    /// The reference with the tensors that were filled in.
    func filled(_ names: [String]) -> ImportanceReference {
        ImportanceReference(name: name, digest: digest, filled: names)
    }
}
