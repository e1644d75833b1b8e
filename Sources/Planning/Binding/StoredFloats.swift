import BitAllocation
import Checkpoints
import Converters
import Sensitivity
import Tensors

/// What the model's files have in 8-bit floats as the converter's file holds them: there it is copied, floats and scale, and costs nothing.
///
/// A table that was made from the weights says what casting them again would cost, and one that was measured on the model in 16 bits
/// what the model's maker lost; neither is lost by a copy.
struct StoredFloats {
    private let formats: [String: QuantizationFormat]

    /// Reads what can be copied: nothing for converters that cast everything.
    init(of model: Model, by converter: (any Converter)?) {
        formats = converter?.copiesStoredFloats == true ? model.storedFloats : [:]
    }

    /// Finds the 8-bit floats that all of some tensors are stored in.
    ///
    /// - Parameter tensors: The names of a layer's tensors.
    /// - Returns: The format without a scale; nil where they are stored otherwise, or not all in the same.
    func format(of tensors: [String]) -> QuantizationFormat? {
        guard !formats.isEmpty, let first = tensors.first, let format = formats[first] else { return nil }
        return tensors.allSatisfy { formats[$0] == format } ? format : nil
    }

    /// Whether a layer of these tensors is copied where it takes a format.
    func copies(_ tensors: [String], in format: QuantizationFormat) -> Bool {
        format.scaledFormat != nil && self.format(of: tensors) == format.elementFormat
    }

    /// The format in which a layer is copied, where a table has no column for it.
    ///
    /// - Parameters:
    ///   - layer: The layer.
    ///   - table: The table.
    /// - Returns: The format with a scale; nil where nothing is copied, and where the table says whether the layer may take it.
    func stayingFormat(of layer: ModelLayer, besides table: ImpactTable) -> QuantizationFormat? {
        guard let format = format(of: layer.tensors.map(\.name)), let scaled = format.scaledFormat else {
            return nil
        }
        let isThere = [format, scaled].contains { table.index(ofFormat: $0.name) != nil }
        return isThere ? nil : scaled
    }

    /// Takes the impact away from options that are copies.
    ///
    /// - Parameter task: The task, joined with the table.
    /// - Throws: ``PlanningError/allocation(_:)``.
    func release(_ task: inout PlanningTask) throws(PlanningError) {
        guard !formats.isEmpty else { return }
        let problem = task.problem
        let known = problem.formatNames.map(QuantizationFormat.init(named:))
        var impacts = problem.optionImpact
        for (index, layer) in task.model.layers.enumerated() {
            let tensors = layer.tensors.map(\.name)
            for option in problem.options(ofLayer: index) where impacts[option] > 0 {
                guard let format = known[Int(problem.optionFormat[option])], copies(tensors, in: format)
                else {
                    continue
                }
                impacts[option] = 0
            }
        }
        guard impacts != problem.optionImpact else { return }
        task.problem = try PlanningError.wrapping { () throws(AllocationError) in
            try problem.with(impacts: impacts)
        }
    }
}
