public import Text
public import Recipes
public import Tensors

/// How a converter's file follows from the formats of the layers: data for a page that writes the file itself.
///
/// ```json
/// {"name": "thireus", "fileName": "plan.recipe", "shape": "rules", "untouched": ["BF16"],
///  "accepted": [{"Q4_1": "q4_1", "BF16": "bf16"}], "ties": [[0, 1]],
///  "separator": "\n", "limit": null, "entries": [["^img_in\\.weight", "", "$", "bf16"], ["^blocks\\.", "0", "\\.w$", 0]]}
/// ```
///
/// `accepted` has, per layer, the formats that the converter can make of it with its own spelling of them, and `ties` the
/// layers that have to agree. An entry is the beginning of a pattern, the number, the end of the pattern, and either a type
/// or the index of the layer whose format is the type. `ruleObject` has the same entries, `modules` pairs of a module and a
/// layer, `streams` and `blocks` triples of FLUX.1's block, its stream and a layer, `settings` triples of a module, its layer or
/// null, and the length of its rows.
public struct ConverterSheet: Hashable, Sendable {
    /// The sheet as JSON.
    public let jsonValue: JSONValue

    /// Makes the sheet of a converter, or returns `nil` where the converter does not serve the model.
    ///
    /// - Parameters:
    ///   - converter: The converter.
    ///   - recipe: Any recipe for the model.
    ///   - model: The model's tensors.
    ///   - formats: Per layer of the recipe, the formats that it may take.
    public init?(_ converter: any Converter, for recipe: Recipe, model: [TensorInfo], formats: [[String]]) {
        guard formats.count == recipe.layers.count,
            let accepted = Self.accepted(converter, recipe, model, formats),
            // A converter that can only leave everything as it is makes none of the plans but the last.
            accepted.contains(where: { layer in layer.contains { !converter.leavesUntouched($0.format) } }),
            let sample = Self.sample(converter, recipe, model, accepted),
            let body = Self.body(converter, sample, layers: recipe.layers.map(\.layer))
        else { return nil }
        let spellings = accepted.map { layer in
            JSONValue.object(layer.map { .init(key: $0.format, value: .string($0.spelling)) })
        }
        let ties = Self.ties(converter, sample, layers: recipe.layers.map(\.layer))
        jsonValue = .object(
            [
                .init(key: "name", value: .string(converter.name)),
                .init(key: "fileName", value: .string(converter.fileName)),
                .init(
                    key: "untouched",
                    value: .array(converter.formats.filter(\.isUntouched).map { .string($0.format.name) })
                ),
                .init(key: "accepted", value: .array(spellings)),
                .init(key: "ties", value: .array(ties.map { .array($0.map(JSONValue.integer)) })),
            ] + body
        )
    }

    /// Per layer, the formats that the converter can make of it; `nil` where it can make none of a layer.
    private static func accepted(
        _ converter: any Converter,
        _ recipe: Recipe,
        _ model: [TensorInfo],
        _ formats: [[String]]
    ) -> [[(format: String, spelling: String)]]? {
        var tensors: [String: TensorInfo] = [:]
        for tensor in model { tensors[tensor.name] = tensor }
        var result: [[(format: String, spelling: String)]] = []
        for (layer, formats) in zip(recipe.layers, formats) {
            let own = layer.tensors.compactMap { tensors[$0] }
            let accepted = formats.compactMap { name -> (format: String, spelling: String)? in
                var alone = recipe
                alone.kept = []
                alone.layers = [layer]
                alone.layers[0].format = name
                guard (try? CheckedRecipe(alone, model: own, for: converter)) != nil,
                    let format = QuantizationFormat(named: name),
                    let spelling = converter.spelling(of: format)
                else { return nil }
                return (name, spelling)
            }
            guard !accepted.isEmpty else { return nil }
            result.append(accepted)
        }
        return result
    }

    /// A recipe with one format for all layers, or as nearly so as can be, which the converter has written and proven.
    private static func sample(
        _ converter: any Converter,
        _ recipe: Recipe,
        _ model: [TensorInfo],
        _ accepted: [[(format: String, spelling: String)]]
    ) -> CheckedRecipe? {
        let common = accepted.first?.first { candidate in
            accepted.allSatisfy { layer in layer.contains { $0.format == candidate.format } }
        }
        var sample = recipe
        for (index, layer) in accepted.enumerated() {
            sample.layers[index].format = common?.format ?? layer[0].format
        }
        guard let checked = try? CheckedRecipe(sample, model: model, for: converter),
            (try? converter.write(checked)) != nil
        else { return nil }
        return checked
    }

    /// The layers that have to agree, by their indices.
    private static func ties(_ converter: any Converter, _ sample: CheckedRecipe, layers: [String]) -> [[Int]]
    {
        let place = indices(of: layers)
        var groups: [String: Set<Int>] = [:]
        for assignment in sample.assignments {
            guard let layer = assignment.layer, let index = place[layer] else { continue }
            groups[converter.tieKey(forLayer: assignment.tensor.name), default: []].insert(index)
        }
        return Set(groups.values.filter { $0.count > 1 }.map { $0.sorted() }).sorted { $0[0] < $1[0] }
    }

