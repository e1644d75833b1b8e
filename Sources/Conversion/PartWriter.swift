import Checkpoints
import Dispatch
import Quantization
import Synchronization
import Tensors

/// Casts one tensor into its place in the file, and reads again what stands there.
///
/// Pieces of it are cast side by side on all cores; how many there are does not change a byte. Of each piece no more is in
/// memory than its rows as they are in the file, and a few of them at a time as they are in the model and as floats.
struct PartWriter {
    let part: ModelDraft.Part
    let weights: WeightData
    /// The importance of a row's elements, for each expert in turn, or nil.
    let importance: [Float]?
    /// What errors cost at the end of the model, or nil where that is not known.
    let costs: LossWeights?
    let file: any WorkPlace
    /// Where an earlier file has the tensor as it is wanted, or nil where it is cast.
    private var earlier: EarlierRows?

    init(
        part: ModelDraft.Part,
        weights: WeightData,
        importance: [Float]?,
        costs: LossWeights?,
        file: any WorkPlace
    ) {
        self.part = part
        self.weights = weights
        self.importance = importance
        self.costs = costs
        self.file = file
    }

    /// How much of the model one thread takes at a time.
    private static let pieceByteCount = 1 << 19

    /// How much of a piece is read, cast and decoded before the next, so that it stays in a core's cache.
    private static let runByteCount = 1 << 15

    /// What a finished tensor has.
    struct Result {
        /// Of the bytes in the file.
        var digest = PieceDigest()
        /// Of the model's bytes that they were made of.
        var source = PieceDigest()
        var sums = CastSums()
    }

    private var rowCount: Int { part.rowCount }

    private var sourceType: QuantizationFormat { part.sourceType ?? .f32 }

    private var sourceRowBytes: Int {
        part.rowLength / sourceType.blockElements * sourceType.blockBytes
    }

    private var rowBytes: Int {
        part.rowLength / part.format.blockElements * part.format.blockBytes
    }

    /// Rows that are done together.
    private var pieces: [Range<Int>] {
        let rows = max(1, Self.pieceByteCount / max(1, sourceRowBytes))
        return stride(from: 0, to: rowCount, by: rows).map { $0..<min(rowCount, $0 + rows) }
    }

    /// Writes the tensor.
    ///
    /// - Parameter progress: Called after every piece with the number of bytes that were read, from any thread; false ends
    ///   the writing.
    /// - Returns: What was written, or nil if `progress` ended it, or if the earlier file's rows are not what would be cast, see
    ///   ``differsFromEarlier``.
    /// - Throws: ``ConversionError``.
    func write(_ progress: @Sendable (Int) -> Bool) throws(ConversionError) -> Result? {
        let codec = try codec()
        if let scaleOffset = part.scaleOffset, let scale = try scale(by: codec) {
            try file.write(Self.bytes(ofScale: scale), at: scaleOffset)
        }
        let earlier = earlier
        return try together({ progress($0) && !(earlier?.differ ?? false) }) {
            piece throws(ConversionError) in
            try write(piece, codec)
        }
    }

    // MARK: An earlier file

    /// Whether rows of the earlier file are not what would be cast; the tensor is then to be cast, see ``castAnew()``.
    var differsFromEarlier: Bool { earlier?.differ ?? false }

    /// Takes nothing over any more.
    mutating func castAnew() { earlier = nil }

    /// Takes the tensor's rows from an earlier file, whatever they are.
    mutating func takeOver(from file: EarlierFile, position: Int) {
        earlier = EarlierRows(file.weights, position: position, rowByteCount: rowBytes)
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
        guard let codec = TensorCodec(part.format, source: sourceType, peak: 0) else { return false }
        let found = EarlierRows(file.weights, position: position, rowByteCount: rowBytes)
        let rowsPerExpert = max(1, rowCount / max(1, expertCount))
        let result = try together({ _ in !found.differ }) { [self] piece throws(ConversionError) in
            var result = Result()
            for row in piece where row == piece.lowerBound || row % rowsPerExpert == 0 {
                let own = row..<row + 1
                let values = try values(try source(own), own)
                let bytes = try encode(values.span, row: row, codec)
                if try bytes != found.bytes(own) { found.noteDifference() }
                try measure(bytes.span, against: values, own, codec, &result.sums)
            }
            return result
        }
        guard let result, !found.differ else { return false }
        earlier = EarlierRows(
            file.weights,
            position: position,
            rowByteCount: rowBytes,
            expected: result.sums
        )
        return true
    }

