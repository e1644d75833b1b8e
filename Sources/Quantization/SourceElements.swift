public import Tensors

/// Decodes the element types that models are published in.
public enum SourceElements {
    /// The formats that can be decoded: those of one float per element, in the order of `QuantizationFormat.all`.
    public static let formats: [QuantizationFormat] = [.f32, .f16, .bf16, .float8_e4m3fn, .float8_e5m2]

    /// Stores the values of little-endian bytes in a row.
    ///
    /// - Precondition: The format is one of ``formats``, and there are as many bytes as the row takes in it.
    ///
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - format: What the bytes hold.
    ///   - row: Receives the values; its length says how many there are.
    public static func decode(
        _ bytes: RawSpan,
        as format: QuantizationFormat,
        into row: inout MutableSpan<Float>
    ) {
        switch format {
        case .f32: decode(bytes, into: &row, Binary32Elements.self)
        case .f16: decode(bytes, into: &row, Binary16Elements.self)
        case .bf16: decode(bytes, into: &row, BrainElements.self)
        case .float8_e4m3fn: decode(bytes, into: &row, E4M3FNElements.self)
        case .float8_e5m2: decode(bytes, into: &row, E5M2Elements.self)
        default: preconditionFailure("\(format) is not a format of single floats")
        }
    }

    /// The values of little-endian bytes.
    ///
    /// - Precondition: The format is one of ``formats``, and there are as many bytes as `count` elements take in it.
    ///
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - format: What the bytes hold.
    ///   - count: The number of elements.
    /// - Returns: The values.
    package static func values(_ bytes: Span<UInt8>, as format: QuantizationFormat, count: Int) -> [Float] {
        switch format {
        case .f32: ElementRow<Binary32Elements>.decode(bytes, count: count)
        case .f16: ElementRow<Binary16Elements>.decode(bytes, count: count)
        case .bf16: ElementRow<BrainElements>.decode(bytes, count: count)
        case .float8_e4m3fn: ElementRow<E4M3FNElements>.decode(bytes, count: count)
        case .float8_e5m2: ElementRow<E5M2Elements>.decode(bytes, count: count)
        default: preconditionFailure("\(format) is not a format of single floats")
        }
    }

    @inline(__always)
    private static func decode<Format: ElementFormat>(
        _ bytes: RawSpan,
        into row: inout MutableSpan<Float>,
        _ format: Format.Type
    ) {
        unsafe row.withUnsafeMutableBufferPointer { unsafe ElementRow<Format>.decode(bytes, into: $0) }
    }
}
