public import Tensors

/// Casts rows of a weight to 8-bit floats with one scale for the whole weight, and back.
///
/// Elements are divided by the scale, cast as ``RowCodec`` casts them, and multiplied by it again. The scale is what makes the largest
/// magnitude of the weight the largest number of the format: 448 of `float8_e4m3fn`, 57,344 of `float8_e5m2`. Source: `weight_scale`
/// in ComfyUI's `QUANTIZATION.md`.
public struct ScaledCodec: Sendable {
    /// The format, one of `QuantizationFormat.scaled`.
    public let format: QuantizationFormat
    /// What elements are divided by.
    public let scale: Float

    private let elements: RowCodec

    /// Finds the codec of a format and a scale, or nil for a format without a scale.
    public init?(_ format: QuantizationFormat, scale: Float) {
        guard format.isScaled, let elements = RowCodec(format.elementFormat) else { return nil }
        self.format = format
        self.scale = scale
        self.elements = elements
    }

    /// Finds the codec of a format for a weight of which the largest magnitude is known, or nil for a format without a scale.
    public init?(_ format: QuantizationFormat, peak: Float) {
        let largest: Float = format == .float8_e5m2_scaled ? 57_344 : 448
        self.init(format, scale: peak > 0 ? max(peak / largest, Float.leastNormalMagnitude) : 1)
    }

    /// Encodes a row.
    ///
    /// - Parameter row: The elements.
    /// - Returns: A byte for each.
    /// - Throws: ``QuantizationError`` if an element is not finite.
    public func encode(_ row: Span<Float>) throws(QuantizationError) -> [UInt8] {
        var divided = [Float](repeating: 0, count: row.count)
        for index in row.indices { divided[index] = row[index] / scale }
        return try elements.encode(divided.span, importance: nil)
    }

    /// Decodes a row.
    ///
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - count: The number of elements.
    /// - Returns: The values that the bytes stand for, the scale included.
    /// - Throws: ``QuantizationError`` if `count` does not go with the bytes.
    public func decode(_ bytes: Span<UInt8>, count: Int) throws(QuantizationError) -> [Float] {
        var values = try elements.decode(bytes, count: count)
        for index in values.indices { values[index] *= scale }
        return values
    }

    /// The squared errors that casting a row makes, with and without weights.
    ///
    /// - Parameters:
    ///   - row: The elements.
    ///   - weights: What each element's squared error weighs, or nil for 1 each.
    /// - Returns: The sums.
    /// - Throws: ``QuantizationError`` if an element is not finite, or the weights are not as many.
    public func squaredErrors(of row: Span<Float>, weights: Span<Float>?) throws(QuantizationError)
        -> SquaredErrors
    {
        let weightCount = weights?.count ?? row.count
        guard weightCount == row.count else { throw .weightCount(weightCount, elements: row.count) }
        let bytes = try encode(row)
        let cast = try decode(bytes.span, count: row.count)
        var plain = 0.0
        var weighted = 0.0
        for index in row.indices {
            let difference = Double(row[index]) - Double(cast[index])
            let square = difference * difference
            plain += square
            weighted += square * Double(weights?[index] ?? 1)
        }
        return SquaredErrors(plain: plain, weighted: weighted)
    }
}