    private static func indices(of layers: [String]) -> [String: Int] {
        var indices: [String: Int] = [:]
        for (index, layer) in layers.enumerated() { indices[layer] = index }
        return indices
    }

    private static func body(_ converter: any Converter, _ sample: CheckedRecipe, layers: [String])
        -> [JSONValue.Member]?
    {
        let place = indices(of: layers)
        func layer(_ assignment: CheckedRecipe.Assignment) -> JSONValue? {
            assignment.layer.flatMap { place[$0] }.map(JSONValue.integer)
        }
        switch converter {
        case let converter as any RuleConverter:
            let style = converter.ruleStyle
            let types = sample.listedTypes(for: converter)
            let listed = zip(types, sample.assignments).compactMap { type, assignment in
                type.type.map { (name: type.name, type: layer(assignment) ?? .string($0)) }
            }
            return [
                .init(key: "shape", value: "rules"),
                .init(key: "separator", value: .string(String(style.separator))),
                .init(key: "limit", value: style.limit.map(JSONValue.integer) ?? .null),
                .init(key: "entries", value: entries(listed, style.dialect)),
            ]
        case let converter as ConvertToQuant:
            let listed = sample.assignments.compactMap { assignment -> (name: String, type: JSONValue)? in
                guard let module = LinearModule(assignment.tensor),
                    !converter.neverQuantizes(assignment.tensor)
                else { return nil }
                return (module.name, layer(assignment) ?? "skip")
            }
            return [
                .init(key: "shape", value: "ruleObject"),
                .init(key: "entries", value: entries(listed, converter.dialect)),
            ]
        case is ComfyUIQuantization:
            let modules = sample.assignments.compactMap { assignment -> JSONValue? in
                guard let module = LinearModule(assignment.tensor), let layer = layer(assignment) else {
                    return nil
                }
                return [.string(module.name), layer]
            }
            return [.init(key: "shape", value: "modules"), .init(key: "entries", value: .array(modules))]
        case is MLXQuantization: return settings(sample, layer)
        case is CGMixedCasting: return casts(sample, converter, shape: "streams", layer)
        case is MixedGGUFConverter:
            let native = MixedGGUFConverter.native.map(\.spelling).joined(separator: ",")
            return casts(sample, converter, shape: "blocks", layer).map {
                $0 + [.init(key: "native", value: .string(native))]
            }
        default: return nil
        }
    }

    private static func settings(
        _ sample: CheckedRecipe,
        _ layer: (CheckedRecipe.Assignment) -> JSONValue?
    ) -> [JSONValue.Member] {
        let modules = sample.assignments.compactMap { assignment in
            LinearModule(assignment.tensor).map { module -> JSONValue in
                let name = MLXQuantization.stacked(module.name)
                return [.string(name), layer(assignment) ?? .null, .integer(assignment.tensor.rowLength)]
            }
        }
        let settings = QuantizationFormat.mlx.map { format in
            JSONValue.Member(key: format.name, value: .object(MLXQuantization.Setting(format).members))
        }
        return [
            .init(key: "shape", value: "settings"),
            .init(key: "settings", value: .object(settings)),
            .init(key: "entries", value: .array(modules)),
        ]
    }

    private static func entries(
        _ listed: [(name: String, type: JSONValue)],
        _ dialect: TypeRules.Dialect
    ) -> JSONValue {
        let frames = TypeRules.frames(of: listed.map(\.name), dialect)
        return .array(
            zip(frames, listed).map { frame, entry in
                [.string(frame.patternHead), .string(frame.number), .string(frame.patternTail), entry.type]
            }
        )
    }

    private static func casts(
        _ sample: CheckedRecipe,
        _ converter: any Converter,
        shape: String,
        _ layer: (CheckedRecipe.Assignment) -> JSONValue?
    ) -> [JSONValue.Member]? {
        var layers: [FluxPlace: JSONValue] = [:]
        for assignment in sample.assignments where !converter.neverQuantizes(assignment.tensor) {
            if let place = FluxPlace(name: assignment.tensor.name), let layer = layer(assignment) {
                layers[place] = layer
            }
        }
        let places = FluxPlace.all.compactMap { place -> JSONValue? in
            layers[place].map { [.integer(place.block), .string(place.stream.rawValue), $0] }
        }
        guard places.count == FluxPlace.all.count else { return nil }
        return [
            .init(key: "shape", value: .string(shape)),
            .init(key: "spellings", value: .array(FluxCasts.spellings(of: converter).map { .string($0) })),
            .init(key: "entries", value: .array(places)),
        ]
    }
}

extension Converter {
    /// Whether a format of this name leaves a tensor as it is in the source.
    fileprivate func leavesUntouched(_ name: String) -> Bool {
        formats.contains { $0.format.name == name && $0.isUntouched }
    }
}
