package import Text

/// Which of several safetensors files holds which tensor.
///
/// ```json
/// {"metadata": {"total_size": 23802816640},
///  "weight_map": {"img_in.weight": "model-00001-of-00003.safetensors"}}
/// ```
///
/// The whole is one JSON object, in UTF-8, of at most ``ReadingLimits/headerBytes``:
///
/// 1. `weight_map`, an object: for each tensor its name, at most ``ReadingLimits/nameBytes``, with a string, the name
///    of a file in the index's folder. Names are an error if they stand twice.
/// 2. Other members, which are allowed and not read. `metadata.total_size` is one of them, because programs do not
///    agree on what it counts; the files' own headers are exact.
package struct SafetensorsIndex {
    /// The name of the member that makes a JSON file an index.
    static let mapName = "weight_map"

    /// The file of each tensor.
    package private(set) var shards: [String: String] = [:]

    /// Reads an index.
    package init(_ source: ByteSource) throws(CheckpointError) {
        guard source.byteCount <= ReadingLimits.headerBytes else {
            throw source.defect(.headerTooLong(limit: ReadingLimits.headerBytes), at: 0)
        }
        var cursor = try HeaderCursor(wholeOf: source)
        var hasMap = false
        try cursor.object("the index") { (cursor, name, offset) throws(CheckpointError) in
            guard name == Self.mapName else { return try cursor.skipValue() }
            guard !hasMap else {
                throw cursor.defect(.json(.nameTwice(of: "the index", name: name)), at: offset)
            }
            hasMap = true
            try readMap(from: &cursor)
        }
        try cursor.finish()
        guard hasMap else {
            throw cursor.defect(.json(.missingMember(of: "the index", member: Self.mapName)), at: 0)
        }
    }

    private mutating func readMap(from cursor: inout HeaderCursor) throws(CheckpointError) {
        try cursor.object(Self.mapName) { (cursor, tensor, offset) throws(CheckpointError) in
            guard !tensor.isEmpty else { throw cursor.defect(.emptyTensorName, at: offset) }
            let shard = try cursor.name("the file of tensor \(tensor.quoted)")
            // Nothing outside the index's folder is read on its word.
            guard !["", ".", ".."].contains(shard), !shard.utf8.contains(where: { $0 == 0 || $0 == 0x2F })
            else {
                throw cursor.defect(.impossibleShardName(tensor: tensor, shard: shard), at: offset)
            }
            guard shards.updateValue(shard, forKey: tensor) == nil else {
                throw cursor.defect(.duplicateTensor(tensor), at: offset)
            }
            guard shards.count <= ReadingLimits.tensors else {
                let defect = FileDefect.tensorCountOutOfRange(
                    Int64(shards.count),
                    limit: ReadingLimits.tensors
                )
                throw cursor.defect(defect, at: offset)
            }
        }
    }

    /// Whether the name of the member stands somewhere in a text in JSON, or may as a backslash stands there.
    private static func mayHaveName(_ bytes: [UInt8]) -> Bool {
        let name = Array(mapName.utf8)
        return bytes.withUnsafeBufferPointer { bytes in
            bytes.indices.contains { start in
                switch bytes[start] {
                case UInt8(ascii: "\\"): true
                case name[0]: bytes[start...].starts(with: name)
                default: false
                }
            }
        }
    }

    /// Whether a JSON file is an index, which is so if the member that makes it one comes before any mistake.
    static func isIndex(_ source: ByteSource) -> Bool {
        guard source.byteCount <= ReadingLimits.headerBytes else { return false }
        // Most files do not have the name in them, neither as it is nor with escapes, which one look at the bytes tells.
        if let bytes = try? source.bytes(limit: ReadingLimits.headerBytes), !mayHaveName(bytes) {
            return false
        }
        var isIndex = false
        do throws(CheckpointError) {
            var cursor = try HeaderCursor(wholeOf: source)
            try cursor.object("the file") { (cursor, name, _) throws(CheckpointError) in
                if name == mapName { isIndex = true }
                try cursor.skipValue()
            }
        } catch {
            // The reader of what it turns out to be says what is wrong.
        }
        return isIndex
    }
}
