import Converters
import Recipes
import Tensors

/// The format that a recipe gives each tensor of a model.
///
/// Names count without the prefixes that some writers of diffusion models add and others take away, so that a recipe for
/// one file of a model serves for another.
struct RecipeFormats {
    /// The formats, in the order of the model's tensors.
    let formats: [QuantizationFormat]
    /// The layer of each tensor, as a position in the recipe's layers, or nil where it is kept.
    let layers: [Int?]

    /// Joins a recipe with a model's tensors.
    ///
    /// - Throws: ``ConversionError/recipe(_:)`` for other tensors than the model's and for a format that does not fit one, and
    ///   ``ConversionError/otherShape(tensor:planned:found:)``.
    init(_ recipe: Recipe, tensors: [TensorInfo]) throws(ConversionError) {
        var entries: [String: (format: String, layer: Int?)] = [:]
        var order: [String] = []
        for (index, layer) in recipe.layers.enumerated() {
            for tensor in layer.tensors {
                entries[tensor] = (layer.format, index)
                order.append(tensor)
            }
        }
        for kept in recipe.kept {
            entries[kept.tensor] = (kept.format, nil)
            order.append(kept.tensor)
        }
        var bareEntries: [String: (format: String, layer: Int?)] = [:]
        for (name, entry) in entries { bareEntries[TensorNames.bare(name)] = entry }
        func entry(_ name: String) -> (format: String, layer: Int?)? {
            entries[name] ?? bareEntries[TensorNames.bare(name)]
        }
        let found = Set(tensors.map { TensorNames.bare($0.name) })
        let onlyInRecipe = order.filter { !found.contains(TensorNames.bare($0)) }
        let onlyInModel = tensors.map(\.name).filter { entry($0) == nil }
        guard onlyInRecipe.isEmpty, onlyInModel.isEmpty else {
            throw .recipe(.tensorsDiffer(onlyInRecipe: onlyInRecipe, onlyInModel: onlyInModel))
        }
        var formats: [QuantizationFormat] = []
        var layers: [Int?] = []
        var bytes = [Int](repeating: 0, count: recipe.layers.count)
        for tensor in tensors {
            guard let entry = entry(tensor.name) else { continue }
            guard let format = QuantizationFormat(named: entry.format) else {
                throw .noCodec(tensor: tensor.name, format: entry.format)
            }
            guard let count = format.byteCount(of: tensor) else {
                throw .recipe(
                    .formatDoesNotFit(
                        tensor: tensor.name,
                        format: format.name,
                        rowLength: tensor.rowLength
                    )
                )
            }
            if let layer = entry.layer { bytes[layer] += count }
            formats.append(format)
            layers.append(entry.layer)
        }
        // A model of the same names and another size has other bytes.
        for (layer, count) in zip(recipe.layers, bytes) where layer.bytes != count {
            throw .otherShape(tensor: layer.tensors.first ?? layer.layer, planned: layer.bytes, found: count)
        }
        self.formats = formats
        self.layers = layers
    }
}
