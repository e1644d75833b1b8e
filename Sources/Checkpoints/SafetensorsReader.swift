import Tensors
import Text

/// Reads the header of a safetensors file; see ``SafetensorsFile``.
struct SafetensorsReader {
    private let source: ByteSource
    private var keptBytesLeft = ReadingLimits.keptMetadataBytes
    private var hasMetadata = false
    private var names: Set<String> = []
    private var entries: [Entry] = []
    private var parameters = 0

    /// A tensor as the header has it.
    private struct Entry {
        let content: Content
        let part: DataLayout.Part
    }

    /// What a tensor holds.
    private enum Content {
        case elements(TensorInfo, isScalar: Bool)
        case nothing(EmptyTensor)

        /// The number of its elements.
        var elementCount: Int {
            if case .elements(let tensor, _) = self { tensor.elementCount } else { 0 }
        }
    }

    init(_ source: ByteSource) {
        self.source = source
    }

    mutating func readHeader(into file: inout SafetensorsFile) throws(CheckpointError) {
        var start = ByteReader(source, to: 8)
        let length = try start.integer(UInt64.self, reading: "the header's length")
        guard length >= 2 else { throw source.defect(.headerTooShort(length: length), at: 0) }
        guard length <= ReadingLimits.headerBytes else {
            throw source.defect(.headerTooLong(limit: ReadingLimits.headerBytes), at: 0)
        }
        let dataOffset = 8 + Int(length)
        guard dataOffset <= source.byteCount else {
            let missing = UInt64(dataOffset - source.byteCount)
            throw source.defect(
                .headerEndsEarly(reading: "the header", missing: missing),
                at: source.byteCount
            )
        }
        try readMembers(of: &file, to: dataOffset)

        let layout = DataLayout(entries.map(\.part), dataOffset: dataOffset, alignment: 1)
        try layout.check(in: source)
        for part in layout.parts {
            switch entries[part.index].content {
            case .nothing(let tensor): file.emptyTensors.append(tensor)
            case .elements(let tensor, let isScalar):
                file.tensors.append(tensor)
                file.locations.append(
                    TensorLocation(
                        file: 0,
                        offset: dataOffset + Int(part.begin),
                        byteCount: part.byteCount,
                        isScalar: isScalar
                    )
                )
            }
        }
        file.dataOffset = dataOffset
    }

    private mutating func readMembers(
        of file: inout SafetensorsFile,
        to end: Int
    ) throws(CheckpointError) {
        var cursor = HeaderCursor(ByteReader(source, from: 8, to: end))
        try cursor.object("the header") { (cursor, name, offset) throws(CheckpointError) in
            if name == "__metadata__" {
                guard !hasMetadata else {
                    throw cursor.defect(.json(.nameTwice(of: "the header", name: name)), at: offset)
                }
                hasMetadata = true
                try readMetadata(into: &file, from: &cursor)
            } else {
                try readTensor(name, at: offset, from: &cursor)
            }
        }
        try cursor.finish()
    }

    private mutating func readMetadata(
        into file: inout SafetensorsFile,
        from cursor: inout HeaderCursor
    ) throws(CheckpointError) {
        var keys: Set<String> = []
        try cursor.object("__metadata__") { (cursor, key, offset) throws(CheckpointError) in
            guard keys.insert(key).inserted else { throw cursor.defect(.duplicateKey(key), at: offset) }
            let limit = ReadingLimits.metadataEntries
            guard keys.count <= limit else {
                let defect = FileDefect.metadataCountOutOfRange(Int64(keys.count), limit: limit)
                throw cursor.defect(defect, at: offset)
            }
            let (text, byteCount) = try cursor.string(
                "the metadata \(key.quoted)",
                limit: min(ReadingLimits.keptTextBytes, keptBytesLeft)
            )
            keptBytesLeft -= text == nil ? 0 : byteCount
            let value = text.map { MetadataValue.string($0) } ?? .omitted(.string, byteCount: 8 + byteCount)
            file.metadata.append(GGUFMetadata(key, value))
        }
    }

