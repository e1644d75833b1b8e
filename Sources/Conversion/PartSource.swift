import Checkpoints
import Quantization
import Tensors

/// The rows of a tensor as the model has them: as bytes, and as floats.
struct PartSource {
    let part: ModelDraft.Part
    let weights: WeightData

    /// The type that the weights are stored in.
    var type: QuantizationFormat { part.sourceType ?? .f32 }

    /// The bytes of a row.
    var rowByteCount: Int { part.rowLength / type.blockElements * type.blockBytes }

    /// The bytes of rows.
    ///
    /// - Throws: ``ConversionError/checkpoint(_:)``.
    func bytes(_ rows: Range<Int>) throws(ConversionError) -> [UInt8] {
        let range = rows.lowerBound * rowByteCount..<rows.upperBound * rowByteCount
        return try ConversionError.wrapping { () throws(CheckpointError) in
            try part.isStored
                ? weights.storedBytes(range, ofTensor: part.source)
                : weights.bytes(range, ofTensor: part.source)
        }
    }

    /// The scale that the model has for a tensor in 8-bit floats, by which its weights are multiplied; nil where it has none.
    ///
    /// - Throws: ``ConversionError/weight(tensor:row:column:value:)`` for a scale by which no weight is a number.
    func storedScale() throws(ConversionError) -> Float? {
        let scale = weights.storedScale(ofTensor: part.source)
        if let scale, !scale.isFinite {
            throw .weight(tensor: part.tensor.name, row: 0, column: 0, value: "\(scale)")
        }
        return scale
    }

    /// The weights of rows as floats.
    ///
    /// - Parameters:
    ///   - bytes: The bytes of the rows.
    ///   - rows: Which rows they are.
    /// - Returns: The weights, row after row.
    /// - Throws: ``ConversionError/unreadableType(tensor:type:format:)`` and ``ConversionError/row(tensor:row:problem:)``.
    func values(_ bytes: [UInt8], _ rows: Range<Int>) throws(ConversionError) -> [Float] {
        guard SourceElements.formats.contains(type) else {
            if let decoder = RowCodec(type) { return try decoded(bytes, by: decoder, rows) }
            throw .unreadableType(
                tensor: part.tensor.name,
                type: type.name,
                format: part.format.name
            )
        }
        return SourceElements.values(bytes.span, as: type, count: rows.count * part.rowLength)
    }

    /// The weights of rows that are quantized.
    private func decoded(
        _ bytes: [UInt8],
        by decoder: RowCodec,
        _ rows: Range<Int>
    ) throws(ConversionError) -> [Float] {
        let rowByteCount = rowByteCount
        var values: [Float] = []
        values.reserveCapacity(rows.count * part.rowLength)
        for row in rows {
            let start = (row - rows.lowerBound) * rowByteCount
            do throws(QuantizationError) {
                values += try decoder.decode(
                    bytes.span.extracting(start..<start + rowByteCount),
                    count: part.rowLength
                )
            } catch {
                throw .row(tensor: part.tensor.name, row: row, problem: "\(error)")
            }
        }
        return values
    }

    /// Looks for what is no number in weights that are copied.
    ///
    /// - Throws: ``ConversionError/weight(tensor:row:column:value:)`` for the first that is none, and
    ///   ``ConversionError/row(tensor:row:problem:)``.
    func checkFinite(_ bytes: [UInt8], _ rows: Range<Int>) throws(ConversionError) {
        var found = FloatScan.firstNonFinite(in: bytes, as: type)
        if type.blockElements > 1, let decoder = RowCodec(type) {
            let values = try decoded(bytes, by: decoder, rows)
            found = values.firstIndex { !$0.isFinite }.map { ($0, Double(values[$0])) }
        }
        guard let found else { return }
        throw nonFinite("\(found.value)", at: found.index, rows)
    }

    /// The error for a weight that is no number.
    ///
    /// - Parameters:
    ///   - value: What it is instead.
    ///   - index: Its position in the rows.
    ///   - rows: Which rows they are.
    /// - Returns: The error.
    func nonFinite(_ value: String, at index: Int, _ rows: Range<Int>) -> ConversionError {
        .weight(
            tensor: part.tensor.name,
            row: rows.lowerBound + index / part.rowLength,
            column: index % part.rowLength,
            value: value
        )
    }
}
