import Checkpoints
import Tensors

extension LayerGrouping {
    /// The groupings of which `plan estimate` takes the first that makes layers of a model's tensors.
    static var estimated: [LayerGrouping] { diffusionModels + [perTensor] }
}

extension LayeredModel {
    /// The layers of a model whose weights are looked at, and what is kept.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - grouping: A built-in grouping or a file of one; nil for that of the diffusion models that knows the model's names, and
    ///     a layer per tensor elsewhere.
    /// - Returns: The layers.
    /// - Throws: What reading a grouping and grouping throw.
    static func planned(of model: Model, grouping: String?) throws -> LayeredModel {
        let grouped: LayeredModel
        if let grouping {
            grouped = try LayerGrouping.named(grouping, for: model.tensors).grouped(model.tensors)
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
