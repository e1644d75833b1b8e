public import Checkpoints
public import Tensors

extension LayerGrouping {
    /// The groupings of which an estimate takes the first that makes layers of a model's tensors.
    public static var estimated: [LayerGrouping] { diffusionModels + [perTensor] }
}

extension LayeredModel {
    /// The layers of a model whose weights are looked at, and what is kept.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - grouping: The grouping, as it fits the model's tensors; nil for that of the diffusion models that knows the model's names,
    ///     and a layer per tensor elsewhere.
    /// - Returns: The layers.
    /// - Throws: `TensorError` for tensors that the grouping does not cover.
    public static func estimated(
        of model: Model,
        grouping: LayerGrouping?
    ) throws(TensorError) -> LayeredModel {
        let grouped: LayeredModel
        if let grouping {
            grouped = try grouping.grouped(model.tensors)
        } else if let recognized = LayerGrouping.estimated.lazy
            .compactMap({ try? $0.adapted(to: model.tensors).grouped(model.tensors) })
            .first(where: { !$0.layers.isEmpty })
        {
            grouped = recognized
        } else {
            grouped = try LayerGrouping.perTensor.grouped(model.tensors)
        }
        // Integers and the like are no weights, whatever their shape.
        return try grouped.keeping(
            where: { !($0.elementType?.isWeightFormat ?? true) },
            keptFormat: { $0.elementType?.isWeightFormat ?? true ? nil : $0.elementType },
            sourceFormat: model.sourceFormat
        )
    }
}
