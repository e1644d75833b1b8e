import Quantization
import Tensors

/// Casts rows of one tensor to a format and back, into the type that they came in.
struct TensorCast: Sendable {
    let tensor: TensorInfo
    /// The type of the tensor's bytes.
    let type: QuantizationFormat
    /// The codec of that type.
    let source: RowCodec
    /// The codec of the format.
    let codec: RowCodec
    /// The mean squares of the inputs, a row of them per expert; or nil.
    let meanSquares: [Float]?

    /// The bytes of a row.
    var rowBytes: Int { tensor.rowLength * type.blockBytes }

    /// Casts whole rows.
    ///
    /// - Parameters:
    ///   - bytes: The rows' bytes.
    ///   - rows: Which rows of the tensor they are.
    /// - Returns: As many bytes of the same type, or nil if the format, or the type, cannot hold a weight.
    /// - Throws: ``CalibrationError/weights(tensor:problem:)`` for weights that are not finite.
    func cast(_ bytes: [UInt8], rows: Range<Int>) throws(CalibrationError) -> [UInt8]? {
        var values = [Float](repeating: 0, count: tensor.rowLength)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for row in rows {
            let start = (row - rows.lowerBound) * rowBytes
            var span = values.mutableSpan
            SourceElements.decode(
                bytes.span.bytes.extracting(start..<start + rowBytes),
                as: type,
                into: &span
            )
            do throws(QuantizationError) {
                let encoded = try encode(values, row: row)
                let decoded = try codec.decode(encoded.span, count: values.count)
                guard decoded.allSatisfy(\.isFinite) else { return nil }
                let stored = try source.encode(decoded.span, importance: nil)
                // A scale that the format holds may be beyond a 16-bit float.
                guard try source.decode(stored.span, count: values.count).allSatisfy(\.isFinite) else {
                    return nil
                }
                result += stored
            } catch {
                throw .weights(tensor: tensor.name, problem: "row \(row): \(error)")
            }
        }
        return result
    }

    private func encode(_ values: [Float], row: Int) throws(QuantizationError) -> [UInt8] {
        guard let importance = importance(ofRow: row) else {
            return try codec.encode(values.span, importance: nil)
        }
        return try codec.encode(values.span, importance: importance.span)
    }

    /// The mean squares of a row's inputs: those of its expert.
    private func importance(ofRow row: Int) -> [Float]? {
        guard let meanSquares else { return nil }
        let expertCount = meanSquares.count / tensor.rowLength
        let expert = row / (tensor.rowCount / expertCount)
        return Array(meanSquares[expert * tensor.rowLength..<(expert + 1) * tensor.rowLength])
    }
}
