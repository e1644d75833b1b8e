import Estimation
public import Recipes
public import Sensitivity
import Tensors

/// A model file that was written, with how far every tensor's weights are from what stands for them.
public struct WrittenModel: Sendable {
    /// What was written.
    public let draft: ModelDraft
    /// The number of tensors whose bytes were taken over from an earlier file.
    public let takenOver: Int
    /// What each tensor was cast from, by its name in the model.
    ///
    /// It is a fingerprint of all of its weights and of the importance that the encoder was given. Tensors that stay as they are have
    /// none, nor have those that were taken over by a sample of their rows.
    public let origins: [String: String]
    let sums: [CastSums]
    let hasImportance: Bool
    /// The fingerprint of the squared gradients that losses were summed by, or nil.
    let gradientsDigest: String?

    init(
        draft: ModelDraft,
        takenOver: Int,
        origins: [String: String],
        sums: [CastSums],
        hasImportance: Bool,
        gradientsDigest: String? = nil
    ) {
        self.draft = draft
        self.origins = origins
        self.takenOver = takenOver
        self.sums = sums
        self.hasImportance = hasImportance
        self.gradientsDigest = gradientsDigest
    }

    /// What several files hold together.
    public init(joining models: [WrittenModel]) {
        self.init(
            draft: ModelDraft(joining: models.map(\.draft)),
            takenOver: models.reduce(0) { $0 + $1.takenOver },
            origins: models.reduce(into: [:]) { $0.merge($1.origins) { first, _ in first } },
            sums: models.flatMap(\.sums),
            hasImportance: models.contains(where: \.hasImportance),
            gradientsDigest: models.first?.gradientsDigest
        )
    }

    /// A layer's impact in the file beside the plan's.
    public struct LayerImpact: Hashable, Sendable {
        /// The layer.
        public let layer: String
        /// What the plan says.
        public let planned: Double
        /// What the bytes of the file give.
        public let written: Double

        /// The two are the same but for rounding: those of a plan were summed in another order.
        public var isAsPlanned: Bool {
            abs(planned - written) <= 1e-9 * max(abs(planned), abs(written))
        }
    }

    /// The impacts of a recipe's layers from what stands in the file, or nil where its table says something else than errors of
    /// weights and losses by the gradients that the file was written with.
    ///
    /// A layer that the plan leaves in the model's own format costs nothing, as in every plan, and so does one whose 8-bit floats stand
    /// in the file as in the model. One that was weighed by the inputs of others, as the matrix knows nothing of its own, stands as
    /// planned.
    ///
    /// - Parameters:
    ///   - recipe: The recipe.
    ///   - profile: The sensitivity profile that the table was made with, where it was made with one.
    ///   - isTextEncoder: Whether the model makes vectors of texts, as `Model.isTextEncoder` says.
    /// - Returns: One for each of the recipe's layers, in its order.
    public func impacts(
        of recipe: Recipe,
        profile: SensitivityProfile? = nil,
        isTextEncoder: Bool = false
    ) -> [LayerImpact]? {
        if let gradients = recipe.impacts.gradients {
            return gradients.digest == gradientsDigest ? losses(of: recipe) : nil
        }
        guard
            let rule = EstimatedImpacts.rule(
                unit: recipe.impacts.unit,
                method: recipe.impacts.method,
                profile: profile
            )
        else { return nil }
        var estimates: [String: TensorEstimate] = [:]
        for (part, sums) in zip(draft.parts, sums) where part.isPlanned {
            estimates[part.tensor.name] = TensorEstimate(part, sums, hasImportance: hasImportance)
        }
        let output = OutputMatrix(tensorNames: draft.parts.map(\.tensor.name), isTextEncoder: isTextEncoder)
        var impacts: [LayerImpact] = []
        let filled = Set(recipe.importance?.filled ?? [])
        let stored = draft.storedTensors
        for layer in recipe.layers {
            if layer.tensors.allSatisfy(stored.contains) {
                impacts.append(.init(layer: layer.layer, planned: layer.impact, written: 0))
                continue
            }
            // What inputs of others count is in the plan, and the encoder was told nothing of it.
            let isWeighedByOthers = { (tensor: String) in
                filled.contains(tensor) || TensorRole(tensorName: tensor) == .tokenEmbedding
            }
            if rule.norm == .weighted, layer.tensors.contains(where: isWeighedByOthers) {
                impacts.append(.init(layer: layer.layer, planned: layer.impact, written: layer.impact))
                continue
            }
            let tensors = layer.tensors.compactMap { estimates[$0] }
            guard tensors.count == layer.tensors.count,
                let impact = try? EstimatedImpacts.impact(
                    ofLayer: layer.layer,
                    tensors,
                    scale: rule.scale,
                    norm: rule.norm,
                    output: output
                )
            else { return nil }
            let isFree =
                layer.impact == 0 && QuantizationFormat(named: layer.format)?.blockElements == 1
            impacts.append(
                LayerImpact(layer: layer.layer, planned: layer.impact, written: isFree ? 0 : impact)
            )
        }
        return impacts
    }
}

extension WrittenModel {
    /// The losses of a recipe's layers by the gradients; a layer that stays as it is costs nothing.
    private func losses(of recipe: Recipe) -> [LayerImpact] {
        var losses: [String: Double] = [:]
        for (part, sums) in zip(draft.parts, sums) where part.isPlanned {
            losses[part.tensor.name] = part.isCopied ? 0 : sums.loss
        }
        return recipe.layers.map { layer in
            LayerImpact(
                layer: layer.layer,
                planned: layer.impact,
                written: layer.tensors.reduce(0) { $0 + (losses[$1] ?? 0) }
            )
        }
    }
}

extension TensorEstimate {
    /// The errors of a tensor in the file.
    fileprivate init(_ part: ModelDraft.Part, _ sums: CastSums, hasImportance: Bool) {
        func errors(_ signal: Double, _ error: Double) -> OutputErrors {
            OutputErrors(
                signal: EstimatedSum(value: signal, standardError: 0),
                errors: [EstimatedSum(value: error, standardError: 0)]
            )
        }
        self.init(
            tensor: part.tensor.name,
            rowCount: part.tensor.outputCount,
            measuredRows: part.tensor.outputCount,
            plain: errors(sums.signal, sums.error),
            weighted: hasImportance ? errors(sums.weightedSignal, sums.weightedError) : nil
        )
    }
}
