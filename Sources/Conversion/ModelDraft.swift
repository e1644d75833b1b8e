import Checkpoints
public import Tensors

/// A model file, or a folder of them, before it is written: every header to the byte, and what goes where behind it.
///
/// Places in several files count as if the files stood one after the other.
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
        /// Where its data go: in one place, or the parts of every row in several.
        let places: [Place]
        /// Where the 32-bit float stands that its weights are divided by, or nil where they are not.
        let scaleOffset: Int?
        /// Whether the 8-bit floats of the model's files are written as they stand, with the scale that they have there.
        public let isStored: Bool

        /// A place of a tensor's data.
        struct Place: Hashable {
            /// Where they begin, counted from the beginning of the file.
            let offset: Int
            /// The number of bytes that a row has there.
            let rowByteCount: Int
        }

        init(
            tensor: TensorInfo,
            format: QuantizationFormat,
            isPlanned: Bool,
            source: Int,
            rowLength: Int,
            places: [Place],
            scaleOffset: Int?,
            isStored: Bool = false
        ) {
            self.tensor = tensor
            self.format = format
            self.isPlanned = isPlanned
            self.source = source
            self.rowLength = rowLength
            self.places = places
            self.scaleOffset = scaleOffset
            self.isStored = isStored
        }

        /// A tensor whose data are in one place.
        init(
            tensor: TensorInfo,
            format: QuantizationFormat,
            isPlanned: Bool,
            source: Int,
            rowLength: Int,
            offset: Int,
            scaleOffset: Int?,
            isStored: Bool = false
        ) {
            self.init(
                tensor: tensor,
                format: format,
                isPlanned: isPlanned,
                source: source,
                rowLength: rowLength,
                places: [
                    Place(
                        offset: offset,
                        rowByteCount: rowLength / format.blockElements * format.blockBytes
                    )
                ],
                scaleOffset: scaleOffset,
                isStored: isStored
            )
        }

        /// The number of its rows in the file.
        var rowCount: Int { tensor.elementCount / rowLength }

        /// The number of bytes of its data.
        var byteCount: Int { places.reduce(0) { $0 + $1.rowByteCount } * rowCount }

        /// The number of bytes that are read of the model for it.
        var sourceByteCount: Int { sourceType?.byteCount(of: tensor) ?? 0 }

        /// The type that its weights are read in, or nil where that is not known.
        var sourceType: QuantizationFormat? { isStored ? format.elementFormat : tensor.elementType }

        /// Whether the model's own bytes are written.
        public var isCopied: Bool { isStored || tensor.elementType == format && scaleOffset == nil }
    }

    /// A file that is written.
    struct File: Hashable {
        /// Its name in the folder; none for a file that is written by itself.
        let name: String
        /// Where it begins, which is where the one before it ends.
        let offset: Int
        /// Everything before the first tensor's data.
        let header: [UInt8]
        /// Its size.
        let byteCount: Int
    }

    /// The tensors, in the file's order.
    public let parts: [Part]
    /// The files with the tensors.
    let files: [File]
    /// The other files of a folder, or nil for a file that is written by itself.
    let companions: [CompanionFile]?

    init(parts: [Part], files: [File], companions: [CompanionFile]?) {
        self.parts = parts
        self.files = files
        self.companions = companions
    }

    init(parts: [Part], byteCount: Int, header: [UInt8]) {
        self.init(
            parts: parts,
            files: [File(name: "", offset: 0, header: header, byteCount: byteCount)],
            companions: nil
        )
    }

    /// The size of the files with the tensors, in bytes.
    public var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }

    /// The names of the tensors whose 8-bit floats are the model's own.
    public var storedTensors: Set<String> {
        Set(parts.lazy.filter(\.isStored).map(\.tensor.name))
    }

    /// What several files hold together, to be spoken of; nothing is written of it.
    public init(joining drafts: [ModelDraft]) {
        self.init(
            parts: drafts.flatMap(\.parts),
            files: drafts.flatMap(\.files),
            companions: drafts.first?.companions
        )
    }

    /// The number of bytes that are read of the model.
    public var sourceByteCount: Int {
        parts.reduce(0) { $0 + $1.sourceByteCount }
    }

    /// A fingerprint of what is to be written, the weights aside.
    var digest: String {
        var digest = ContentDigest()
        for file in files { digest.update(bytes: file.header) }
        for part in parts {
            digest.update(field: part.source)
            digest.update(field: part.format.name)
            digest.update(field: part.rowLength)
            for place in part.places { digest.update(field: place.offset) }
            digest.update(field: part.scaleOffset ?? -1)
            if part.isStored { digest.update(field: "stored") }
        }
        return digest.text
    }
}
