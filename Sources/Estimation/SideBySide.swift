import Dispatch
import Synchronization

/// Does the parts of a task side by side on all cores.
enum SideBySide {
    /// What came of the parts.
    struct Outcome<Result: Sendable>: Sendable {
        /// One result per part; nil for one that was not begun before a stop.
        var results: [Result?]
        /// Whether it was stopped, if only after the last part.
        var isStopped = false
        fileprivate var error: EstimationError?
    }

    /// Does the parts, until one of them fails or is told not to go on; no part is begun after that.
    ///
    /// - Parameters:
    ///   - count: The number of parts.
    ///   - part: Does one part.
    ///   - goesOn: Asked after every part, with its number; false stops.
    /// - Returns: What came of them.
    /// - Throws: The error of the first part to fail.
    static func run<Result: Sendable>(
        _ count: Int,
        part: @Sendable (Int) throws(EstimationError) -> Result,
        goesOn: @Sendable (Int) -> Bool
    ) throws(EstimationError) -> Outcome<Result> {
        let outcome = Mutex(Outcome<Result>(results: Array(repeating: nil, count: count)))
        DispatchQueue.concurrentPerform(iterations: count) { index in
            guard outcome.withLock({ $0.error == nil && !$0.isStopped }) else { return }
            do throws(EstimationError) {
                let result = try part(index)
                outcome.withLock { $0.results[index] = result }
                if !goesOn(index) { outcome.withLock { $0.isStopped = true } }
            } catch {
                outcome.withLock { $0.error = $0.error ?? error }
            }
        }
        let ended = outcome.withLock { $0 }
        if let error = ended.error { throw error }
        return ended
    }
}
