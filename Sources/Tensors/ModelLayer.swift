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

    /// The exact number of bytes of the layer in a format, each tensor padded as the layout says, or nil if the
    /// format does not fit one of its tensors.
    public func byteCount(in format: QuantizationFormat, layout: FileLayout = .unpadded) -> Int? {
        var counts: [Int] = []
        for tensor in tensors {
            guard let count = format.byteCount(of: tensor) else { return nil }
            counts.append(count)
        }
        return layout.dataSize(tensorByteCounts: counts)
    }
}
