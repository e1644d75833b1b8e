public import Recipes
public import Tensors

extension LayeredModel {
    /// The layers of a recipe that gives each of the model's the format that is asked for, at no impact.
    public func recipeLayers(_ format: (ModelLayer) -> String) -> [Recipe.Layer] {
        layers.map { layer in
            let format = format(layer)
            let bytes = QuantizationFormat(named: format).flatMap { layer.byteCount(in: $0) }
            return Recipe.Layer(
                layer: layer.name,
                format: format,
                bytes: bytes ?? 0,
                impact: 0,
                tensors: layer.tensors.map(\.name)
            )
        }
    }

    /// The kept tensors of a recipe for the model.
    public var recipeKept: [Recipe.Kept] {
        kept.map { Recipe.Kept(tensor: $0.tensor.name, format: $0.format.name, bytes: $0.bytes) }
    }
}
