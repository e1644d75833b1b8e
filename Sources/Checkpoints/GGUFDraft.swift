public import Tensors

/// A GGUF file before it is written: its header to the byte, and where the data of each tensor go.
///
/// The parts of a file are described at ``GGUFHeader``. The tensors' data follow one another in the order of the
/// header, each padded with zeros to the alignment, the last one too.
public struct GGUFDraft: Hashable, Sendable {
    /// The metadata, in the order in which they are written.
    public let entries: [GGUFEntry]

    /// The tensors, in the order in which they are written, each with the type that it is to have.
    public let tensors: [TensorInfo]

    /// Each tensor begins at a multiple of this many bytes.
    public let alignment: Int

    /// Where each tensor's data begin, counted from the beginning of the file.
    public let offsets: [Int]

    /// The number of bytes before the first tensor's data, padding included.
    public let headerByteCount: Int

    /// The size of the whole file, in bytes.
    public let byteCount: Int

    /// Drafts a file.
    ///
    /// - Parameters:
    ///   - entries: The metadata.
    ///   - tensors: The tensors, each with a type whose block divides its rows.
    /// - Throws: ``CheckpointError/duplicateKey(_:)``, ``CheckpointError/badAlignment(_:)`` if there is a
    ///   `general.alignment` that is no `uint32` or no power of two, and ``CheckpointError/notInGGUF(tensor:type:)``.
    public init(entries: [GGUFEntry], tensors: [TensorInfo]) throws(CheckpointError) {
        var keys: Set<String> = []
        var alignment = 32
        var bytes = 4 + 4 + 8 + 8
        for entry in entries {
            guard keys.insert(entry.key).inserted else { throw .duplicateKey(entry.key) }
            if entry.key == "general.alignment" {
                guard let value = entry.uint32, value.nonzeroBitCount == 1 else {
                    throw .badAlignment(entry.uint32.map { "\($0)" } ?? "another type")
                }
                alignment = Int(value)
            }
            bytes += entry.bytes.count
        }
        for tensor in tensors {
            bytes += 8 + tensor.name.utf8.count + 4 + 8 * tensor.dimensionCount + 4 + 8
        }
        let layout = FileLayout(validHeaderBytes: 0, alignment: alignment)
        headerByteCount = layout.paddedByteCount(bytes)
        var offset = headerByteCount
        var offsets: [Int] = []
        for tensor in tensors {
            guard let type = tensor.elementType, type.ggufTypeID != nil,
                let byteCount = type.byteCount(of: tensor)
            else {
                throw .notInGGUF(tensor: tensor.name, type: tensor.elementType?.name ?? "unknown")
            }
            offsets.append(offset)
            // A model has at most 2^56 elements in all, so the sum is far from Int.max.
            offset += layout.paddedByteCount(byteCount)
        }
        self.entries = entries
        self.tensors = tensors
        self.alignment = alignment
        self.offsets = offsets
        byteCount = offset
    }

    /// The header, padding included: ``headerByteCount`` bytes.
    public func header() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headerByteCount)
        bytes += Array("GGUF".utf8) + GGUFCoding.integer(UInt32(3))
        bytes += GGUFCoding.integer(Int64(tensors.count)) + GGUFCoding.integer(Int64(entries.count))
        for entry in entries { bytes += entry.bytes }
        for (tensor, offset) in zip(tensors, offsets) {
            bytes += GGUFCoding.text(tensor.name) + GGUFCoding.integer(UInt32(tensor.dimensionCount))
            for size in tensor.rowFirstShape { bytes += GGUFCoding.integer(Int64(size)) }
            bytes += GGUFCoding.integer(tensor.elementType?.ggufTypeID ?? 0)
            bytes += GGUFCoding.integer(UInt64(offset - headerByteCount))
        }
        bytes += [UInt8](repeating: 0, count: headerByteCount - bytes.count)
        return bytes
    }
}
