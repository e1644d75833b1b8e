import Quantization
import Tensors

/// Casts single rows of a tensor, and measures how far what stands for them in the file is from their weights.
struct RowCaster {
    let part: ModelDraft.Part
    let codec: TensorCodec
    /// The importance of a row's elements, for each expert in turn, or nil.
    let importance: [Float]?
    /// What errors cost at the end of the model, or nil where that is not known.
    let costs: LossWeights?

    /// Casts a row.
    ///
    /// - Throws: ``ConversionError/weight(tensor:row:column:value:)`` and ``ConversionError/row(tensor:row:problem:)``.
    func encode(_ row: Span<Float>, row number: Int) throws(ConversionError) -> [UInt8] {
        do throws(QuantizationError) {
            if let importance, let range = importanceRange(ofRow: number) {
                return try codec.encode(row, importance: importance.span.extracting(range))
            }
            return try codec.encode(row, importance: nil)
        } catch .nonFiniteElement(let position) {
            throw .weight(
                tensor: part.tensor.name,
                row: number,
                column: position,
                value: "\(row[position])"
            )
        } catch {
            throw .row(tensor: part.tensor.name, row: number, problem: "\(error)")
        }
    }

    /// Decodes a row of the file, and measures how far it is from the weights.
    ///
    /// - Throws: ``ConversionError/row(tensor:row:problem:)``, and ``ConversionError/overflow(tensor:row:format:)`` where an error is no
    ///   number.
    func sums(
        of bytes: Span<UInt8>,
        against weights: Span<Float>,
        row number: Int
    ) throws(ConversionError) -> CastSums {
        let cast: [Float]
        do throws(QuantizationError) {
            cast = try codec.decode(bytes, count: part.rowLength)
        } catch {
            throw .row(tensor: part.tensor.name, row: number, problem: "\(error)")
        }
        var sums = CastSums()
        if let importance, let range = importanceRange(ofRow: number) {
            sums.add(weights, cast, importance: importance.span.extracting(range))
        } else {
            sums.add(weights, cast, importance: nil)
        }
        if let costs { sums.loss = costs.loss(of: weights, cast, from: number * part.rowLength) }
        guard sums.error.isFinite else {
            throw .overflow(tensor: part.tensor.name, row: number, format: part.format.name)
        }
        return sums
    }

    /// Where the importance of a row's elements stands: that of its expert.
    private func importanceRange(ofRow row: Int) -> Range<Int>? {
        guard let importance else { return nil }
        let expertCount = max(1, importance.count / part.rowLength)
        let expert = row / max(1, part.rowCount / expertCount)
        return expert * part.rowLength..<(expert + 1) * part.rowLength
    }
}
