public import Tensors
public import Text

/// What can be wrong in a model file.
///
/// It is the part of ``CheckpointError/malformedFile(path:offset:_:)`` that says what is at that place in the file.
public enum FileDefect: Hashable, Sendable {
    // The file as a whole

    /// The file ends within its header, so many bytes too early.
    case headerEndsEarly(reading: String, missing: UInt64)
    /// The header has more bytes than it may have.
    case headerTooLong(limit: Int)
    /// The file states more tensors than it may have, or fewer than none.
    case tensorCountOutOfRange(Int64, limit: Int)
    /// The file states more metadata entries than it may have, or fewer than none.
    case metadataCountOutOfRange(Int64, limit: Int)
    /// The file goes on after the last tensor's data.
    case trailingBytes(count: Int)

    // Names

    /// A tensor's name is empty.
    case emptyTensorName
    /// A metadata key is empty.
    case emptyKey
    /// A name, of what is said, has more bytes than it may have.
    case nameTooLong(of: String, byteCount: UInt64, limit: Int)
    /// A text, of what is said, is not UTF-8.
    case notUTF8(of: String)
    /// Two tensors have the same name.
    case duplicateTensor(String)
    /// Two metadata entries have the same key.
    case duplicateKey(String)

    // Tensors

    /// A tensor has more dimensions than it may have.
    case tooManyDimensions(tensor: String, count: UInt64, limit: Int)
    /// A dimension, counted from 0 in the file's order, is below 1.
    case dimensionOutOfRange(tensor: String, index: Int, size: Int64)
    /// A tensor is impossible.
    case impossibleTensor(TensorError)
    /// A row of a tensor is not a whole number of its format's blocks.
    case rowNotWholeBlocks(tensor: String, format: String, blockElements: Int, rowLength: Int)
    /// A tensor's data begin before those of another end.
    case overlap(tensor: String, other: String, byteCount: UInt64)
    /// There are bytes before a tensor's data that belong to no tensor.
    case hole(tensor: String, byteCount: UInt64)
    /// The file ends before the data of a tensor do, so many bytes too early for all tensors.
    case dataEndEarly(tensor: String, missing: Int)

    // GGUF

    /// The file is in big-endian byte order.
    case bigEndian
    /// The file's version is none that is read.
    case unsupportedVersion(UInt32)
    /// A metadata value's type is none of GGUF's.
    case unknownValueType(key: String, id: UInt32)
    /// A metadata entry that is needed has another type of value than it must have.
    case wrongValueType(key: String, expected: String)
    /// A truth value is neither 0 nor 1.
    case impossibleBool(key: String, value: UInt8)
    /// Arrays are nested deeper than they may be.
    case arraysTooDeep(key: String, limit: Int)
    /// `general.alignment` is not a power of two, or too large.
    case alignmentOutOfRange(UInt64, limit: Int)
    /// A tensor's format is none of ggml's.
    case unknownFormatID(tensor: String, id: UInt32)
    /// A tensor's data do not begin at a multiple of the alignment.
    case misaligned(tensor: String, dataOffset: UInt64, alignment: Int)
    /// The metadata lack an entry that others ask for.
    case missingKey(String)
    /// `split.no` is not below `split.count`.
    case splitNumberOutOfRange(Int, count: Int)

    // JSON

    /// The JSON of a header or an index is none, or is not as it must be.
    case json(JSONProblem)

    // safetensors and its index

    /// The header's length leaves no room for the smallest header.
    case headerTooShort(length: UInt64)
    /// A tensor's element type is none that is known.
    case unknownElementType(tensor: String, type: String)
    /// A tensor's data end before they begin.
    case reversedOffsets(tensor: String, begin: UInt64, end: UInt64)
    /// A tensor's data have another number of bytes than its shape and type have.
    case wrongByteCount(tensor: String, stated: UInt64, exact: Int)
    /// An index names a file that is not just a file's name.
    case impossibleShardName(tensor: String, shard: String)

    // Importance matrices

    /// An entry of an importance matrix has no values, or a negative number of calls.
    case impossibleImportanceEntry(tensor: String)
}
