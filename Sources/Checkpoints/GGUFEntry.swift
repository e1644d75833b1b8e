import Text
/// A metadata entry of a GGUF file as the bytes that stand in the file: its key, its type and its value.
///
/// So entries are copied from file to file whatever their size; see ``GGUFHeader`` for what the bytes are.
public struct GGUFEntry: Hashable, Sendable {
    /// The key, such as `general.architecture`.
    public let key: String

    /// The whole entry.
    public let bytes: [UInt8]

    /// Makes the bytes of an entry; nil for a value that was not kept, see ``MetadataValue/omitted(_:byteCount:)``.
    public init?(_ entry: GGUFMetadata) {
        guard let value = Self.bytes(of: entry.value) else { return nil }
        key = entry.key
        bytes =
            GGUFCoding.text(entry.key) + GGUFCoding.integer(entry.value.type.rawValue) + value
    }

    /// Takes an entry as it stands in a file.
    init(key: String, bytes: [UInt8]) {
        self.key = key
        self.bytes = bytes
    }

    /// The entry's value where it is a `uint32`, or nil.
    var uint32: UInt32? {
        let value = bytes.dropFirst(8 + key.utf8.count)
        guard value.count == 8, value.starts(with: GGUFCoding.integer(MetadataType.uint32.rawValue)) else {
            return nil
        }
        return value.suffix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func bytes(of value: MetadataValue) -> [UInt8]? {
        switch value {
        case .uint8(let value): [value]
        case .int8(let value): [UInt8(bitPattern: value)]
        case .uint16(let value): GGUFCoding.integer(value)
        case .int16(let value): GGUFCoding.integer(value)
        case .uint32(let value): GGUFCoding.integer(value)
        case .int32(let value): GGUFCoding.integer(value)
        case .float32(let value): GGUFCoding.integer(value.bitPattern)
        case .bool(let value): [value ? 1 : 0]
        case .string(let text): GGUFCoding.text(text)
        case .uint64(let value): GGUFCoding.integer(value)
        case .int64(let value): GGUFCoding.integer(value)
        case .float64(let value): GGUFCoding.integer(value.bitPattern)
        case .int32Array(let elements):
            GGUFCoding.integer(MetadataType.int32.rawValue) + GGUFCoding.integer(UInt64(elements.count))
                + elements.flatMap { GGUFCoding.integer($0) }
        case .array(let type, let elements): array(type, elements)
        case .omitted: nil
        }
    }

    private static func array(_ type: MetadataType, _ elements: [MetadataValue]) -> [UInt8]? {
        var bytes = GGUFCoding.integer(type.rawValue) + GGUFCoding.integer(UInt64(elements.count))
        for element in elements {
            guard let value = Self.bytes(of: element) else { return nil }
            bytes += value
        }
        return bytes
    }
}

/// Numbers and texts as GGUF files have them.
enum GGUFCoding {
    /// An integer, its least significant byte first.
    static func integer(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    /// A text: the number of its bytes, then the bytes.
    static func text(_ text: String) -> [UInt8] {
        integer(UInt64(text.utf8.count)) + Array(text.utf8)
    }
}

extension MetadataValue {
    /// The value's type.
    public var type: MetadataType {
        switch self {
        case .uint8: .uint8
        case .int8: .int8
        case .uint16: .uint16
        case .int16: .int16
        case .uint32: .uint32
        case .int32: .int32
        case .float32: .float32
        case .bool: .bool
        case .string: .string
        case .int32Array, .array: .array
        case .uint64: .uint64
        case .int64: .int64
        case .float64: .float64
        case .omitted(let type, _): type
        }
    }
}

extension Model {
    /// The metadata entries of the model's first GGUF file, to the byte; none for a model of other files.
    ///
    /// Unlike ``metadata`` they are all there, however large, and so are those that say how a file is split.
    ///
    /// - Throws: What reading the file's header throws, and ``CheckpointError/fileChanged(path:)``.
    public func ggufEntries() throws(CheckpointError) -> [GGUFEntry] {
        guard kind == .gguf, let first = files.first else { return [] }
        let source = try ByteSource(path: first.path)
        guard source.byteCount == first.byteCount else { throw .fileChanged(path: first.path) }
        let file = try GGUFFile(source)
        var entries: [GGUFEntry] = []
        for (entry, range) in zip(file.metadata, file.entryRanges) {
            entries.append(GGUFEntry(key: entry.key, bytes: try source.part(range)))
        }
        return entries
    }
}
