public import Tensors

/// A tensor without elements, as safetensors files may have it: nothing can be planned for it, and no data are read of it.
public struct EmptyTensor: Hashable, Sendable {
    /// The name.
    public let name: String
    /// The shape as the file has it, outermost dimension first; some dimension is 0.
    public let shape: [Int]
    /// The type that its elements would have.
    public let type: QuantizationFormat
}
