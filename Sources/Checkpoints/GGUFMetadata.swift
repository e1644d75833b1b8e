/// One key of a GGUF header with its value.
public struct GGUFMetadata: Hashable, Sendable {
    /// The key, such as `general.architecture`.
    public let key: String

    /// The value.
    public let value: MetadataValue

    /// Makes an entry of a key and its value.
    public init(_ key: String, _ value: MetadataValue) {
        self.key = key
        self.value = value
    }
}
