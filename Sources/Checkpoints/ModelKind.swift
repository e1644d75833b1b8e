/// What a model was read from.
public enum ModelKind: String, Hashable, Sendable, CaseIterable {
    /// A list of tensors as JSON, without data; also a model that is part of the program.
    case inventory
    /// A GGUF file, or the parts of a split one.
    case gguf
    /// A safetensors file, or those that an index names.
    case safetensors
}
