/// A tensor that every plan keeps in one format.
public struct KeptTensor: Hashable, Sendable {
    /// The tensor.
    public let tensor: TensorInfo

    /// The format it has in the finished file.
    public let format: QuantizationFormat

    /// The number of bytes of the tensor in that format, without padding.
    public let bytes: Int

    init(tensor: TensorInfo, format: QuantizationFormat, bytes: Int) {
        self.tensor = tensor
        self.format = format
        self.bytes = bytes
    }
}
