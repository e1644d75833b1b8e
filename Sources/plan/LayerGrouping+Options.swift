import ArgumentParser
import Checkpoints
import Estimation
import Planning
import Sensitivity
import Tensors
import Text

extension LayerGrouping {
    /// The help of the option that names the grouping of a model whose weights are measured.
    static let estimatedHelp = ArgumentHelp(
        """
        How tensors make up layers: \(builtIns.map(\.name).joined(separator: ", ")), or a file of rules. By \
        default the one of \(diffusionModels.map(\.name).joined(separator: ", ")) that fits the model; if none \
        does, per tensor.
        """,
        valueName: "grouping"
    )
}

extension Model {
    /// The model's layers under the grouping that was named, or else under the one that has most of a table's layers.
    ///
    /// - Parameters:
    ///   - table: The table.
    ///   - grouping: The name of the grouping, or the path of its file; nil where none was named.
    /// - Returns: The layers and what is kept.
    /// - Throws: `TensorError`.
    func layers(for table: ImpactTable, grouping: String?) throws(TensorError) -> LayeredModel {
        let named: LayerGrouping? =
            if let grouping { try LayerGrouping.named(grouping, for: tensors) } else { nil }
        return try table.layers(of: self, grouping: named)
    }
}

extension LayeredModel {
    /// The layers of a model whose weights are looked at, and what is kept.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - grouping: The name of the grouping, or the path of its file; nil where none was named.
    /// - Returns: The layers.
    /// - Throws: `TensorError`.
    static func estimated(of model: Model, groupingNamed grouping: String?) throws(TensorError)
        -> LayeredModel
    {
        let named: LayerGrouping? =
            if let grouping { try LayerGrouping.named(grouping, for: model.tensors) } else { nil }
        return try estimated(of: model, grouping: named)
    }
}
