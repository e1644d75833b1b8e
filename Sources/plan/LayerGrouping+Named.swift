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

    /// The built-in grouping of a name, for a model's tensors, or the one in a file.
    static func named(_ name: String, for tensors: [TensorInfo]) throws(TensorError) -> LayerGrouping {
        if let builtIn = builtIn(named: name) { return builtIn.adapted(to: tensors) }
        do {
            return try LayerGroupingReader.read(path: name)
        } catch .file(let error) where error.problem == .missing {
            throw .unknownGrouping(name, known: builtIns.map(\.name))
        }
    }
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
