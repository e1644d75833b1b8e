public import Checkpoints

/// Another file that shares a card with the planned model.
public struct Companion: Hashable, Sendable {
    /// How it is shown.
    public let name: String
    /// The size of the file, in bytes.
    public let bytes: Int
    /// The model in it, where it is one.
    public let model: Model?

    /// Creates a companion.
    public init(name: String, bytes: Int, model: Model?) {
        self.name = name
        self.bytes = bytes
        self.model = model
    }
}
