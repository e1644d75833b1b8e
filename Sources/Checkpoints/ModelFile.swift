/// One of the files that a model was read from.
public struct ModelFile: Hashable, Sendable {
    /// The path, as it was given or found.
    public let path: String

    /// The size of the file, in bytes.
    public let byteCount: Int

    /// The number of bytes before the first tensor's data, padding included.
    public let headerByteCount: Int
}
