import Tensors
import Text

/// Reads the parts of a GGUF header in order; see ``GGUFFile``.
struct GGUFReader {
    private var reader: ByteReader
    private var tensorCount = 0
    private var metadataCount = 0
    private var valueOffsets: [String: Int] = [:]
    /// Where the metadata entries that were read stand in the file.
    private(set) var entryRanges: [Range<Int>] = []
    private var keptBytesLeft = ReadingLimits.keptMetadataBytes

    private var source: ByteSource { reader.source }

    init(_ source: ByteSource) {
        reader = ByteReader(source, to: ReadingLimits.headerBytes)
    }

    /// Reads parts 1 to 4.
    mutating func readPreamble() throws(CheckpointError) {
        try reader.skip(4, reading: "the magic")
        let versionOffset = reader.offset
        let version = try reader.integer(UInt32.self, reading: "the version")
        guard version == 2 || version == 3 else {
            let isBigEndian = (1...3).contains(version.byteSwapped)
            throw source.defect(isBigEndian ? .bigEndian : .unsupportedVersion(version), at: versionOffset)
        }
        let tensorsOffset = reader.offset
        let tensors = try reader.integer(Int64.self, reading: "the number of tensors")
        guard (0...Int64(ReadingLimits.tensors)).contains(tensors) else {
            let defect = FileDefect.tensorCountOutOfRange(tensors, limit: ReadingLimits.tensors)
            throw source.defect(defect, at: tensorsOffset)
        }
        let entriesOffset = reader.offset
        let entries = try reader.integer(Int64.self, reading: "the number of metadata entries")
        guard (0...Int64(ReadingLimits.metadataEntries)).contains(entries) else {
            let defect = FileDefect.metadataCountOutOfRange(entries, limit: ReadingLimits.metadataEntries)
            throw source.defect(defect, at: entriesOffset)
        }
        tensorCount = Int(tensors)
        metadataCount = Int(entries)
    }

    /// Reads part 5.
    mutating func metadata() throws(CheckpointError) -> [GGUFMetadata] {
        var metadata: [GGUFMetadata] = []
        var keys: Set<String> = []
        for _ in 0..<metadataCount {
            let offset = reader.offset
            let key = try name("a metadata key")
            guard !key.isEmpty else { throw source.defect(.emptyKey, at: offset) }
            guard keys.insert(key).inserted else { throw source.defect(.duplicateKey(key), at: offset) }
            let type = try valueType(key: key)
            // Of the keys that mean something here, for messages.
            if key.hasPrefix("general.") || key.hasPrefix("split.") { valueOffsets[key] = reader.offset }
            metadata.append(GGUFMetadata(key, try value(type, key: key, depth: 0)))
            entryRanges.append(offset..<reader.offset)
        }
        return metadata
    }

    /// The text of a key, or nil if there is none.
    func text(_ key: String, in metadata: [GGUFMetadata]) throws(CheckpointError) -> String? {
        guard let entry = metadata.first(where: { $0.key == key }) else { return nil }
        guard case .string(let text) = entry.value else {
            throw valueDefect(.wrongValueType(key: key, expected: "a text"), of: key)
        }
        return text
    }

    /// The alignment that the metadata state.
    func alignment(in metadata: [GGUFMetadata]) throws(CheckpointError) -> Int {
        let key = "general.alignment"
        guard let entry = metadata.first(where: { $0.key == key }) else { return 32 }
        guard case .uint32(let alignment) = entry.value else {
            throw valueDefect(.wrongValueType(key: key, expected: "a uint32"), of: key)
        }
        let limit = ReadingLimits.alignment
        guard alignment.nonzeroBitCount == 1, alignment <= limit else {
            throw valueDefect(.alignmentOutOfRange(UInt64(alignment), limit: limit), of: key)
        }
        return Int(alignment)
    }

