public import Checkpoints
public import Converters
public import Recipes
import Tensors
import Text

/// The layers whose 8-bit floats a file has as the model's files have them, in a line for the user.
public struct CopiedLayers: Hashable, Sendable {
    /// The names of the layers, in the recipe's order.
    public let layers: [String]
    private let formats: Set<String>

    /// Finds the layers.
    ///
    /// - Parameters:
    ///   - recipe: The recipe.
    ///   - model: The model that it is for.
    ///   - converter: The converter that makes the file; nil where that is not known, and nothing counts as copied.
    public init(_ recipe: Recipe, of model: Model, by converter: (any Converter)?) {
        let stored = StoredFloats(of: model, by: converter)
        var (layers, formats) = ([String](), Set<String>())
        for layer in recipe.layers {
            guard let format = QuantizationFormat(named: layer.format),
                stored.copies(layer.tensors, in: format)
            else { continue }
            layers.append(layer.layer)
            formats.insert(format.elementFormat.name)
        }
        (self.layers, self.formats) = (layers, formats)
    }

    /// The line, or nil where no layer is copied.
    public var note: String? {
        guard !layers.isEmpty else { return nil }
        let isOne = layers.count == 1
        return """
            \(layers.count.of("layer")) of the model \(isOne ? "is" : "are") in \(formats.sorted().joined(separator: " or ")) already \
            and \(isOne ? "is copied as it stands" : "are copied as they stand"), at impact 0
            """
    }
}
