/// Where a model file holds a tensor's data.
public struct TensorLocation: Hashable, Sendable {
    /// The file, as a position in ``Model/files``.
    public let file: Int

    /// The place of the first byte, counted from the beginning of the file.
    public let offset: Int

    /// The number of bytes, without padding.
    public let byteCount: Int
}
