package import Tensors

/// What casts the rows of one tensor to a format.
package enum TensorCodec: Sendable {
    /// A format in which rows stand for themselves.
    case rows(RowCodec)
    /// One in which the whole tensor has a scale.
    case scaled(ScaledCodec)

    /// The formats that have one.
    package static let formats: [QuantizationFormat] = RowCodec.formats + QuantizationFormat.scaled

    /// Finds the codec of a format for a tensor, or nil where there is none.
    ///
    /// - Parameters:
    ///   - format: The format.
    ///   - source: The type that the weights are stored in, see ``RowCodec``.
    ///   - peak: The largest magnitude of the tensor's weights.
    package init?(_ format: QuantizationFormat, source: QuantizationFormat = .bf16, peak: Float) {
        if let codec = ScaledCodec(format, peak: peak) {
            self = .scaled(codec)
        } else if let codec = RowCodec(format, source: source) {
            self = .rows(codec)
        } else {
            return nil
        }
    }

    /// What elements are divided by: 1 where there is no scale.
    package var scale: Float {
        switch self {
        case .rows: 1
        case .scaled(let codec): codec.scale
        }
    }

    /// Encodes a row; see ``RowCodec``.
    package func encode(_ row: Span<Float>, importance: Span<Float>?) throws(QuantizationError) -> [UInt8] {
        switch self {
        case .rows(let codec): try codec.encode(row, importance: importance)
        case .scaled(let codec): try codec.encode(row)
        }
    }

    /// Decodes a row; see ``RowCodec``.
    package func decode(_ bytes: Span<UInt8>, count: Int) throws(QuantizationError) -> [Float] {
        switch self {
        case .rows(let codec): try codec.decode(bytes, count: count)
        case .scaled(let codec): try codec.decode(bytes, count: count)
        }
    }

    /// The squared errors that casting a row makes, with and without weights; see ``RowCodec``.
    package func squaredErrors(
        of row: Span<Float>,
        importance: Span<Float>?,
        weights: Span<Float>?
    ) throws(QuantizationError) -> SquaredErrors {
        switch self {
        case .rows(let codec): try codec.squaredErrors(of: row, importance: importance, weights: weights)
        case .scaled(let codec): try codec.squaredErrors(of: row, weights: weights)
        }
    }
}
