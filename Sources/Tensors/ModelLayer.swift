/// One unit of decision: the tensors that take one format together.
public struct ModelLayer: Hashable, Sendable {
    /// The layer's name, as an impact table writes it.
    public let name: String

    /// The layer's tensors, in the model's order.
    public let tensors: [TensorInfo]

    init(name: String, tensors: [TensorInfo]) {
        self.name = name
        self.tensors = tensors
    }

    /// The number of elements of all the layer's tensors.
    public var elementCount: Int {
        // A grouping refuses more than 2^56 elements in all.
        tensors.reduce(0) { $0 + $1.elementCount }
    }

    /// The lengths that the rows of the layer's tensors have, each once, the shortest first.
    public var rowLengths: [Int] { Set(tensors.map(\.rowLength)).sorted() }

    /// The type that all of the layer's tensors have in the source, or nil where they have several.
    ///
    /// - Parameter sourceFormat: The type of tensors of which the source says none.
    /// - Returns: The type.
    public func ownFormat(sourceFormat: QuantizationFormat) -> QuantizationFormat? {
        tensors.commonType(sourceFormat)
    }

    /// The exact number of bytes of the layer in a format, each tensor padded as the layout says, or nil if the
    /// format does not fit one of its tensors.
    public func byteCount(in format: QuantizationFormat, layout: FileLayout = .unpadded) -> Int? {
        var sum = 0
        for tensor in tensors {
            guard let count = format.byteCount(of: tensor) else { return nil }
            sum = layout.dataSize(sum, and: count)
        }
        return sum
    }
}

extension [TensorInfo] {
    /// The type that all of the tensors have in the source, or nil where they have several.
    ///
    /// - Parameter sourceFormat: The type of tensors of which the source says none.
    /// - Returns: The type.
    public func commonType(_ sourceFormat: QuantizationFormat) -> QuantizationFormat? {
        let first = first?.elementType ?? sourceFormat
        return allSatisfy { ($0.elementType ?? sourceFormat) == first } ? first : nil
    }
}
