import Text
public import Recipes
public import Tensors

/// A kept tensor that a converter leaves in another format than the recipe says.
///
/// A plan that was made for the converter has none; one that was made for no converter in particular may.
public struct KeptDifference: Hashable, Sendable {
    /// The tensor's name.
    public let tensor: String
    /// The format that the recipe says.
    public let planned: QuantizationFormat
    /// The format in which the converter leaves the tensor.
    public let actual: QuantizationFormat
    /// How many more bytes of the file that takes, padding included; below zero for fewer.
    public let extraBytes: Int
}

extension Converter {
    /// The kept tensors that end in another format than the recipe says, in the model's order.
    public func keptDifferences(from recipe: Recipe, model: [TensorInfo]) -> [KeptDifference] {
        let planned = Dictionary(
            recipe.kept.map { ($0.tensor, $0.format) },
            uniquingKeysWith: { first, _ in first }
        )
        let layout = FileLayout(validHeaderBytes: 0, alignment: 32)
        return model.compactMap { tensor in
            guard let name = planned[tensor.name], let format = QuantizationFormat(named: name),
                let actual = keptFormat(for: tensor), actual != format,
                let before = format.byteCount(of: tensor), let after = actual.byteCount(of: tensor)
            else { return nil }
            return KeptDifference(
                tensor: tensor.name,
                planned: format,
                actual: actual,
                // Both come from at most 2^56 elements, so the difference cannot overflow.
                extraBytes: layout.paddedByteCount(after) - layout.paddedByteCount(before)
            )
        }
    }
}

extension [KeptDifference] {
    /// What a converter makes of kept tensors, in a sentence without its full stop; `nil` where all is as planned.
    public func summary(of converter: any Converter) -> String? {
        guard let first else { return nil }
        let tensors = count.of("kept tensor")
        let size = ByteSize(abs(extraBytes)).decimal
        return """
            \(converter.name) leaves \(tensors) otherwise than planned (\(first.tensor.quoted) in \(first.actual), not \
            \(first.planned)), so the file is \(size) \(extraBytes > 0 ? "larger" : "smaller") than the recipe says
            """
    }

    /// How many more bytes of the file all of them take together; below zero for fewer.
    public var extraBytes: Int {
        reduce(0) { $0 + $1.extraBytes }
    }
}
