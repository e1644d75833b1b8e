import IntegerProgramming

/// The moment at which a search has to end: a deadline, a cancelled task, or a caller who asks for it.
///
/// The time of a process that was paused, or that waited for a processor, does not count as spent: a deadline passes once a part of
/// the time was worked as well.
package struct StopClock: Sendable {
    /// The part of the time that has to be worked; the rest may be waiting for processors that others use.
    private static let leastShare = 4

    private let deadline: ContinuousClock.Instant
    private let worked: Duration
    private let isStopRequested: @Sendable () -> Bool

    package init(timeLimit: Duration, shouldStop: @escaping @Sendable () -> Bool) {
        deadline = .now.advanced(by: timeLimit)
        worked = ProcessorTime.ofProcess + timeLimit / Self.leastShare
        isStopRequested = shouldStop
    }

    package var remaining: Duration {
        max(.zero, ContinuousClock.now.duration(to: deadline))
    }

    /// A clock that leaves a part of the time that remains to whoever comes next.
    package func share(of parts: Int) -> StopClock {
        StopClock(timeLimit: remaining / parts, shouldStop: isStopRequested)
    }

    /// Whether someone, rather than the clock, asks for an end.
    var isStopped: Bool {
        isStopRequested() || Task.isCancelled
    }

    /// Whether the time is up.
    var isLate: Bool {
        ContinuousClock.now >= deadline && ProcessorTime.ofProcess >= worked
    }

    package func shouldStop() -> Bool {
        isStopped || isLate
    }
}
