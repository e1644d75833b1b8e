import Quantization

extension RowCodec {
    /// ``encode(_:importance:)`` of arrays.
    func encode(_ row: [Float], importance: [Float]? = nil) throws(QuantizationError) -> [UInt8] {
        guard let importance else { return try encode(row.span, importance: nil) }
        return try encode(row.span, importance: importance.span)
    }

    /// ``decode(_:count:)`` of an array.
    func decode(_ bytes: [UInt8], count: Int) throws(QuantizationError) -> [Float] {
        try decode(bytes.span, count: count)
    }

    /// ``squaredError(of:weights:)`` of arrays.
    func squaredError(of row: [Float], weights: [Float]? = nil) throws(QuantizationError) -> Double {
        guard let weights else { return try squaredError(of: row.span, weights: nil) }
        return try squaredError(of: row.span, weights: weights.span)
    }

    /// ``squaredErrors(of:importance:weights:)`` of arrays.
    func squaredErrors(
        of row: [Float],
        importance: [Float]? = nil,
        weights: [Float]? = nil
    ) throws(QuantizationError) -> SquaredErrors {
        switch (importance, weights) {
        case (let importance?, let weights?):
            return try squaredErrors(of: row.span, importance: importance.span, weights: weights.span)
        case (let importance?, nil):
            return try squaredErrors(of: row.span, importance: importance.span, weights: nil)
        case (nil, let weights?):
            return try squaredErrors(of: row.span, importance: nil, weights: weights.span)
        case (nil, nil):
            return try squaredErrors(of: row.span, importance: nil, weights: nil)
        }
    }
}
