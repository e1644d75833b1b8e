public import Tensors

/// A recipe's sizes beside those that its formats give on a model's tensors.
public struct RecipeSizes: Hashable, Sendable {
    /// A size in the recipe that is not what the formats give.
    public struct Difference: Hashable, Sendable {
        /// The layer, the kept tensor, or `the file`.
        public let place: String
        /// What the recipe says, in bytes.
        public let planned: Int
        /// What the formats give, in bytes, or `nil` where a tensor is missing or its format does not fit it.
        public let found: Int?
    }

    /// The differences, in the recipe's order.
    public let differences: [Difference]
    /// The names of tensors that only the model has, in its order.
    public let unplanned: [String]
    /// The bytes of tensor data that the formats give.
    public let tensorData: Int

    /// Computes the sizes of a recipe again.
    ///
    /// - Parameters:
    ///   - recipe: The recipe.
    ///   - tensors: The model's tensors.
    ///   - measuredSize: The bytes of a layer in a format, where a table brought them along.
    public init(
        _ recipe: Recipe,
        tensors: [TensorInfo],
        measuredSize: (_ layer: String, _ format: String) -> Int? = { _, _ in nil }
    ) {
        let known = Dictionary(tensors.map { ($0.name, $0) }) { first, _ in first }
        func bytes(_ name: String, _ format: String) -> Int? {
            guard let tensor = known[name], let format = QuantizationFormat(named: format) else { return nil }
            return format.byteCount(of: tensor)
        }
        var differences: [Difference] = []
        var data = 0
        func compare(_ place: String, _ planned: Int, _ found: Int?) {
            data += found ?? 0
            if planned != found {
                differences.append(Difference(place: place, planned: planned, found: found))
            }
        }
        for layer in recipe.layers {
            if let measured = measuredSize(layer.layer, layer.format) {
                compare(layer.layer, layer.bytes, measured)
                continue
            }
            let sizes = layer.tensors.map { bytes($0, layer.format) }
            compare(layer.layer, layer.bytes, sizes.contains(nil) ? nil : sizes.reduce(0) { $0 + ($1 ?? 0) })
        }
        for kept in recipe.kept {
            compare(kept.tensor, kept.bytes, bytes(kept.tensor, kept.format))
        }
        if data != recipe.size.tensorData {
            differences.append(Difference(place: "the file", planned: recipe.size.tensorData, found: data))
        }
        let named = Set(recipe.layers.flatMap(\.tensors) + recipe.kept.map(\.tensor))
        self.differences = differences
        unplanned = tensors.map(\.name).filter { !named.contains($0) }
        tensorData = data
    }

    /// Whether the model has exactly the recipe's tensors, at the recipe's sizes.
    public var agree: Bool { differences.isEmpty && unplanned.isEmpty }
}
