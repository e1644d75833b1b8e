public import Checkpoints
import Tensors

extension ImpactTableReader {
    /// Reads the impact table in a file for a model, whose numbers of weights some shapes need.
    ///
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - model: The model, or nil where it is not at hand.
    ///   - options: What tables of other programs leave out.
    /// - Returns: The table and its shape.
    /// - Throws: ``SensitivityError``, and `TensorError` for tensors that make no modules.
    public static func read(
        path: String,
        for model: Model?,
        options: ImpactImportOptions = ImpactImportOptions()
    ) throws -> ImpactTableReading {
        try read(path: path, options: options).of(model, path: path, options: options)
    }
}

extension ImpactTableReading {
    /// The same table, read again with a model's numbers of weights where its shape needs them.
    ///
    /// - Parameters:
    ///   - model: The model, or nil where it is not at hand.
    ///   - path: The table's file.
    ///   - options: What it was read with.
    /// - Returns: The table and its shape.
    /// - Throws: As ``ImpactTableReader/read(path:for:options:)``.
    public func of(
        _ model: Model?,
        path: String,
        options: ImpactImportOptions
    ) throws -> ImpactTableReading {
        guard let model, shape.needsModel else { return self }
        var options = options
        // Of a tensor by its whole name, or of a module, whose experts may be stacked.
        for tensor in model.tensors {
            options.parameterCounts[tensor.name] = tensor.elementCount
            if tensor.name.hasSuffix(".weight") {
                options.parameterCounts[String(tensor.name.dropLast(".weight".count))] = tensor.elementCount
            }
        }
        for layer in try LayerGrouping.perModule.grouped(model.tensors).layers {
            options.parameterCounts[layer.name] = layer.elementCount
        }
        return try ImpactTableReader.read(path: path, options: options)
    }
}
