import Checkpoints
import Synchronization

/// The rows of a tensor in an earlier file, as far as they are not known to be other than what would be cast.
final class EarlierRows: Sendable {
    private let weights: WeightData
    private let position: Int
    private let rowByteCount: Int
    /// The error that rows have as a share of their squared weights, where a sample of them says it.
    private let expectedShare: Double?
    private let foundDifference = Mutex(false)

    /// How many times the expected error a row may have without being cast again.
    ///
    /// Rows of one tensor differ by less as a rule, and casting one too many only takes time.
    private static let allowance = 1.25

    /// Names the rows.
    ///
    /// - Parameters:
    ///   - weights: The earlier file's data.
    ///   - position: The tensor's position in it.
    ///   - rowByteCount: The number of bytes of a row.
    ///   - expected: The sums of rows that were cast again; nil where the rows are known to be right.
    init(_ weights: WeightData, position: Int, rowByteCount: Int, expected: CastSums? = nil) {
        self.weights = weights
        self.position = position
        self.rowByteCount = rowByteCount
        expectedShare = expected.map { $0.signal > 0 ? $0.error / $0.signal : 0 }
    }

    /// Whether some row is not what would be cast.
    var differ: Bool { foundDifference.withLock(\.self) }

    /// Takes note of a row that is not.
    func noteDifference() {
        foundDifference.withLock { $0 = true }
    }

    /// Whether a row has a larger error than the sample leads to expect.
    func isDoubtful(_ row: CastSums) -> Bool {
        guard let expectedShare else { return false }
        return row.error > Self.allowance * expectedShare * row.signal
    }

    /// The bytes of rows.
    ///
    /// - Throws: ``ConversionError/checkpoint(_:)``.
    func bytes(_ rows: Range<Int>) throws(ConversionError) -> [UInt8] {
        try ConversionError.wrapping { () throws(CheckpointError) in
            try weights.bytes(
                rows.lowerBound * rowByteCount..<rows.upperBound * rowByteCount,
                ofTensor: position
            )
        }
    }
}