    /// What the metadata say about a split file, or nil if there is just one part.
    func split(in metadata: [GGUFMetadata]) throws(CheckpointError) -> GGUFFile.Split? {
        guard let count = try wholeNumber("split.count", in: metadata), count > 1 else { return nil }
        guard let number = try wholeNumber("split.no", in: metadata) else { throw missing("split.no") }
        guard number < count else {
            throw valueDefect(.splitNumberOutOfRange(number, count: count), of: "split.no")
        }
        let totalKey = "split.tensors.count"
        guard let tensors = try wholeNumber(totalKey, in: metadata) else { throw missing(totalKey) }
        return GGUFFile.Split(number: number, count: count, tensorCount: tensors)
    }

    private func missing(_ key: String) -> CheckpointError {
        source.defect(.missingKey(key), at: reader.offset)
    }

    private func valueDefect(_ defect: FileDefect, of key: String) -> CheckpointError {
        source.defect(defect, at: valueOffsets[key] ?? reader.offset)
    }

    private func wholeNumber(_ key: String, in metadata: [GGUFMetadata]) throws(CheckpointError) -> Int? {
        guard let entry = metadata.first(where: { $0.key == key }) else { return nil }
        guard let number = entry.value.wholeNumber, number >= 0 else {
            throw valueDefect(
                .wrongValueType(key: key, expected: "a whole number of at least 0"),
                of: key
            )
        }
        return number
    }

    /// Reads parts 6 and 7, and checks what they say about part 8.
    mutating func readTensors(into file: inout GGUFFile, alignment: Int) throws(CheckpointError) {
        var tensors: [TensorInfo] = []
        var parts: [DataLayout.Part] = []
        var names: Set<String> = []
        var parameters = 0
        for index in 0..<tensorCount {
            let offset = reader.offset
            let (tensor, begin, byteCount) = try tensor()
            guard names.insert(tensor.name).inserted else {
                throw source.defect(.duplicateTensor(tensor.name), at: offset)
            }
            parameters += tensor.elementCount
            guard parameters <= TensorInfo.maximumElementCount else {
                throw .tooManyParameters(model: source.path)
            }
            tensors.append(tensor)
            parts.append(
                DataLayout.Part(tensor: tensor.name, index: index, begin: begin, byteCount: byteCount)
            )
        }
        // A file without tensors, as the first part of a split one may be, may end without padding.
        let padding = FileLayout(validHeaderBytes: 0, alignment: alignment)
        let paddedOffset = padding.paddedByteCount(reader.offset)
        let dataOffset = tensors.isEmpty ? min(paddedOffset, source.byteCount) : paddedOffset
        let layout = DataLayout(parts, dataOffset: dataOffset, alignment: alignment)
        try layout.check(in: source)
        file.tensors = layout.parts.map { tensors[$0.index] }
        file.locations = layout.parts.map {
            TensorLocation(file: 0, offset: dataOffset + Int($0.begin), byteCount: $0.byteCount)
        }
        file.dataOffset = dataOffset
    }

    private mutating func tensor() throws(CheckpointError) -> (TensorInfo, begin: UInt64, byteCount: Int) {
        let offset = reader.offset
        let name = try name("a tensor's name")
        guard !name.isEmpty else { throw source.defect(.emptyTensorName, at: offset) }
        let dimensionsOffset = reader.offset
        let dimensions = try reader.integer(
            UInt32.self,
            reading: "the dimensions of tensor \(name.quoted)"
        )
        let limit = ReadingLimits.dimensions
        guard dimensions <= limit else {
            let defect = FileDefect.tooManyDimensions(tensor: name, count: UInt64(dimensions), limit: limit)
            throw source.defect(defect, at: dimensionsOffset)
        }
        var shape: [Int] = dimensions == 0 ? [1] : []
        for index in 0..<Int(dimensions) {
            let offset = reader.offset
            let size = try reader.integer(
                Int64.self,
                reading: "dimension \(index) of tensor \(name.quoted)"
            )
            guard size >= 1 else {
                let defect = FileDefect.dimensionOutOfRange(tensor: name, index: index, size: size)
                throw source.defect(defect, at: offset)
            }
            shape.append(Int(size))
        }
        let typeOffset = reader.offset
        let typeID = try reader.integer(UInt32.self, reading: "the format of tensor \(name.quoted)")
        guard let format = Self.formats[typeID] else {
            throw source.defect(.unknownFormatID(tensor: name, id: typeID), at: typeOffset)
        }
        let (tensor, byteCount) = try source.tensor(
            name,
            shape: shape.reversed(),
            type: format,
            at: dimensionsOffset
        )
        let begin = try reader.integer(UInt64.self, reading: "the offset of tensor \(name.quoted)")
        return (tensor, begin, byteCount)
    }

