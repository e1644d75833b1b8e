public import Checkpoints
public import Sensitivity
public import Tensors

extension ImpactTable {
    /// A model's layers under a grouping, or else under the built-in one that has most of the table's layers.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - grouping: The grouping; nil where none was chosen.
    /// - Returns: The layers and what is kept.
    /// - Throws: `TensorError` where no grouping covers the model's tensors.
    public func layers(of model: Model, grouping: LayerGrouping?) throws(TensorError) -> LayeredModel {
        if let grouping { return try grouping.grouped(model.tensors) }
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
