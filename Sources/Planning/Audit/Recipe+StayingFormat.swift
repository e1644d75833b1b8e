import Converters
import Recipes
import Tensors

extension Recipe {
    /// Whether a layer stays in a format that stands in no table and costs nothing: the model's, or what the recipe's
    /// converter keeps the layer's own tensors in without loss.
    ///
    /// - Parameters:
    ///   - layer: A layer of the recipe.
    ///   - tensors: The model's tensors by name.
    ///   - source: The format the model comes in.
    /// - Returns: Whether the layer's impact has to be 0 without a column for its format.
    func stays(_ layer: Layer, in tensors: [String: TensorInfo], source: QuantizationFormat) -> Bool {
        let own = layer.tensors.compactMap { tensors[$0] }
        guard let converter = converter.flatMap({ try? Converters.named($0) }) else {
            return layer.format == (own.commonType(source) ?? source).name
        }
        let binding = ConverterBinding(converter: converter, source: source)
        return binding.stayingFormat(of: own)?.name == layer.format
    }
}
