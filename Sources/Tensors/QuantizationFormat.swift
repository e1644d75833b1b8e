/// A way of storing weights, with the exact size of a row in it.
///
/// A format stores `blockElements` consecutive elements of a row in `blockBytes` bytes. A block never spans two
/// rows, so a format fits a tensor only where its block divides the row. The known formats are in ``all``.
public struct QuantizationFormat: Hashable, Sendable, CustomStringConvertible {
    /// The name as recipes and impact tables write it, such as `Q4_1`.
    public let name: String

    /// The name ggml's own tools write and read, such as `q4_K`, or nil if ggml has no such type.
    ///
    /// It is case-sensitive: ggml's tools compare it byte by byte.
    public let ggmlName: String?

    /// The number that stands for the format in a GGUF file, or nil if GGUF has no such type.
    ///
    /// The C name is the `ggml_type` of `ggml.h`.
    public let ggufTypeID: UInt32?

    /// The number of consecutive elements of a row that are stored together.
    public let blockElements: Int

    /// The number of bytes of one block.
    public let blockBytes: Int

    /// Whether ggml refuses to quantize to the format without an importance matrix, or is useless without one.
    public let needsImportanceMatrix: Bool

    /// Whether the format is one that weights are stored in.
    ///
    /// It is false for integers, for `F64`, and for `Q8_1` and `Q8_K`, which only exist while a program runs.
    public let isWeightFormat: Bool

    init(
        _ name: String,
        ggmlName: String?,
        ggufTypeID: UInt32?,
        block blockElements: Int,
        bytes blockBytes: Int,
        needsImportanceMatrix: Bool = false,
        isWeightFormat: Bool = true
    ) {
        self.name = name
        self.ggmlName = ggmlName
        self.ggufTypeID = ggufTypeID
        self.blockElements = blockElements
        self.blockBytes = blockBytes
        self.needsImportanceMatrix = needsImportanceMatrix
        self.isWeightFormat = isWeightFormat
    }

    /// The format's name.
    public var description: String { name }

    /// The number of bits that one weight takes, the share of its block's scales included.
    public var bitsPerWeight: Double {
        Double(blockBytes * 8) / Double(blockElements)
    }

    /// Whether the format's block divides the tensor's row, so that the tensor can be stored in it.
    public func fits(_ tensor: TensorInfo) -> Bool {
        tensor.rowLength.isMultiple(of: blockElements)
    }

    /// The exact number of bytes of the tensor in this format, without padding, or nil if the block does not
    /// divide the row.
    public func byteCount(of tensor: TensorInfo) -> Int? {
        guard fits(tensor) else { return nil }
        // No format takes more than 8 bytes for an element, and no tensor has more than 2^56 elements.
        return tensor.elementCount / blockElements * blockBytes
    }
}
