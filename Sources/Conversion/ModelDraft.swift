import Checkpoints
public import Tensors

/// A model file before it is written: its header to the byte, and what goes where behind it.
public struct ModelDraft: Hashable, Sendable {
    /// A tensor of the file.
    public struct Part: Hashable, Sendable {
        /// The tensor as the model has it.
        public let tensor: TensorInfo
        /// The format that it is written in.
        public let format: QuantizationFormat
        /// Whether the recipe planned it, rather than kept it.
        public let isPlanned: Bool
        /// The tensor's position in the model.
        let source: Int
        /// The number of elements of a row in the file.
        let rowLength: Int
        /// Where its data begin, counted from the beginning of the file.
        let offset: Int
        /// The number of bytes of its data.
        let byteCount: Int
        /// Where the 32-bit float stands that its weights are divided by, or nil where they are not.
        let scaleOffset: Int?

        /// Whether the model's own bytes are written.
        public var isCopied: Bool { tensor.elementType == format && scaleOffset == nil }
    }

    /// The tensors, in the file's order.
    public let parts: [Part]
    /// The size of the whole file.
    public let byteCount: Int
    /// Everything before the first tensor's data.
    let header: [UInt8]

    init(parts: [Part], byteCount: Int, header: [UInt8]) {
        self.parts = parts
        self.byteCount = byteCount
        self.header = header
    }

    /// What several files hold together, to be spoken of; nothing is written of it.
    public init(joining drafts: [ModelDraft]) {
        self.init(
            parts: drafts.flatMap(\.parts),
            byteCount: drafts.reduce(0) { $0 + $1.byteCount },
            header: drafts.flatMap(\.header)
        )
    }

    /// The number of bytes that are read of the model.
    public var sourceByteCount: Int {
        parts.reduce(0) { $0 + ($1.tensor.elementType?.byteCount(of: $1.tensor) ?? 0) }
    }

    /// A fingerprint of what is to be written, the weights aside.
    var digest: String {
        var digest = ContentDigest()
        digest.update(bytes: header)
        for part in parts {
            digest.update(field: part.source)
            digest.update(field: part.format.name)
            digest.update(field: part.rowLength)
            digest.update(field: part.offset)
            digest.update(field: part.scaleOffset ?? -1)
        }
        return digest.text
    }
}