    /// The experts that a tensor has an importance for each of, or that are stacked in it.
    private var expertCount: Int {
        part.tensor.dimensionCount == 3 && part.rowLength == part.tensor.rowLength
            ? part.tensor.shape.first ?? 1 : 1
    }

    /// A fingerprint of what the tensor was cast from: all of its weights, and the importance that the encoder was given.
    func origin(_ result: Result) -> String {
        var digest = result.source
        if let importance {
            for value in importance { digest.update(UInt64(value.bitPattern)) }
        }
        digest.update(UInt64(importance?.count ?? 0))
        return digest.text
    }

    /// Whether what was written of the tensor was made of the weights that the model has now, all of which are read.
    ///
    /// - Parameter entry: What was said of it then; it has to say what the tensor was cast from.
    /// - Returns: Whether it was.
    /// - Throws: ``ConversionError``.
    func isMade(_ entry: Journal.Entry) throws(ConversionError) -> Bool {
        let result = try together({ _ in true }) { piece throws(ConversionError) in
            var result = Result()
            result.source.update(try source(piece))
            return result
        }
        guard let result else { return false }
        return part.isCopied ? entry.digest == result.source.text : entry.origin == origin(result)
    }

    /// The fingerprint of what stands in the file for the tensor.
    ///
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)``.
    func writtenDigest() throws(ConversionError) -> PieceDigest {
        let result = try together({ _ in true }) { piece throws(ConversionError) in
            var result = Result()
            for place in part.places {
                result.digest.update(
                    try file.read(
                        piece.count * place.rowByteCount,
                        at: place.offset + piece.lowerBound * place.rowByteCount
                    )
                )
            }
            return result
        }
        return result?.digest ?? PieceDigest()
    }

    /// Whether the scale that stands in the file is that of the weights; true where there is none.
    ///
    /// - Throws: ``ConversionError``.
    func holdsScale() throws(ConversionError) -> Bool {
        guard let scaleOffset = part.scaleOffset, let scale = try scale(by: codec()) else { return true }
        return try file.holds(Self.bytes(ofScale: scale), at: scaleOffset)
    }

    private static func bytes(ofScale scale: Float) -> [UInt8] {
        withUnsafeBytes(of: scale.bitPattern.littleEndian) { Array($0) }
    }

    // MARK: Pieces

    private struct State {
        var results: [Result?]
        var error: ConversionError?
        var isStopped = false
    }

    /// Does something with all pieces side by side, and puts the results together in their order.
    private func together(
        _ progress: @Sendable (Int) -> Bool,
        _ body: @Sendable (Range<Int>) throws(ConversionError) -> Result
    ) throws(ConversionError) -> Result? {
        let pieces = pieces
        let sourceRowBytes = sourceRowBytes
        let state = Mutex(State(results: Array(repeating: nil, count: pieces.count)))
        DispatchQueue.concurrentPerform(iterations: pieces.count) { index in
            guard state.withLock({ $0.error == nil && !$0.isStopped }) else { return }
            do throws(ConversionError) {
                let result = try body(pieces[index])
                state.withLock { $0.results[index] = result }
                if !progress(pieces[index].count * sourceRowBytes) {
                    state.withLock { $0.isStopped = true }
                }
            } catch {
                state.withLock { $0.error = $0.error ?? error }
            }
        }
        let ended = state.withLock { $0 }
        if let error = ended.error { throw error }
        var whole = Result()
        for result in ended.results {
            // A piece is missing only after a stop; one that came after the last piece changes nothing.
            guard let result else { return nil }
            whole.digest.update(result.digest.value)
            whole.source.update(result.source.value)
            whole.sums.add(result.sums)
        }
        return whole
    }

    private func source(_ piece: Range<Int>) throws(ConversionError) -> [UInt8] {
        let range = piece.lowerBound * sourceRowBytes..<piece.upperBound * sourceRowBytes
        return try ConversionError.wrapping { () throws(CheckpointError) in
            try part.isStored
                ? weights.storedBytes(range, ofTensor: part.source)
                : weights.bytes(range, ofTensor: part.source)
        }
    }

    private func write(_ piece: Range<Int>, _ codec: TensorCodec?) throws(ConversionError) -> Result {
        if part.isCopied {
            let source = try source(piece)
            try checkCopied(source, piece)
            return try store(source, piece)
        }
        guard let codec else {
            throw .noCodec(tensor: part.tensor.name, format: part.format.name)
        }
        var bytes: [UInt8] = []
        if let earlier { bytes = try earlier.bytes(piece) }
        bytes.reserveCapacity(piece.count * rowBytes)
        var origin = PieceDigest()
        var sums = CastSums()
        for run in runs(of: piece) {
            let source = try source(run)
            let isLast = run.upperBound == piece.upperBound
            origin.update(run: source, endingAt: isLast ? piece.count * sourceRowBytes : nil)
            let values = try values(source, run)
            for row in run where earlier == nil {
                bytes += try encode(values.span.extracting(range(ofRow: row, in: run)), row: row, codec)
            }
            let start = (run.lowerBound - piece.lowerBound) * rowBytes
            let own = bytes.span.extracting(start..<start + run.count * rowBytes)
            try measure(own, against: values, run, codec, &sums)
        }
        // What was decoded is what the file holds: these bytes are compared with it.
        var result = try store(bytes, piece)
        result.source = origin
        result.sums = sums
        return result
    }

    /// The rows of a piece that are cast together; all but the last take a whole number of eight bytes in the model.
    private func runs(of piece: Range<Int>) -> [Range<Int>] {
        var rows = max(1, Self.runByteCount / max(1, sourceRowBytes))
        if !sourceRowBytes.isMultiple(of: 8) { rows = (rows + 7) / 8 * 8 }
        return stride(from: piece.lowerBound, to: piece.upperBound, by: rows).map {
            $0..<min(piece.upperBound, $0 + rows)
        }
    }

    /// Looks for what is no number in weights that are copied.
    private func checkCopied(_ source: [UInt8], _ piece: Range<Int>) throws(ConversionError) {
        var found = FloatScan.firstNonFinite(in: source, as: sourceType)
        if sourceType.blockElements > 1, let decoder = RowCodec(sourceType) {
            let values = try decoded(source, by: decoder, piece)
            found = values.firstIndex { !$0.isFinite }.map { ($0, Double(values[$0])) }
        }
        guard let found else { return }
        throw .weight(
            tensor: part.tensor.name,
            row: piece.lowerBound + found.index / part.rowLength,
            column: found.index % part.rowLength,
            value: "\(found.value)"
        )
    }

    /// Writes the bytes of rows to their places, and reads them again.
    private func store(_ bytes: [UInt8], _ piece: Range<Int>) throws(ConversionError) -> Result {
        var result = Result()
        var start = 0
        for place in part.places {
            let own =
                part.places.count == 1
                ? bytes : Self.column(of: bytes, at: start, place.rowByteCount, rowBytes: rowBytes)
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
    private static func column(of bytes: [UInt8], at start: Int, _ count: Int, rowBytes: Int) -> [UInt8] {
        var column: [UInt8] = []
        column.reserveCapacity(bytes.count / rowBytes * count)
        for row in stride(from: start, to: bytes.count, by: rowBytes) { column += bytes[row..<row + count] }
        return column
    }

    private func range(ofRow row: Int, in piece: Range<Int>) -> Range<Int> {
        let start = (row - piece.lowerBound) * part.rowLength
        return start..<start + part.rowLength
    }

    /// The weights of a piece as floats.
    private func values(_ source: [UInt8], _ piece: Range<Int>) throws(ConversionError) -> [Float] {
        guard SourceElements.formats.contains(sourceType) else {
            if let decoder = RowCodec(sourceType) { return try decoded(source, by: decoder, piece) }
            throw .unreadableType(
                tensor: part.tensor.name,
                type: sourceType.name,
                format: part.format.name
            )
        }
        return SourceElements.values(source.span, as: sourceType, count: piece.count * part.rowLength)
    }

    /// The weights of rows that are quantized.
    private func decoded(
        _ source: [UInt8],
        by decoder: RowCodec,
        _ piece: Range<Int>
    ) throws(ConversionError) -> [Float] {
        var values: [Float] = []
        values.reserveCapacity(piece.count * part.rowLength)
        for row in piece {
            let start = (row - piece.lowerBound) * sourceRowBytes
            do throws(QuantizationError) {
                values += try decoder.decode(
                    source.span.extracting(start..<start + sourceRowBytes),
                    count: part.rowLength
                )
            } catch {
                throw .row(tensor: part.tensor.name, row: row, problem: "\(error)")
            }
        }
        return values
    }

    /// Where the importance of a row's elements stands: that of its expert.
    private func importanceRange(ofRow row: Int) -> Range<Int>? {
        guard let importance else { return nil }
        let expertCount = max(1, importance.count / part.rowLength)
        let expert = row / max(1, rowCount / expertCount)
        return expert * part.rowLength..<(expert + 1) * part.rowLength
    }

    private func encode(
        _ row: Span<Float>,
        row number: Int,
        _ codec: TensorCodec
    ) throws(ConversionError) -> [UInt8] {
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

    /// Decodes what is written, and adds how far it is from the weights.
    private func measure(
        _ bytes: Span<UInt8>,
        against values: [Float],
        _ piece: Range<Int>,
        _ codec: TensorCodec,
        _ sums: inout CastSums
    ) throws(ConversionError) {
        for row in piece {
            let start = (row - piece.lowerBound) * rowBytes
            let cast: [Float]
            do throws(QuantizationError) {
                cast = try codec.decode(
                    bytes.extracting(start..<start + rowBytes),
                    count: part.rowLength
                )
            } catch {
                throw .row(tensor: part.tensor.name, row: row, problem: "\(error)")
            }
            var own = CastSums()
            let span = values.span.extracting(range(ofRow: row, in: piece))
            if let importance, let range = importanceRange(ofRow: row) {
                own.add(span, cast, importance: importance.span.extracting(range))
            } else {
                own.add(span, cast, importance: nil)
            }
            if let costs { own.loss = costs.loss(of: span, cast, from: row * part.rowLength) }
            guard own.error.isFinite else {
                throw .overflow(tensor: part.tensor.name, row: row, format: part.format.name)
            }
            if let earlier, earlier.isDoubtful(own),
                try !Self.isSame(encode(span, row: row, codec), bytes.extracting(start..<start + rowBytes))
            {
                earlier.noteDifference()
            }
            sums.add(own)
        }
    }

    private static func isSame(_ bytes: [UInt8], _ others: Span<UInt8>) -> Bool {
        bytes.count == others.count && bytes.indices.allSatisfy { bytes[$0] == others[$0] }
    }

    // MARK: Scales

    /// What the weights in the file are multiplied by: the scale of the model's own floats where these are written, else the codec's.
    ///
    /// - Throws: ``ConversionError`` for a scale of the model's by which no weight is a number.
    private func scale(by codec: TensorCodec?) throws(ConversionError) -> Float? {
        guard part.isStored else { return codec?.scale }
        let scale = weights.storedScale(ofTensor: part.source)
        if let scale, !scale.isFinite {
            throw .weight(tensor: part.tensor.name, row: 0, column: 0, value: "\(scale)")
        }
        return scale
    }

    /// What casts the rows, by a scale for the largest of the weights where the file has one; nil for a format without a codec, and where
    /// nothing is cast.
    private func codec() throws(ConversionError) -> TensorCodec? {
        if part.isStored { return nil }
        guard part.scaleOffset != nil, let format = part.format.scaledFormat else {
            return TensorCodec(part.format, source: sourceType, peak: 0)
        }
        let peaks = Mutex<Float>(0)
        _ = try together({ _ in true }) { piece throws(ConversionError) in
            let values = try values(try source(piece), piece)
            var peak: Float = 0
            for (index, value) in values.enumerated() {
                guard value.isFinite else {
                    throw .weight(
                        tensor: part.tensor.name,
                        row: piece.lowerBound + index / part.rowLength,
                        column: index % part.rowLength,
                        value: "\(value)"
                    )
                }
                peak = max(peak, abs(value))
            }
            peaks.withLock { $0 = max($0, peak) }
            return Result()
        }
        return TensorCodec(format, peak: peaks.withLock { $0 })
    }
}
