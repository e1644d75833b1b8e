import Checkpoints
import Recipes
import Tensors

extension Recipe {
    /// The formats that are made by the recipe: those of its layers, and those that kept tensors are cast to.
    ///
    /// A kept tensor that has its format in the model is copied, which makes nothing.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - kept: The kept tensors, where a converter keeps them otherwise than the recipe; nil for the recipe's own.
    /// - Returns: The formats, each once, in any order.
    func madeFormats(of model: Model, kept: [Kept]? = nil) -> [QuantizationFormat] {
        let types = Dictionary(model.tensors.map { ($0.name, $0.elementType) }) { first, _ in first }
        let cast = (kept ?? self.kept).compactMap { kept in
            QuantizationFormat(named: kept.format).flatMap { $0 == types[kept.tensor] ? nil : $0 }
        }
        return Array(Set(layers.compactMap { QuantizationFormat(named: $0.format) } + cast))
    }
}
