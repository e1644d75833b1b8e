import Text

/// A named weight: its shape, and how the file it comes from stores its elements.
public struct TensorInfo: Hashable, Sendable {
    /// The most elements that a tensor, or all tensors of a model together, may have: 2^56.
    ///
    /// The limit keeps every size in bytes and in bits, even at 64 bits per element, below `Int.max`.
    public static let maximumElementCount = 1 << 56

    /// The name, exactly as the model writes it.
    public let name: String

    /// The sizes of the dimensions, outermost first; the last is the row.
    ///
    /// This is the order of PyTorch and safetensors. GGUF writes the reverse, which is ``rowFirstShape``.
    public let shape: [Int]

    /// How the source stores the elements, or nil where the source does not say.
    public let elementType: QuantizationFormat?

    /// The number of elements, the product of the shape.
    public let elementCount: Int

    /// The number of elements of a row, the innermost dimension.
    public let rowLength: Int

    /// Makes a tensor from its name and its shape, outermost dimension first.
    ///
    /// - Throws: ``TensorError/emptyName``, ``TensorError/emptyShape(tensor:)``,
    ///   ``TensorError/dimensionTooSmall(tensor:index:size:)`` for a dimension below 1, and
    ///   ``TensorError/tooManyElements(tensor:)`` for more than ``maximumElementCount`` elements.
    public init(
        name: String,
        shape: [Int],
        elementType: QuantizationFormat? = nil
    ) throws(TensorError) {
        guard !name.isEmpty else { throw .emptyName }
        guard let rowLength = shape.last else { throw .emptyShape(tensor: name) }
        var elementCount = 1
        for (index, size) in shape.enumerated() {
            guard size >= 1 else { throw .dimensionTooSmall(tensor: name, index: index, size: size) }
            let (product, overflow) = elementCount.multipliedReportingOverflow(by: size)
            guard !overflow, product <= Self.maximumElementCount else { throw .tooManyElements(tensor: name) }
            elementCount = product
        }
        self.name = name
        self.shape = shape
        self.elementType = elementType
        self.elementCount = elementCount
        self.rowLength = rowLength
    }

    /// Whether the tensor is named as one of a block of a language model in GGUF: `blk.0.attn_q.weight`, `v.blk.0.ln1.weight`.
    var isOfGGUFBlock: Bool { name.hasPrefix("blk.") || name.hasBytes(of: ".blk.") }

    /// Whether no format of GGUF that is smaller than 16 bits can hold the tensor: their blocks are multiples of 32 elements.
    var fitsNoBlock: Bool { !rowLength.isMultiple(of: 32) }

    /// The number of dimensions.
    public var dimensionCount: Int { shape.count }

    /// The number of rows.
    public var rowCount: Int { elementCount / rowLength }

    /// The sizes of the dimensions, the row first, which is the order GGUF writes (`ne` in ggml).
    public var rowFirstShape: [Int] { shape.reversed() }
}
