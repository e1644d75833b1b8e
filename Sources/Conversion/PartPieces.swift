import Dispatch
import Synchronization

/// A tensor's rows in pieces, which are worked on side by side on all cores; how many cores there are does not change a byte.
struct PartPieces {
    /// How much of the model one thread takes at a time.
    private static let byteCount = 1 << 19

    private let ranges: [Range<Int>]
    /// The bytes of a row in the model.
    private let rowByteCount: Int

    /// Divides a tensor.
    ///
    /// - Parameters:
    ///   - rowCount: The number of its rows.
    ///   - rowByteCount: The bytes of a row in the model.
    init(rowCount: Int, rowByteCount: Int) {
        let rows = max(1, Self.byteCount / max(1, rowByteCount))
        ranges = stride(from: 0, to: rowCount, by: rows).map { $0..<min(rowCount, $0 + rows) }
        self.rowByteCount = rowByteCount
    }

    private struct State {
        var results: [PartResult?]
        var error: ConversionError?
        var isStopped = false
    }

    /// Does something with all pieces side by side, and puts the results together in their order.
    ///
    /// - Parameters:
    ///   - progress: Called after every piece with the number of its bytes in the model, from any thread; false ends the work.
    ///   - body: What is done with the rows of a piece.
    /// - Returns: The result, or nil if `progress` ended the work.
    /// - Throws: The first error of `body`.
    func together(
        _ progress: @Sendable (Int) -> Bool = { _ in true },
        _ body: @Sendable (Range<Int>) throws(ConversionError) -> PartResult
    ) throws(ConversionError) -> PartResult? {
        let ranges = ranges
        let state = Mutex(State(results: Array(repeating: nil, count: ranges.count)))
        DispatchQueue.concurrentPerform(iterations: ranges.count) { index in
            guard state.withLock({ $0.error == nil && !$0.isStopped }) else { return }
            do throws(ConversionError) {
                let result = try body(ranges[index])
                state.withLock { $0.results[index] = result }
                if !progress(ranges[index].count * rowByteCount) {
                    state.withLock { $0.isStopped = true }
                }
            } catch {
                state.withLock { $0.error = $0.error ?? error }
            }
        }
        let ended = state.withLock { $0 }
        if let error = ended.error { throw error }
        var whole = PartResult()
        for result in ended.results {
            // A piece is missing only after a stop; one that came after the last piece changes nothing.
            guard let result else { return nil }
            whole.append(result)
        }
        return whole
    }
}
