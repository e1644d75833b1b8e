/// A file for a converter.
public struct ConverterFile: Hashable, Sendable {
    /// A name for the file, without a folder.
    public let name: String
    /// What stands in the file.
    public let bytes: [UInt8]

    /// Creates a file of a text, in UTF-8.
    public init(name: String, text: String) {
        self.name = name
        self.bytes = Array(text.utf8)
    }
}
