public import Tensors

extension EstimatedImpacts.Scale {
    /// The scale where nothing is chosen and nothing measured at the end of the model.
    ///
    /// The built-in prior where the model reads tokens, as the networks did that it was taken from; else relative errors as they are,
    /// as of diffusion transformers nothing of the kind was measured.
    ///
    /// - Parameters:
    ///   - model: The layers.
    ///   - gradients: The gradients that were measured with, which say it themselves; nil for none.
    /// - Returns: The scale.
    public static func usual(
        of model: LayeredModel,
        gradients: GradientReference? = nil
    ) -> EstimatedImpacts.Scale {
        if let gradients { return .gradients(gradients) }
        let planned = model.layers.flatMap(\.tensors).compactMap { TensorRole(tensorName: $0.name) }
        let readsTokens =
            planned.contains(.tokenEmbedding)
            || model.kept.contains { TensorRole(tensorName: $0.tensor.name) == .tokenEmbedding }
        // Files of whole diffusion models have text encoders beside them.
        let isDiffusion = planned.contains { [.modulation, .fusedInput, .fusedOutput].contains($0) }
        return readsTokens && !isDiffusion ? .prior(.builtIn) : .relative
    }
}