    private static let formats: [UInt32: QuantizationFormat] = {
        var formats: [UInt32: QuantizationFormat] = [:]
        for format in QuantizationFormat.all {
            if let id = format.ggufTypeID { formats[id] = format }
        }
        return formats
    }()

    /// Reads a string that is a name, of what is said.
    private mutating func name(_ what: String) throws(CheckpointError) -> String {
        let offset = reader.offset
        let count = try reader.integer(UInt64.self, reading: "the length of \(what)")
        let limit = ReadingLimits.nameBytes
        guard count <= limit else {
            throw source.defect(.nameTooLong(of: what, byteCount: count, limit: limit), at: offset)
        }
        let bytes = try reader.bytes(count, reading: what)
        guard let name = String(validating: bytes, as: UTF8.self) else {
            throw source.defect(.notUTF8(of: what), at: offset)
        }
        return name
    }

    private mutating func valueType(key: String) throws(CheckpointError) -> MetadataType {
        let offset = reader.offset
        let id = try reader.integer(UInt32.self, reading: "the type of \(key.quoted)")
        guard let type = MetadataType(rawValue: id) else {
            throw source.defect(.unknownValueType(key: key, id: id), at: offset)
        }
        return type
    }

    private mutating func value(
        _ type: MetadataType,
        key: String,
        depth: Int
    ) throws(CheckpointError) -> MetadataValue {
        switch type {
        case .uint8: .uint8(try number(key))
        case .int8: .int8(try number(key))
        case .uint16: .uint16(try number(key))
        case .int16: .int16(try number(key))
        case .uint32: .uint32(try number(key))
        case .int32: .int32(try number(key))
        case .uint64: .uint64(try number(key))
        case .int64: .int64(try number(key))
        case .float32: .float32(Float(bitPattern: try number(key)))
        case .float64: .float64(Double(bitPattern: try number(key)))
        case .bool: .bool(try truthValue(key))
        case .string: try text(key)
        case .array: try array(key: key, depth: depth)
        }
    }

    private mutating func number<Integer: FixedWidthInteger>(_ key: String) throws(CheckpointError) -> Integer
    {
        try reader.integer(Integer.self, reading: "the value of \(key.quoted)")
    }

    private mutating func truthValue(_ key: String) throws(CheckpointError) -> Bool {
        let offset = reader.offset
        let value: UInt8 = try number(key)
        guard value <= 1 else { throw source.defect(.impossibleBool(key: key, value: value), at: offset) }
        return value == 1
    }

    /// Whether a value that takes so many bytes of memory is kept.
    private mutating func keeps(_ byteCount: UInt64) -> Bool {
        guard byteCount <= keptBytesLeft else { return false }
        keptBytesLeft -= Int(byteCount)
        return true
    }

