import Checkpoints
import Sensitivity
import Tensors

extension ImpactTableReading {
    /// Reads a table for a model, whose numbers of weights some shapes need.
    ///
    /// - Parameters:
    ///   - path: The table's file.
    ///   - model: The model, or nil where it is not at hand.
    ///   - lowFormat: The smaller format of a table that does not name it.
    ///   - highFormat: The larger format of such a table.
    /// - Returns: The table and its shape.
    /// - Throws: `SensitivityError`, and `TensorError` for tensors that make no modules.
    static func read(
        path: String,
        for model: Model?,
        lowFormat: String?,
        highFormat: String?
    ) throws -> ImpactTableReading {
        let options = ImpactImportOptions(lowFormat: lowFormat, highFormat: highFormat)
        return try ImpactTableReader.read(path: path, options: options).of(model, path: path, options)
    }

    /// The same table, read again with a model's numbers of weights where its shape needs them.
    ///
    /// - Parameters:
    ///   - model: The model, or nil where it is not at hand.
    ///   - path: The table's file.
    ///   - options: What it was read with.
    /// - Returns: The table and its shape.
    /// - Throws: As ``read(path:for:lowFormat:highFormat:)``.
    func of(_ model: Model?, path: String, _ options: ImpactImportOptions) throws -> ImpactTableReading {
        guard let model, shape == .mlxSensitivities || shape == .exllamaGroups else { return self }
        var options = options
        // The first are per million weights: of a tensor by its whole name, or of a module, whose experts may be stacked. The
        // second say how much larger a module becomes than one whose bits per weight are known.
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
