public import Checkpoints

/// Another file that shares a card with the planned model.
public struct Companion: Hashable, Sendable {
    /// How it is shown.
    public let name: String
    /// Where the file is.
    public let path: String
    /// The size of the file, in bytes.
    public let bytes: Int
    /// The model in it, where it is one.
    public let model: Model?

    /// Creates a companion; without a path, its name is that.
    public init(name: String, path: String? = nil, bytes: Int, model: Model?) {
        self.name = name
        self.path = path ?? name
        self.bytes = bytes
        self.model = model
    }
}
