import Tensors

/// Where a model file holds a tensor's data.
public struct TensorLocation: Hashable, Sendable {
    /// The file, as a position in ``Model/files``.
    public let file: Int

    /// The place of the first byte, counted from the beginning of the file.
    public let offset: Int

    /// The number of bytes, without padding; of weights that are multiplied out, twice as many as the file has.
    public let byteCount: Int

    /// How the file's floats become the tensor's weights, or nil where they are those; see ``Model/multipliedOut``.
    public private(set) var scaling: TensorScaling?

    /// Whether the file has the tensor as a single number without dimensions, which is read as a row of one element.
    let isScalar: Bool

    /// The number of bytes that the file has for the tensor, without padding: with the scales that its weights are multiplied by.
    public var fileByteCount: Int {
        guard let scaling else { return byteCount }
        return byteCount / 2 + scaling.count * scaling.scaleFormat.blockBytes
    }

    init(
        file: Int,
        offset: Int,
        byteCount: Int,
        scaling: TensorScaling? = nil,
        isScalar: Bool = false
    ) {
        self.file = file
        self.offset = offset
        self.byteCount = byteCount
        self.scaling = scaling
        self.isScalar = isScalar
    }
}
