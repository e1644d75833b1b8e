public import Recipes
public import Tensors

/// Which plans for a model a converter can make, found for all plans at once.
///
/// ``Converter/files(for:model:)`` checks one recipe; a page with thousands of plans asks here what holds for all of them:
/// in which formats each layer can be made, and which layers have to agree. What only the writer can find, such as rules
/// that are too long for the converter to read, is left to it.
public struct ConverterReach: Hashable, Sendable {
    /// The converter's name.
    public let converter: String
    /// A name for the file that the converter reads.
    public let fileName: String
    /// Per layer of the recipe, and per format that was asked for it, whether the converter can make that.
    public let accepts: [[Bool]]
    /// The layers that have to take one format, by their indices: sets of two or more, disjoint where the converter's are.
    public let ties: [[Int]]
    /// What the converter makes of tensors that are not planned, where that is not what the recipe says; or `nil`.
    public let note: String?
    /// How many more bytes the finished file has for it than the recipe says; below zero for fewer.
    public let extraBytes: Int

    /// Finds what a converter can make of a model, or returns `nil` where it does not serve the model.
    ///
    /// A converter serves a model that it can read, of which it can make every layer in one of the formats at least, and
    /// not by leaving everything as it is.
    ///
    /// - Parameters:
    ///   - converter: The converter.
    ///   - recipe: Any recipe for the model; only its layers' tensors and what it keeps play a part.
    ///   - model: The model's tensors.
    ///   - formats: Per layer of the recipe, the formats that it may take.
    public init?(_ converter: any Converter, for recipe: Recipe, model: [TensorInfo], formats: [[String]]) {
        guard formats.count == recipe.layers.count, (try? converter.check(model)) != nil else { return nil }
        var tensors: [String: TensorInfo] = [:]
        for tensor in model { tensors[tensor.name] = tensor }
        let known = Set(formats.joined()).reduce(into: [:]) { $0[$1] = QuantizationFormat(named: $1) }
        accepts = zip(recipe.layers, formats).map { layer, formats in
            let own = layer.tensors.compactMap { tensors[$0] }.map { ($0, converter.neverQuantizes($0)) }
            return formats.map { name in
                guard let format = known[name] else { return false }
                return own.allSatisfy { tensor, isKept in
                    converter.outcome(of: tensor, in: format, isNeverQuantized: isKept) == .made
                }
            }
        }
        let quantizes = zip(accepts, formats).contains { accepts, formats in
            zip(accepts, formats).contains { accepted, name in
                accepted && known[name].map(converter.isUntouched) == false
            }
        }
        guard quantizes, accepts.allSatisfy({ $0.contains(true) }) else { return nil }
        guard Self.canWrite(converter, recipe, model, accepts, formats) else { return nil }
        self.converter = converter.name
        fileName = converter.fileName
        ties = Self.ties(converter, recipe)
        let kept = converter.keptDifferences(from: recipe, model: model)
        note = kept.summary(of: converter)
        extraBytes = kept.extraBytes
    }

    /// Whether the converter takes a recipe in which every layer has the first format that all can have, or else its own first.
    private static func canWrite(
        _ converter: any Converter,
        _ recipe: Recipe,
        _ model: [TensorInfo],
        _ accepts: [[Bool]],
        _ formats: [[String]]
    ) -> Bool {
        let taken = zip(accepts, formats).map { accepts, formats in
            zip(accepts, formats).filter(\.0).map(\.1)
        }
        var common = taken.first ?? []
        for formats in taken where !common.isEmpty { common.removeAll { !formats.contains($0) } }
        let layers = zip(recipe.layers, taken).map { layer, formats in
            var layer = layer
            layer.format = common.first ?? formats[0]
            return layer
        }
        let sample = Recipe(
            recipe,
            converter: recipe.converter,
            size: recipe.size,
            layers: layers,
            kept: recipe.kept
        )
        guard let checked = try? CheckedRecipe(sample, model: model, for: converter) else { return false }
        return (try? converter.write(checked)) != nil
    }

    private static func ties(_ converter: any Converter, _ recipe: Recipe) -> [[Int]] {
        var groups: [String: Set<Int>] = [:]
        for (index, layer) in recipe.layers.enumerated() {
            for tensor in layer.tensors {
                groups[converter.tieKey(forLayer: tensor), default: []].insert(index)
            }
        }
        return Set(groups.values.filter { $0.count > 1 }.map { $0.sorted() })
            .sorted { $0.lexicographicallyPrecedes($1) }
    }
}
