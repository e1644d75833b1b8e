public import Tensors

/// What can be wrong with a description of a model.
///
/// `source` is the path of the file that was read, or the name of the built-in model.
public enum CheckpointError: Error, Hashable, Sendable {
    /// There is no file at a path.
    case noSuchFile(path: String)
    /// A file cannot be opened or read, for a reason that the system gives.
    case unreadableFile(path: String, reason: String)
    /// A file has more bytes than an inventory may have.
    case fileTooLarge(path: String, limit: Int)
    /// A text is not the JSON of an inventory: where, and what is wrong there.
    case malformedJSON(source: String, detail: String)
    /// A name in an inventory has more bytes in UTF-8 than it may have.
    case nameTooLong(source: String, name: String, limit: Int)
    /// A model's name is empty.
    case emptyModelName(source: String)
    /// A tensor has more dimensions than it may have.
    case tooManyDimensions(source: String, tensor: String, count: Int, limit: Int)
    /// A tensor's type is no known format.
    case unknownFormat(source: String, tensor: String, format: String)
    /// A tensor is impossible.
    case invalidTensor(source: String, TensorError)
    /// The number of parameters that an inventory states is not that of its tensors.
    case parametersDisagree(source: String, stated: Int, counted: Int)

    /// A model has no tensor.
    case noTensors(model: String)
    /// Two tensors of a model have the same name.
    case duplicateTensor(String, model: String)
    /// A model has more than `TensorInfo/maximumElementCount` parameters.
    case tooManyParameters(model: String)
    /// No built-in model has a name.
    case unknownModel(String, known: [String])

    /// A GGUF header has a key twice.
    case duplicateKey(String)
    /// A GGUF header's `general.alignment` is not a power of two, or no `uint32`.
    case badAlignment(String)
}
