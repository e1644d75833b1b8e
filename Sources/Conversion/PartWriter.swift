import Checkpoints
import Quantization
import Tensors

/// Casts one tensor into its place in the file, and reads again what stands there.
///
/// Pieces of it are cast side by side on all cores, see ``PartPieces``. Of each piece no more is in memory than its rows as they
/// are in the file, and a few of them at a time as they are in the model and as floats.
struct PartWriter {
    let source: PartSource
    /// The importance of a row's elements, for each expert in turn, or nil.
    let importance: [Float]?
    /// What errors cost at the end of the model, or nil where that is not known.
    let costs: LossWeights?
    let file: any WorkPlace
    /// Where an earlier file has the tensor as it is wanted, or nil where it is cast.
    var earlier: EarlierRows?

    init(
        part: ModelDraft.Part,
        weights: WeightData,
        importance: [Float]?,
        costs: LossWeights?,
        file: any WorkPlace
    ) {
        source = PartSource(part: part, weights: weights)
        self.importance = importance
        self.costs = costs
        self.file = file
    }

    /// How much of a piece is read, cast and decoded before the next, so that it stays in a core's cache.
    private static let runByteCount = 1 << 15

    /// What is written.
    var part: ModelDraft.Part { source.part }

    /// The bytes of a row in the file.
    var rowByteCount: Int { part.rowLength / part.format.blockElements * part.format.blockBytes }

    /// Rows that are done together.
    var pieces: PartPieces { PartPieces(rowCount: part.rowCount, rowByteCount: source.rowByteCount) }

    /// What casts the rows by a codec.
    func caster(_ codec: TensorCodec) -> RowCaster {
        RowCaster(part: part, codec: codec, importance: importance, costs: costs)
    }

    /// Writes the tensor.
    ///
    /// - Parameter progress: Called after every piece with the number of bytes that were read, from any thread; false ends
    ///   the writing.
    /// - Returns: What was written, or nil if `progress` ended it, or if the earlier file's rows are not what would be cast, see
    ///   ``differsFromEarlier``.
    /// - Throws: ``ConversionError``.
    func write(_ progress: @Sendable (Int) -> Bool) throws(ConversionError) -> PartResult? {
        let codec = try codec()
        if let scaleOffset = part.scaleOffset, let scale = try scale(by: codec) {
            try file.write(Self.bytes(ofScale: scale), at: scaleOffset)
        }
        let caster = codec.map(caster)
        let earlier = earlier
        return try pieces.together({ progress($0) && !(earlier?.differ ?? false) }) {
            piece throws(ConversionError) in
            guard !part.isCopied else { return try copy(piece) }
            guard let caster else { throw .noCodec(tensor: part.tensor.name, format: part.format.name) }
            return try cast(piece, caster)
        }
    }

    /// Writes the model's own bytes of a piece.
    private func copy(_ piece: Range<Int>) throws(ConversionError) -> PartResult {
        let bytes = try source.bytes(piece)
        try source.checkFinite(bytes, piece)
        return try store(bytes, piece)
    }

    /// Casts a piece, or takes it over, and writes and measures it.
    private func cast(_ piece: Range<Int>, _ caster: RowCaster) throws(ConversionError) -> PartResult {
        let (rowByteCount, sourceRowByteCount) = (rowByteCount, source.rowByteCount)
        var bytes: [UInt8] = []
        if let earlier { bytes = try earlier.bytes(piece) }
        bytes.reserveCapacity(piece.count * rowByteCount)
        var origin = PieceDigest()
        var sums = CastSums()
        for run in runs(of: piece) {
            let read = try source.bytes(run)
            let isLast = run.upperBound == piece.upperBound
            origin.update(run: read, endingAt: isLast ? piece.count * sourceRowByteCount : nil)
            let values = try source.values(read, run)
            for row in run where earlier == nil {
                bytes += try caster.encode(values.span.extracting(elements(ofRow: row, in: run)), row: row)
            }
            let start = (run.lowerBound - piece.lowerBound) * rowByteCount
            let own = bytes.span.extracting(start..<start + run.count * rowByteCount)
            try measure(own, against: values, run, caster, &sums)
        }
        // What was decoded is what the file holds: these bytes are compared with it.
        var result = try store(bytes, piece)
        result.source = origin
        result.sums = sums
        return result
    }

    /// The rows of a piece that are cast together; all but the last take a whole number of eight bytes in the model.
    private func runs(of piece: Range<Int>) -> [Range<Int>] {
        let rowByteCount = source.rowByteCount
        var rows = max(1, Self.runByteCount / max(1, rowByteCount))
        if !rowByteCount.isMultiple(of: 8) { rows = (rows + 7) / 8 * 8 }
        return stride(from: piece.lowerBound, to: piece.upperBound, by: rows).map {
            $0..<min(piece.upperBound, $0 + rows)
        }
    }

    /// Where the elements of a row stand among those of some rows.
    private func elements(ofRow row: Int, in rows: Range<Int>) -> Range<Int> {
        let start = (row - rows.lowerBound) * part.rowLength
        return start..<start + part.rowLength
    }

    /// Decodes what is written of rows, adds how far it is from the weights, and casts again what the earlier file has with a larger
    /// error than the sample of it leads to expect.
    func measure(
        _ bytes: Span<UInt8>,
        against values: [Float],
        _ rows: Range<Int>,
        _ caster: RowCaster,
        _ sums: inout CastSums
    ) throws(ConversionError) {
        let rowByteCount = rowByteCount
        for row in rows {
            let start = (row - rows.lowerBound) * rowByteCount
            let written = bytes.extracting(start..<start + rowByteCount)
            let weights = values.span.extracting(elements(ofRow: row, in: rows))
            let own = try caster.sums(of: written, against: weights, row: row)
            if let earlier, earlier.isDoubtful(own),
                try !Self.isSame(caster.encode(weights, row: row), written)
            {
                earlier.noteDifference()
            }
            sums.add(own)
        }
    }

    private static func isSame(_ bytes: [UInt8], _ others: Span<UInt8>) -> Bool {
        bytes.count == others.count && bytes.indices.allSatisfy { bytes[$0] == others[$0] }
    }

    /// Writes the bytes of rows to their places, and reads them again.
    private func store(_ bytes: [UInt8], _ piece: Range<Int>) throws(ConversionError) -> PartResult {
        var result = PartResult()
        var start = 0
        for place in part.places {
            let own = part.places.count == 1 ? bytes : column(of: bytes, at: start, place.rowByteCount)
            start += place.rowByteCount
            let offset = place.offset + piece.lowerBound * place.rowByteCount
            try file.write(own, at: offset)
            guard try file.holds(own, at: offset) else {
                throw .damaged(tensor: part.tensor.name, path: file.path)
            }
            result.digest.update(own)
        }
        return result
    }

    /// The same part of every row.
    private func column(of bytes: [UInt8], at start: Int, _ count: Int) -> [UInt8] {
        let rowByteCount = rowByteCount
        var column: [UInt8] = []
        column.reserveCapacity(bytes.count / rowByteCount * count)
        for row in stride(from: start, to: bytes.count, by: rowByteCount) {
            column += bytes[row..<row + count]
        }
        return column
    }
}
