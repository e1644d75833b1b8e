/// A tensor that every plan keeps in one format.
public struct KeptTensor: Hashable, Sendable {
    /// The tensor.
    public let tensor: TensorInfo

    /// The format it has in the finished file.
    public let format: QuantizationFormat

    /// The number of bytes of the tensor in that format, without padding.
    public let bytes: Int

    /// Keeps a tensor in a format.
    ///
    /// - Throws: ``TensorError/formatDoesNotFit(tensor:format:rowLength:)``.
    init(_ tensor: TensorInfo, in format: QuantizationFormat) throws(TensorError) {
        guard let bytes = format.byteCount(of: tensor) else {
            throw .formatDoesNotFit(tensor: tensor.name, format: format.name, rowLength: tensor.rowLength)
        }
        self.tensor = tensor
        self.format = format
        self.bytes = bytes
    }
}
