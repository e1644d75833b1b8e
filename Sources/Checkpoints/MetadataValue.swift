/// A value of a file's metadata, in one of the types of `gguf_type` in ggml's `gguf.h`.
///
/// The metadata of a safetensors file are texts only, and are of ``string(_:)`` or ``omitted(_:byteCount:)`` here.
public enum MetadataValue: Hashable, Sendable {
    /// `GGUF_TYPE_UINT8`, 1 byte.
    case uint8(UInt8)
    /// `GGUF_TYPE_INT8`, 1 byte.
    case int8(Int8)
    /// `GGUF_TYPE_UINT16`, 2 bytes.
    case uint16(UInt16)
    /// `GGUF_TYPE_INT16`, 2 bytes.
    case int16(Int16)
    /// `GGUF_TYPE_UINT32`, 4 bytes.
    case uint32(UInt32)
    /// `GGUF_TYPE_INT32`, 4 bytes.
    case int32(Int32)
    /// `GGUF_TYPE_FLOAT32`, 4 bytes.
    case float32(Float)
    /// `GGUF_TYPE_BOOL`, 1 byte.
    case bool(Bool)
    /// `GGUF_TYPE_STRING`, 8 bytes for the length, then the bytes in UTF-8.
    case string(String)
    /// `GGUF_TYPE_ARRAY` of `GGUF_TYPE_INT32`, 4 bytes for the type, 8 for the count, then 4 for each element.
    case int32Array([Int32])
    /// `GGUF_TYPE_ARRAY` of any other type, 4 bytes for the type, 8 for the count, then the elements.
    case array(of: MetadataType, [MetadataValue])
    /// `GGUF_TYPE_UINT64`, 8 bytes.
    case uint64(UInt64)
    /// `GGUF_TYPE_INT64`, 8 bytes.
    case int64(Int64)
    /// `GGUF_TYPE_FLOAT64`, 8 bytes.
    case float64(Double)
    /// A value of a type that takes so many bytes in the file, and was checked but not kept because it is large.
    ///
    /// Such are a tokenizer's vocabulary and its scores; see ``ReadingLimits/keptArrayElements`` and
    /// ``ReadingLimits/keptTextBytes``.
    case omitted(MetadataType, byteCount: Int)

    /// The value where it is a whole number that an `Int` holds, otherwise nil.
    public var wholeNumber: Int? {
        switch self {
        case .uint8(let value): Int(value)
        case .int8(let value): Int(value)
        case .uint16(let value): Int(value)
        case .int16(let value): Int(value)
        case .uint32(let value): Int(value)
        case .int32(let value): Int(value)
        case .uint64(let value): Int(exactly: value)
        case .int64(let value): Int(value)
        case .float32, .float64, .bool, .string, .int32Array, .array, .omitted: nil
        }
    }

    /// The number of bytes that the value takes in a GGUF file, without its type.
    public var byteCount: Int {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        // A string and an array stand in memory, so their sizes are far below Int.max.
        case .string(let text): 8 + text.utf8.count
        case .int32Array(let elements): 4 + 8 + 4 * elements.count
        case .array(_, let elements): elements.reduce(4 + 8) { $0 + $1.byteCount }
        case .omitted(_, let byteCount): byteCount
        }
    }
}
