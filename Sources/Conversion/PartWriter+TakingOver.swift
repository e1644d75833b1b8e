import Quantization
import Tensors

/// Taking a tensor over from an earlier file instead of casting it.
extension PartWriter {
    /// Whether rows of the earlier file are not what would be cast; the tensor is then to be cast, see ``castAnew()``.
    var differsFromEarlier: Bool { earlier?.differ ?? false }

    /// Takes nothing over any more.
    mutating func castAnew() { earlier = nil }

    /// Takes the tensor's rows from an earlier file, whatever they are.
    mutating func takeOver(from file: EarlierFile, position: Int) {
        earlier = EarlierRows(file.weights, position: position, rowByteCount: rowByteCount)
    }

    /// Takes the tensor's rows from an earlier file, if the first row of every piece and of every expert is what would be cast.
    ///
    /// Of the others each whose error is larger than those rows lead to expect is cast again while it is written.
    ///
    /// - Returns: Whether they are taken over.
    /// - Throws: ``ConversionError``.
    mutating func takeOverBySample(
        from file: EarlierFile,
        position: Int
    ) throws(ConversionError) -> Bool {
        guard let codec = TensorCodec(part.format, source: source.type, peak: 0) else { return false }
        let caster = caster(codec)
        let found = EarlierRows(file.weights, position: position, rowByteCount: rowByteCount)
        let rowsPerExpert = max(1, part.rowCount / max(1, expertCount))
        let result = try pieces.together({ _ in !found.differ }) { [self] piece throws(ConversionError) in
            var result = PartResult()
            for row in piece where row == piece.lowerBound || row % rowsPerExpert == 0 {
                let own = row..<row + 1
                let values = try source.values(try source.bytes(own), own)
                let bytes = try caster.encode(values.span, row: row)
                if try bytes != found.bytes(own) { found.noteDifference() }
                try measure(bytes.span, against: values, own, caster, &result.sums)
            }
            return result
        }
        guard let result, !found.differ else { return false }
        earlier = EarlierRows(
            file.weights,
            position: position,
            rowByteCount: rowByteCount,
            expected: result.sums
        )
        return true
    }

    /// The experts that a tensor has an importance for each of, or that are stacked in it.
    private var expertCount: Int {
        part.tensor.dimensionCount == 3 && part.rowLength == part.tensor.rowLength
            ? part.tensor.shape.first ?? 1 : 1
    }
}
