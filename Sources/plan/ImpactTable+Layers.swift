import Checkpoints
import Sensitivity
import Tensors

extension ImpactTable {
    /// A model's layers under the grouping that was named, or else under the one that has most of the table's layers.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - grouping: The name of the grouping, or the path of its file; nil where none was named.
    /// - Returns: The layers and what is kept.
    /// - Throws: `TensorError`, and ``Failure`` for a grouping that there is not.
    func layers(of model: Model, grouping: String?) throws -> LayeredModel {
        if let grouping {
            return try LayerGrouping.named(grouping, for: model.tensors).grouped(model.tensors)
        }
        let wanted = Set(layers)
        func found(_ model: LayeredModel) -> Int { model.layers.count { wanted.contains($0.name) } }
        // Of several with as many of the table's layers, the first is taken.
        let best = try LayerGrouping.fitting(model.tensors).max { found($0.model) < found($1.model) }
        if byteCounts != nil {
            let listed = try ListedModules.grouped(model.tensors, by: layers)
            let count = found(listed)
            if count > 0, count >= best.map({ found($0.model) }) ?? 0 { return listed }
        }
        guard let best else { throw TensorError.uncoveredTensors([], grouping: "built-in") }
        return best.model
    }
}
