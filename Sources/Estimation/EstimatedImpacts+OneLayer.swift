package import Sensitivity

extension EstimatedImpacts {
    /// How the impacts of a table were made of errors, from what it says of them.
    ///
    /// - Parameters:
    ///   - unit: The table's unit.
    ///   - method: The table's method.
    ///   - profile: The sensitivity profile, where the method names one.
    /// - Returns: The scale and the norm, or nil for a table that was not made so.
    package static func rule(
        unit: String?,
        method: String?,
        profile: SensitivityProfile?
    ) -> (scale: Scale, norm: ErrorNorm)? {
        let scales: [Scale] =
            [.pooled, .relative, .amplitude] + RolePrior.known.map { .prior($0) }
            + (profile.map { [.profile($0)] } ?? [])
        for scale in scales {
            for norm in ErrorNorm.allCases {
                let importance = ImportanceReference(name: "matrix", digest: "")
                for (reference, hasSeveral) in [
                    (nil, false), (nil, true), (importance, false), (importance, true),
                ] {
                    let meaning = meaning(scale, norm, reference, ofSeveralTensors: hasSeveral)
                    if meaning.unit == unit, meaning.method == method {
                        return (scale, isProfile(scale) ? scale.defaultNorm : norm)
                    }
                }
            }
        }
        return nil
    }

    /// The impact of one layer of tensors whose errors were measured in one format.
    ///
    /// - Parameters:
    ///   - layer: The layer's name.
    ///   - tensors: The errors, each with one format.
    ///   - scale: How a loss becomes an impact.
    ///   - norm: Which errors count.
    ///   - output: The matrix of the model's output, if it has one.
    /// - Returns: The impact.
    /// - Throws: ``EstimationError/layerNotInProfile(layer:profile:)``.
    package static func impact(
        ofLayer layer: String,
        _ tensors: [TensorEstimate],
        scale: Scale,
        norm: ErrorNorm,
        output: OutputMatrix?
    ) throws(EstimationError) -> Double? {
        guard let loss = loss(of: tensors, format: 0, scale, norm, output) else { return nil }
        return Cell(loss: loss, factor: try factor(for: layer, tensors, scale, norm, output)).impact.value
    }

    private static func isProfile(_ scale: Scale) -> Bool {
        if case .profile = scale { true } else { false }
    }
}
