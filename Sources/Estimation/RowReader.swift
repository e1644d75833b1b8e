import Checkpoints
import Quantization

/// Reads the rows of one tensor.
struct RowReader: Sendable {
    /// The tensor.
    let work: TensorWork
    private let weights: WeightData

    init(_ weights: WeightData, of work: TensorWork) {
        self.weights = weights
        self.work = work
    }

    /// Calls a body with every row of a piece and its weights; rows that stand one after another are read at once.
    func forEachRow(
        in piece: ArraySlice<Int>,
        _ body: (_ row: Int, _ values: Span<Float>) throws(EstimationError) -> Void
    ) throws(EstimationError) {
        var values = [Float](repeating: 0, count: work.rowLength)
        for run in RowSample.runs(in: piece) {
            let bytes = try bytes(of: run)
            for row in run {
                decode(row, of: run, bytes, into: &values)
                try body(row, values.span)
            }
        }
    }

    /// The bytes of rows that stand one after another.
    private func bytes(of run: Range<Int>) throws(EstimationError) -> [UInt8] {
        try EstimationError.wrapping { () throws(CheckpointError) in
            try weights.bytes(
                run.lowerBound * work.rowBytes..<run.upperBound * work.rowBytes,
                ofTensor: work.index
            )
        }
    }

    /// Reads one of several rows.
    private func decode(_ row: Int, of run: Range<Int>, _ bytes: [UInt8], into values: inout [Float]) {
        let start = (row - run.lowerBound) * work.rowBytes
        var span = values.mutableSpan
        SourceElements.decode(
            bytes.span.bytes.extracting(start..<start + work.rowBytes),
            as: work.type,
            into: &span
        )
    }
}
