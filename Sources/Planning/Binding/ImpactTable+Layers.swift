public import Checkpoints
public import Sensitivity
public import Tensors

extension ImpactTable {
    /// A model's layers under a grouping, or else under the built-in one that has most of the table's layers.
    ///
    /// Of a whole checkpoint, with text encoders and a decoder beside its diffusion model, the grouping is one of the diffusion
    /// model where the table is of that alone; the other parts are then kept as they are.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - grouping: The grouping; nil where none was chosen.
    /// - Returns: The layers and what is kept.
    /// - Throws: `TensorError` where no grouping covers the model's tensors.
    public func layers(of model: Model, grouping: LayerGrouping?) throws(TensorError) -> LayeredModel {
        guard let part = model.diffusionPart else { return try allLayers(of: model, grouping: grouping) }
        let whole: LayeredModel
        do throws(TensorError) {
            whole = try allLayers(of: model, grouping: grouping)
        } catch {
            guard let layers = try? allLayers(of: part, grouping: grouping) else { throw error }
            return try layers.keepingBeside(model.tensors, sourceFormat: model.sourceFormat)
        }
        guard let layers = try? allLayers(of: part, grouping: grouping),
            rowCount(in: layers) > 0, rowCount(in: layers) >= rowCount(in: whole)
        else { return whole }
        return try layers.keepingBeside(model.tensors, sourceFormat: model.sourceFormat)
    }

    /// How many of a model's layers the table has.
    private func rowCount(in model: LayeredModel) -> Int {
        model.layers.count { index(ofLayer: $0.name) != nil }
    }

    /// The layers of a model all of whose tensors the grouping has to cover.
    private func allLayers(of model: Model, grouping: LayerGrouping?) throws(TensorError) -> LayeredModel {
        if let grouping { return try grouping.grouped(model.tensors) }
        // Of several with as many of the table's layers, the first is taken.
        let best = try LayerGrouping.fitting(model.tensors)
            .map { (model: $0.model, rowCount: rowCount(in: $0.model)) }
            .max { $0.rowCount < $1.rowCount }
        if byteCounts != nil {
            let listed = try ListedModules.grouped(model.tensors, by: layers)
            let count = rowCount(in: listed)
            if count > 0, count >= best?.rowCount ?? 0 { return listed }
        }
        guard let best else { throw TensorError.uncoveredTensors([], grouping: "built-in") }
        return best.model
    }
}
