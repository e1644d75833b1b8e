public import Checkpoints
import Tensors

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

extension Model {
    /// What the tensors take as they are stored, in bytes; 16 bits for each element where the type is not known.
    public var storedByteCount: Int { tensors.reduce(0) { sum($0, $1.storedByteCount) } }
}

extension TensorInfo {
    /// What the tensor takes as it is stored, in bytes; 16 bits for each element where the type is not known.
    var storedByteCount: Int { elementType?.byteCount(of: self) ?? product(2, elementCount) }
}