    private mutating func readTensor(
        _ name: String,
        at offset: Int,
        from cursor: inout HeaderCursor
    ) throws(CheckpointError) {
        guard !name.isEmpty else { throw cursor.defect(.emptyTensorName, at: offset) }
        guard names.insert(name).inserted else { throw cursor.defect(.duplicateTensor(name), at: offset) }
        guard names.count <= ReadingLimits.tensors else {
            let defect = FileDefect.tensorCountOutOfRange(Int64(names.count), limit: ReadingLimits.tensors)
            throw cursor.defect(defect, at: offset)
        }
        // Words for an error are put together only when there is one; a large header has no time for them.
        func missing(_ member: String) -> CheckpointError {
            source.defect(.json(.missingMember(of: "tensor \(name.quoted)", member: member)), at: offset)
        }
        func duplicate(_ member: String, at offset: Int) -> CheckpointError {
            source.defect(.json(.nameTwice(of: "tensor \(name.quoted)", name: member)), at: offset)
        }
        var type: QuantizationFormat?
        var shape: [UInt64]?
        var offsets: [UInt64]?
        try cursor.object("tensor \(name.quoted)") { (cursor, member, offset) throws(CheckpointError) in
            switch member {
            case "dtype":
                guard type == nil else { throw duplicate(member, at: offset) }
                type = try elementType(of: name, from: &cursor)
            case "shape":
                guard shape == nil else { throw duplicate(member, at: offset) }
                shape = try self.shape(of: name, from: &cursor)
            case "data_offsets":
                guard offsets == nil else { throw duplicate(member, at: offset) }
                offsets = try dataOffsets(of: name, from: &cursor)
            default:
                try cursor.skipValue()
            }
        }
        guard let type else { throw missing("dtype") }
        guard let shape else { throw missing("shape") }
        guard let begin = offsets?.first, let end = offsets?.last else { throw missing("data_offsets") }
        guard begin <= end else {
            throw cursor.defect(.reversedOffsets(tensor: name, begin: begin, end: end), at: offset)
        }
        let (content, byteCount) = try content(name, type: type, shape: shape, at: offset)
        guard end - begin == UInt64(byteCount) else {
            let defect = FileDefect.wrongByteCount(tensor: name, stated: end - begin, exact: byteCount)
            throw cursor.defect(defect, at: offset)
        }
        parameters += content.elementCount
        guard parameters <= TensorInfo.maximumElementCount else {
            throw .tooManyParameters(model: source.path)
        }
        let part = DataLayout.Part(tensor: name, index: entries.count, begin: begin, byteCount: byteCount)
        entries.append(Entry(content: content, part: part))
    }

    private func content(
        _ name: String,
        type: QuantizationFormat,
        shape: [UInt64],
        at offset: Int
    ) throws(CheckpointError) -> (Content, byteCount: Int) {
        // A size beyond Int.max is also beyond the most elements a tensor may have.
        let sizes = shape.map { Int(clamping: $0) }
        guard !sizes.contains(0) else {
            return (.nothing(EmptyTensor(name: name, shape: sizes, type: type)), 0)
        }
        let isScalar = sizes.isEmpty
        let (tensor, byteCount) = try source.tensor(
            name,
            shape: isScalar ? [1] : sizes,
            type: type,
            at: offset
        )
        return (.elements(tensor, isScalar: isScalar), byteCount)
    }

    private func elementType(
        of tensor: String,
        from cursor: inout HeaderCursor
    ) throws(CheckpointError) -> QuantizationFormat {
        let offset = cursor.offset
        let name = try cursor.name("dtype of tensor \(tensor.quoted)")
        guard let type = Self.elementTypes[name] else {
            throw cursor.defect(.unknownElementType(tensor: tensor, type: name), at: offset)
        }
        return type
    }

    private func shape(
        of tensor: String,
        from cursor: inout HeaderCursor
    ) throws(CheckpointError) -> [UInt64] {
        var shape: [UInt64] = []
        try cursor.array("shape of tensor \(tensor.quoted)") { (cursor, index) throws(CheckpointError) in
            let limit = ReadingLimits.dimensions
            guard index < limit else {
                let defect = FileDefect.tooManyDimensions(
                    tensor: tensor,
                    count: UInt64(index + 1),
                    limit: limit
                )
                throw cursor.defect(defect, at: cursor.offset)
            }
            shape.append(try cursor.wholeNumber("shape[\(index)] of tensor \(tensor.quoted)"))
        }
        return shape
    }

    private func dataOffsets(
        of tensor: String,
        from cursor: inout HeaderCursor
    ) throws(CheckpointError) -> [UInt64] {
        let start = cursor.offset
        var offsets: [UInt64] = []
        func wrongCount() -> CheckpointError {
            let what = "data_offsets of tensor \(tensor.quoted)"
            let defect = FileDefect.json(
                .unexpectedValue(of: what, expected: "an array of two whole numbers")
            )
            return source.defect(defect, at: start)
        }
        try cursor.array("data_offsets of tensor \(tensor.quoted)") {
            (cursor, index) throws(CheckpointError) in
            guard index < 2 else { throw wrongCount() }
            offsets.append(try cursor.wholeNumber("data_offsets[\(index)] of tensor \(tensor.quoted)"))
        }
        guard offsets.count == 2 else { throw wrongCount() }
        return offsets
    }

    private static let elementTypes: [String: QuantizationFormat] = {
        var types: [String: QuantizationFormat] = ["F8_E4M3": .float8_e4m3fn, "F8_E5M2": .float8_e5m2]
        for name in ["F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8"] {
            types[name] = QuantizationFormat(named: name)
        }
        for format in QuantizationFormat.storageOnly { types[format.name] = format }
        return types
    }()
}
