import Tensors
import Text

extension ImportanceMatrix {
    /// The entries of a matrix in GGUF, whose header was read.
    static func ggufEntries(_ file: GGUFFile, _ source: ByteSource) throws(CheckpointError) -> [String: Entry]
    {
        var sums: [String: Int] = [:]
        var counts: [String: Int] = [:]
        for (index, tensor) in file.tensors.enumerated() where tensor.elementType == .f32 {
            if tensor.name.hasSuffix(".in_sum2") {
                sums[String(tensor.name.dropLast(".in_sum2".count))] = index
            } else if tensor.name.hasSuffix(".counts") {
                counts[String(tensor.name.dropLast(".counts".count))] = index
            }
        }
        var entries: [String: Entry] = [:]
        for (name, index) in sums {
            guard let count = counts[name] else { throw .notAnImportanceMatrix(path: source.path) }
            entries[name] = Entry(
                valueCount: file.tensors[index].elementCount,
                valuesOffset: file.locations[index].offset,
                counts: .stored(
                    count: file.tensors[count].elementCount,
                    offset: file.locations[count].offset
                )
            )
        }
        guard !entries.isEmpty else { throw .notAnImportanceMatrix(path: source.path) }
        return entries
    }

    /// What the metadata of a matrix in GGUF say of the text.
    static func origin(_ metadata: [GGUFMetadata]) -> Origin {
        var origin = Origin()
        for entry in metadata {
            switch (entry.key, entry.value) {
            case ("imatrix.datasets", .array(of: .string, let names)):
                if case .string(let name)? = names.first { origin.dataset = name }
            case ("imatrix.chunk_count", .uint32(let count)): origin.chunkCount = Int(count)
            default: break
            }
        }
        return origin
    }

    /// The entries of a matrix in the old binary shape, and what it says of the text.
    static func binaryEntries(
        _ source: ByteSource
    ) throws(CheckpointError) -> (entries: [String: Entry], origin: Origin) {
        var reader = ByteReader(source, to: source.byteCount)
        let entryCount = try reader.integer(Int32.self, reading: "the number of entries")
        // Anything may stand in a file without a magic number; a count that is none is the first thing that shows it.
        guard entryCount > 0, entryCount <= ReadingLimits.tensors else {
            throw .notAnImportanceMatrix(path: source.path)
        }
        var entries: [String: Entry] = [:]
        for number in 0..<entryCount {
            let name: String
            do throws(CheckpointError) {
                name = try self.name(&reader)
            } catch .malformedFile where number == 0 {
                throw .notAnImportanceMatrix(path: source.path)
            }
            let calls = try reader.integer(Int32.self, reading: "the calls of \(name)")
            let start = reader.offset
            let valueCount = try reader.integer(Int32.self, reading: "the number of values of \(name)")
            guard calls >= 0, valueCount > 0 else {
                throw source.defect(.impossibleImportanceEntry(tensor: name), at: start)
            }
            let entry = Entry(
                valueCount: Int(valueCount),
                valuesOffset: reader.offset,
                counts: .one(Double(calls))
            )
            try reader.skip(4 * UInt64(valueCount), reading: "the values of \(name)")
            guard entries.updateValue(entry, forKey: name) == nil else {
                throw source.defect(.duplicateTensor(name), at: start)
            }
        }
        return (entries, try origin(&reader))
    }

    private static func name(_ reader: inout ByteReader) throws(CheckpointError) -> String {
        let start = reader.offset
        let length = try reader.integer(Int32.self, reading: "the length of a name")
        guard length > 0, length <= ReadingLimits.nameBytes else {
            throw reader.source.defect(
                length == 0
                    ? .emptyTensorName
                    : .nameTooLong(
                        of: "a name",
                        byteCount: UInt64(UInt32(bitPattern: length)),
                        limit: ReadingLimits.nameBytes
                    ),
                at: start
            )
        }
        let bytes = try reader.bytes(UInt64(length), reading: "a name")
        guard let name = String(validating: bytes, as: UTF8.self) else {
            throw reader.source.defect(.notUTF8(of: "a name"), at: start + 4)
        }
        return name
    }

    /// What newer files say of the text that was read: the chunks, and the name of the data set.
    private static func origin(_ reader: inout ByteReader) throws(CheckpointError) -> Origin {
        var origin = Origin()
        guard reader.remaining > 0 else { return origin }
        origin.chunkCount = max(0, Int(try reader.integer(Int32.self, reading: "the number of chunks")))
        guard reader.remaining > 0 else { return origin }
        let start = reader.offset
        let length = try reader.integer(Int32.self, reading: "the length of the data set's name")
        guard length >= 0 else {
            throw reader.source.defect(
                .nameTooLong(
                    of: "the data set's name",
                    byteCount: UInt64(UInt32(bitPattern: length)),
                    limit: ReadingLimits.nameBytes
                ),
                at: start
            )
        }
        let name = try reader.bytes(UInt64(length), reading: "the data set's name")
        guard reader.remaining == 0 else {
            throw reader.source.defect(.trailingBytes(count: reader.remaining), at: reader.offset)
        }
        origin.dataset = name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
        return origin
    }
}
