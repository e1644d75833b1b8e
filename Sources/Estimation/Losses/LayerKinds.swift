package import Tensors

/// The kinds of a model's layers: those that were measured stand for others of their kind.
///
/// They are those of `ModelLayer.kind`, but that the down projection of a language model's last block, whose errors no block makes up for, is of a
/// kind of its own: it costs several times what those of other blocks do, so neither says anything of the other.
package struct LayerKinds {
    private let output: OutputMatrix?

    /// Finds the kinds that only a whole model shows.
    ///
    /// - Parameters:
    ///   - model: The layers, and what is kept besides.
    ///   - isTextEncoder: Whether the model makes vectors of texts, as `Model.isTextEncoder` says: then no layer makes logits.
    package init(of model: LayeredModel, isTextEncoder: Bool = false) {
        let tensors = model.layers.flatMap(\.tensors) + model.kept.map(\.tensor)
        output = OutputMatrix(tensorNames: tensors.map(\.name), isTextEncoder: isTextEncoder)
    }

    /// The kind of a layer, in words.
    ///
    /// - Parameter layer: One of the model's layers.
    /// - Returns: The kind.
    package func kind(of layer: ModelLayer) -> String {
        isLastDownProjection(layer) ? "\(layer.kind) of the last block" : layer.kind
    }

    /// Whether a layer makes the output of a language model.
    ///
    /// - Parameter layer: One of the model's layers.
    /// - Returns: Whether one of its tensors does.
    package func makesOutput(_ layer: ModelLayer) -> Bool {
        layer.tensors.contains { $0.name == output?.tensor }
    }

    /// Whether a layer is the down projection of a language model's last block.
    ///
    /// - Parameter layer: One of the model's layers.
    /// - Returns: Whether all of its tensors are.
    package func isLastDownProjection(_ layer: ModelLayer) -> Bool {
        guard let output, !layer.tensors.isEmpty else { return false }
        return layer.tensors.allSatisfy { output.isLastDownProjection($0.name) }
    }
}
