public import Tensors

/// A format that a converter accepts, and how the converter spells it.
public struct ConverterFormat: Hashable, Sendable {
    /// The format.
    public let format: QuantizationFormat
    /// The converter's own spelling, exact to the letter.
    public let spelling: String
    /// Whether the converter leaves the tensor as it is in the source, so that the source must be in this format.
    public let isUntouched: Bool

    /// Creates a format.
    public init(_ format: QuantizationFormat, spelling: String, isUntouched: Bool = false) {
        self.format = format
        self.spelling = spelling
        self.isUntouched = isUntouched
    }

    /// The weight formats of ggml under ggml's own names, without some.
    static func ggml(without excluded: Set<String> = []) -> [ConverterFormat] {
        QuantizationFormat.all.compactMap { format in
            guard format.isWeightFormat, let spelling = format.ggmlName, !excluded.contains(format.name)
            else {
                return nil
            }
            return ConverterFormat(format, spelling: spelling)
        }
    }
}
