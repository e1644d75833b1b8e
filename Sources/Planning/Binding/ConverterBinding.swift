import BitAllocation
import Converters
import Recipes
import Sensitivity
import Tensors

/// What a converter makes of a planning task: what it keeps, which formats it takes, what has to agree.
///
/// It holds a task to what `Converter.files(for:model:)` checks later, so that what is planned can be written.
struct ConverterBinding {
    let converter: any Converter
    /// The format the model comes in.
    let source: QuantizationFormat

    /// The model's layers with what the converter casts along, and without what it keeps.
    ///
    /// - Parameters:
    ///   - model: The model's layers.
    ///   - chosen: The formats in which the user keeps tensors, by their names.
    /// - Returns: The model as the converter takes it.
    /// - Throws: ``PlanningError`` where no layer is left, or the converter leaves a tensor in another format than the user wants,
    ///   `RecipeError` for a tensor that is kept in a format that the converter cannot make, and `TensorError`.
    func layers(of model: LayeredModel, chosen: [String: QuantizationFormat]) throws -> LayeredModel {
        let bound = try model.joining(where: converter.castsWithLayer).keeping(
            where: converter.neverQuantizes,
            keptFormat: converter.keptFormat,
            sourceFormat: source
        )
        if bound.layers.isEmpty {
            throw PlanningError.quantizesNothing(
                converter: converter.name,
                exclusions: converter.exclusions
            )
        }
        for kept in bound.kept {
            guard let format = chosen[kept.tensor.name], format != kept.format else { continue }
            throw PlanningError.keptOtherwise(
                kept.tensor.name,
                by: converter.name,
                found: kept.format.name,
                asked: format.name
            )
        }
        for kept in bound.kept where converter.keptFormat(for: kept.tensor) == nil {
            guard converter.accepts(kept.format) || converter.neverQuantizes(kept.tensor) else {
                throw RecipeError.keptFormatNotAccepted(
                    tensor: kept.tensor.name,
                    format: kept.format.name,
                    converter: converter.name
                )
            }
        }
        return bound
    }

    /// The formats that may be used: those that were named, or those of the table that the converter accepts.
    ///
    /// - Throws: ``PlanningError`` if there is none, or one that the converter does not accept.
    func formats(_ named: [QuantizationFormat]?, table: ImpactTable) throws -> [QuantizationFormat] {
        let known = table.formats.compactMap(QuantizationFormat.init(named:)).filter(converter.accepts)
        let formats = named ?? converter.withoutUnscaledTwins(known)
        if formats.isEmpty {
            throw PlanningError.noFormatAccepted(converter: converter.name, table: table.name)
        }
        if let refused = formats.first(where: { !converter.accepts($0) }) {
            throw PlanningError.formatRefused(refused.name, converter: converter.name)
        }
        return formats
    }

    /// The format in which a layer of these tensors costs nothing, or nil where they have none in common.
    ///
    /// That is their own type. Tensors of several types have the model's in common where the converter can cast them to it.
    func stayingFormat(of tensors: [TensorInfo]) -> QuantizationFormat? {
        if !converter.formats.contains(where: \.isUntouched) {
            return converter.stayingFormat(of: tensors.commonType(source) ?? source)
        }
        let formats = Set(tensors.map { converter.stayingFormat(of: $0.elementType ?? source) })
        return formats.count == 1 ? formats.first ?? nil : nil
    }

    /// Forbids what the converter cannot make, and ties what takes one format together.
    ///
    /// - Throws: `AllocationError`.
    func bind(_ task: inout PlanningTask) throws {
        let (layers, problem) = (task.model.layers, task.problem)
        let untouched = Set(converter.formats.filter(\.isUntouched).map(\.format.name))
        task.problem.forbid { layer, option in
            let name = problem.formatNames[Int(problem.optionFormat[option])]
            if name == source.name, !converter.accepts(source) { return true }
            return untouched.contains(name)
                && layers[layer].tensors.contains { ($0.elementType ?? source).name != name }
        }
        // The tensors' names say what has to agree: a layer may be named in any way.
        var members: [String: [String]] = [:]
        for layer in layers {
            for key in Set(layer.tensors.map { converter.tieKey(forLayer: $0.name) }) {
                members[key, default: []].append(layer.name)
            }
        }
        let sets = members.sorted { $0.key < $1.key }.map(\.value).filter { $0.count > 1 }
        try task.problem.apply([
            Restriction(.tieSets(sets), description: "the converter \(converter.name)")
        ])
    }
}