    private mutating func text(_ key: String) throws(CheckpointError) -> MetadataValue {
        let offset = reader.offset
        let count: UInt64 = try number(key)
        guard count <= ReadingLimits.keptTextBytes, keeps(count) else {
            try reader.skip(count, reading: "the value of \(key.quoted)")
            return .omitted(.string, byteCount: reader.offset - offset)
        }
        let bytes = try reader.bytes(count, reading: "the value of \(key.quoted)")
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw source.defect(.notUTF8(of: "the value of \(key.quoted)"), at: offset)
        }
        return .string(text)
    }

    private mutating func array(key: String, depth: Int) throws(CheckpointError) -> MetadataValue {
        let offset = reader.offset
        guard depth < ReadingLimits.arrayDepth else {
            throw source.defect(.arraysTooDeep(key: key, limit: ReadingLimits.arrayDepth), at: offset)
        }
        let type = try valueType(key: key)
        let count: UInt64 = try number(key)
        // The least that so many elements take must be there, so that no count makes for a long loop: a string is
        // at least its length, and an array its type and count.
        let least = UInt64(type.byteCount ?? (type == .string ? 8 : 12))
        let (size, overflow) = count.multipliedReportingOverflow(by: least)
        let elements = try reader.available(
            overflow ? UInt64.max : size,
            reading: "the elements of \(key.quoted)"
        )
        let isKept =
            count <= ReadingLimits.keptArrayElements
            && keeps(count * UInt64(MemoryLayout<MetadataValue>.stride))
        let value =
            switch type {
            case .string: try texts(count: Int(count), key: key, isKept: isKept)
            case .int32 where isKept: try int32Array(count: Int(count), key: key)
            case _ where isKept: try values(type, count: Int(count), key: key, depth: depth)
            case .array: try passOverArrays(count: Int(count), key: key, depth: depth)
            case .bool: try passOverTruthValues(count: Int(count), key: key)
            default: try passOverNumbers(byteCount: elements, key: key)
            }
        return value ?? .omitted(.array, byteCount: reader.offset - offset)
    }

    private mutating func int32Array(count: Int, key: String) throws(CheckpointError) -> MetadataValue? {
        var numbers: [Int32] = []
        for _ in 0..<count { numbers.append(try number(key)) }
        return .int32Array(numbers)
    }

    private mutating func values(
        _ type: MetadataType,
        count: Int,
        key: String,
        depth: Int
    ) throws(CheckpointError) -> MetadataValue? {
        var values: [MetadataValue] = []
        for _ in 0..<count { values.append(try value(type, key: key, depth: depth + 1)) }
        return .array(of: type, values)
    }

    /// Reads the elements of an array of strings.
    ///
    /// A vocabulary may have tokens that are a part of a character, so an array with such strings is left out.
    private mutating func texts(
        count: Int,
        key: String,
        isKept: Bool
    ) throws(CheckpointError) -> MetadataValue? {
        var texts: [MetadataValue] = []
        var isKept = isKept
        for _ in 0..<count {
            let length: UInt64 = try number(key)
            if isKept, length <= ReadingLimits.keptTextBytes, keeps(length) {
                let bytes = try reader.bytes(length, reading: "the elements of \(key.quoted)")
                if let text = String(validating: bytes, as: UTF8.self) {
                    texts.append(.string(text))
                } else {
                    isKept = false
                }
            } else {
                try reader.skip(length, reading: "the elements of \(key.quoted)")
                isKept = false
            }
        }
        return isKept ? .array(of: .string, texts) : nil
    }

    private mutating func passOverArrays(
        count: Int,
        key: String,
        depth: Int
    ) throws(CheckpointError) -> MetadataValue? {
        for _ in 0..<count { _ = try array(key: key, depth: depth + 1) }
        return nil
    }

    private mutating func passOverTruthValues(count: Int, key: String) throws(CheckpointError)
        -> MetadataValue?
    {
        for _ in 0..<count { _ = try truthValue(key) }
        return nil
    }

    private mutating func passOverNumbers(byteCount: Int, key: String) throws(CheckpointError)
        -> MetadataValue?
    {
        try reader.skip(UInt64(byteCount), reading: "the elements of \(key.quoted)")
        return nil
    }
}
