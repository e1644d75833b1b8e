import BitAllocation
import Checkpoints
import Sensitivity
import Tensors

/// What a model that is quantized already leaves its layers: a cast never undoes the error of the one before it.
///
/// A layer stays as it is, or takes fewer bits. Another format of as many bits would only add its own error; and no format of a layer
/// costs less than the table says of the format that the layer comes in, as the table was measured on the model before that.
struct QuantizedSource {
    private let formats: [String: QuantizationFormat]
    private let common: QuantizationFormat

    /// Reads what the model's files have its tensors in.
    init(of model: Model) {
        formats = model.fileFormats
        common = model.sourceFormat
    }

    /// Refuses restrictions that ask for what a layer's source does not hold.
    ///
    /// - Throws: ``PlanningError/aboveSource(_:layer:source:)``.
    func check(_ restrictions: [Restriction], of layers: [ModelLayer]) throws(PlanningError) {
        for restriction in restrictions {
            let (glob, format, isPin): (Glob, QuantizationFormat, Bool)
            switch restriction.kind {
            case .pin(let pattern, let asked): (glob, format, isPin) = (pattern, asked, true)
            case .atLeast(let pattern, let asked): (glob, format, isPin) = (pattern, asked, false)
            default: continue
            }
            for layer in layers where glob.matches(layer.name) {
                let own = sources(of: layer.tensors.map(\.name))
                guard
                    let least = own.first(where: {
                        isPin ? !allows(format, from: $0) : $0.bitsPerWeight < format.bitsPerWeight
                    })
                else { continue }
                throw .aboveSource(restriction.description, layer: layer.name, source: least.name)
            }
        }
    }

    /// Refuses to keep tensors in formats that their source does not hold.
    ///
    /// - Parameters:
    ///   - rules: The rules that ask for the formats of kept tensors, by the tensors' names.
    ///   - tensors: The tensors that are kept.
    /// - Throws: ``PlanningError/aboveSource(_:layer:source:)``.
    func check(_ rules: [String: PlanningRules.Keep], of tensors: [KeptTensor]) throws(PlanningError) {
        for kept in tensors {
            guard let rule = rules[kept.tensor.name], let asked = rule.format,
                let source = sources(of: [kept.tensor.name]).first(where: { !allows(asked, from: $0) })
            else { continue }
            throw .aboveSource(rule.description, layer: kept.tensor.name, source: source.name)
        }
    }

    /// Forbids what the layers' sources do not hold, and raises what costs less than the sources do.
    ///
    /// - Parameters:
    ///   - task: The task, joined with the table.
    ///   - table: The table.
    /// - Throws: ``PlanningError/allocation(_:)``.
    func hold(_ task: inout PlanningTask, to table: ImpactTable) throws(PlanningError) {
        let layers = task.model.layers.map { $0.tensors.map(\.name) }
        let own = layers.map(sources)
        let known = task.problem.formatNames.map(QuantizationFormat.init(named:))
        let formatOf = task.problem.optionFormat
        task.problem.forbid { layer, option in
            guard let format = known[Int(formatOf[option])] else { return false }
            return !own[layer].allSatisfy { allows(format, from: $0) }
        }
        var impacts = task.problem.optionImpact
        for (index, layer) in task.model.layers.enumerated() {
            let least = leastImpact(of: layer.name, layers[index], in: table)
            for option in task.problem.options(ofLayer: index) {
                impacts[option] = max(impacts[option], least)
            }
        }
        guard impacts != task.problem.optionImpact else { return }
        task.problem = try PlanningError.wrapping { () throws(AllocationError) in
            try task.problem.with(impacts: impacts)
        }
    }

    /// The least that a layer costs in any format: what the table says of the format that it comes in.
    ///
    /// - Parameters:
    ///   - layer: The layer's name.
    ///   - tensors: The names of its tensors.
    ///   - table: The table.
    /// - Returns: The impact; 0 where the table says nothing of one of the formats that the tensors come in.
    func leastImpact(of layer: String, _ tensors: [String], in table: ImpactTable) -> Double {
        sources(of: tensors).map { table.impact(layer: layer, format: $0.name) ?? 0 }.min() ?? 0
    }

    /// The formats that tensors come in, in the tensors' order.
    private func sources(of tensors: [String]) -> [QuantizationFormat] {
        tensors.map { formats[$0] ?? common }
    }

    /// Whether weights may be cast from a format to another: to itself, to fewer bits, and among floats to as many.
    private func allows(_ format: QuantizationFormat, from source: QuantizationFormat) -> Bool {
        format == source || format.bitsPerWeight < source.bitsPerWeight
            || source.blockElements == 1 && format.bitsPerWeight == source.bitsPerWeight
    }
}
