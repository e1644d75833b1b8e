import Text
public import Recipes
public import Tensors

/// A recipe joined with its model's tensors, every one of which the converter can make as planned.
public struct CheckedRecipe: Sendable {
    /// A tensor and the format it ends in.
    public struct Assignment: Hashable, Sendable {
        /// The tensor.
        public let tensor: TensorInfo
        /// The format in which the converter leaves it.
        public let format: QuantizationFormat
        /// The layer that it is planned with, or nil if it is kept.
        public let layer: String?
    }

    /// The recipe.
    public let recipe: Recipe
    /// Every tensor of the model, in the model's order.
    public let assignments: [Assignment]

    /// Checks a recipe against its model and a converter.
    ///
    /// - Throws: `RecipeError.malformed(source:detail:)` for a tensor that stands in the recipe twice,
    ///   `RecipeError.tensorsDiffer(onlyInRecipe:onlyInModel:)`,
    ///   `RecipeError.formatNotAccepted(format:layers:converter:accepted:)`,
    ///   `RecipeError.keptFormatNotAccepted(tensor:format:converter:)`,
    ///   `RecipeError.formatDoesNotFit(tensor:format:rowLength:)`,
    ///   `RecipeError.neverQuantized(tensors:converter:)`, `RecipeError.leftAsItIs(tensor:source:planned:converter:)`
    ///   and `RecipeError.layersDisagree(_:converter:)`.
    public init(_ recipe: Recipe, model: [TensorInfo], for converter: any Converter) throws(RecipeError) {
        self.recipe = recipe
        let entries = try Self.entries(of: recipe, model: model)
        try Self.checkFormats(of: recipe, for: converter)
        var assignments: [Assignment] = []
        var vetoed: [String] = []
        for tensor in model {
            guard let entry = entries[tensor.name] else { continue }
            guard let layer = entry.layer else {
                let format = try Self.keptFormat(of: tensor, named: entry.format, for: converter)
                assignments.append(Assignment(tensor: tensor, format: format, layer: nil))
                continue
            }
            guard let format = QuantizationFormat(named: entry.format) else { continue }
            switch converter.outcome(of: tensor, in: format) {
            case .made: break
            // Refused above, where all layers in such a format are named.
            case .notAccepted: continue
            case .doesNotFit:
                throw .formatDoesNotFit(
                    tensor: tensor.name,
                    format: format.name,
                    rowLength: tensor.rowLength
                )
            case .neverQuantized: vetoed.append(tensor.name)
            case .leftAsItIs(let source):
                throw .leftAsItIs(
                    tensor: tensor.name,
                    source: source.name,
                    planned: format.name,
                    converter: converter.name
                )
            }
            assignments.append(Assignment(tensor: tensor, format: format, layer: layer))
        }
        guard vetoed.isEmpty else { throw .neverQuantized(tensors: vetoed, converter: converter.name) }
        self.assignments = assignments
        try checkTies(for: converter)
    }

    private struct Entry {
        /// The canonical name of the format, or what stands in the recipe if there is none.
        var format: String
        var layer: String?
    }

    /// What the recipe says of each tensor, which are exactly the model's.
    private static func entries(
        of recipe: Recipe,
        model: [TensorInfo]
    ) throws(RecipeError) -> [String: Entry] {
        var entries: [String: Entry] = [:]
        var order: [String] = []
        func add(_ tensor: String, _ format: String, _ layer: String?) throws(RecipeError) {
            let name = QuantizationFormat(named: format)?.name ?? format
            guard entries.updateValue(Entry(format: name, layer: layer), forKey: tensor) == nil else {
                throw .malformed(
                    source: "the recipe",
                    detail: "the tensor \(tensor.quoted) stands in it twice"
                )
            }
            order.append(tensor)
        }
        for layer in recipe.layers {
            for tensor in layer.tensors { try add(tensor, layer.format, layer.layer) }
        }
        for kept in recipe.kept { try add(kept.tensor, kept.format, nil) }
        let names = Set(model.map(\.name))
        let onlyInRecipe = order.filter { !names.contains($0) }
        let onlyInModel = model.map(\.name).filter { entries[$0] == nil }
        guard onlyInRecipe.isEmpty, onlyInModel.isEmpty else {
            throw .tensorsDiffer(onlyInRecipe: onlyInRecipe, onlyInModel: onlyInModel)
        }
        return entries
    }

    /// Refuses the first format that the converter does not accept, with every layer that takes it.
    private static func checkFormats(of recipe: Recipe, for converter: any Converter) throws(RecipeError) {
        func isAccepted(_ name: String) -> Bool {
            QuantizationFormat(named: name).map(converter.accepts) ?? false
        }
        guard let refused = recipe.layers.first(where: { !isAccepted($0.format) })?.format else { return }
        throw .formatNotAccepted(
            format: refused,
            layers: recipe.layers.filter { $0.format == refused }.map(\.layer),
            converter: converter.name,
            accepted: converter.formats.map(\.format.name)
        )
    }

    /// The format in which the converter leaves a tensor that is not planned.
    private static func keptFormat(
        of tensor: TensorInfo,
        named name: String,
        for converter: any Converter
    ) throws(RecipeError) -> QuantizationFormat {
        if let format = converter.keptFormat(for: tensor) { return format }
        guard let format = QuantizationFormat(named: name),
            converter.accepts(format) || converter.neverQuantizes(tensor)
        else {
            throw .keptFormatNotAccepted(tensor: tensor.name, format: name, converter: converter.name)
        }
        guard format.fits(tensor) else {
            throw .formatDoesNotFit(tensor: tensor.name, format: format.name, rowLength: tensor.rowLength)
        }
        return format
    }

    /// Refuses layers that must take one format and do not.
    ///
    /// The tensors' names are asked, not the layers': a layer may be named in any way.
    private func checkTies(for converter: any Converter) throws(RecipeError) {
        var keys: [String] = []
        var formats: [String: [(layer: String, format: String)]] = [:]
        for assignment in assignments {
            guard let layer = assignment.layer else { continue }
            let key = converter.tieKey(forLayer: assignment.tensor.name)
            let member = (layer: layer, format: assignment.format.name)
            if formats[key] == nil { keys.append(key) }
            if formats[key]?.contains(where: { $0 == member }) != true {
                formats[key, default: []].append(member)
            }
        }
        let disagreements = keys.compactMap { key -> String? in
            let members = formats[key] ?? []
            guard Set(members.map(\.format)).count > 1 else { return nil }
            return members.map { "\($0.layer) \($0.format)" }.joined(separator: " and ")
        }
        guard disagreements.isEmpty else {
            throw .layersDisagree(disagreements, converter: converter.name)
        }
    }
}
