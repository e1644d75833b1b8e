/// The moment at which a search has to end: a deadline, a cancelled task, or a caller who asks for it.
package struct StopClock: Sendable {
    private let deadline: ContinuousClock.Instant
    private let isStopRequested: @Sendable () -> Bool

    package init(timeLimit: Duration, shouldStop: @escaping @Sendable () -> Bool) {
        deadline = .now.advanced(by: timeLimit)
        isStopRequested = shouldStop
    }

    var remaining: Duration {
        max(.zero, ContinuousClock.now.duration(to: deadline))
    }

    /// A clock that leaves a part of the time that remains to whoever comes next.
    func share(of parts: Int) -> StopClock {
        StopClock(timeLimit: remaining / parts, shouldStop: isStopRequested)
    }

    /// Whether someone, rather than the clock, asks for an end.
    var isStopped: Bool {
        isStopRequested() || Task.isCancelled
    }

    /// Whether the time is up.
    var isLate: Bool {
        ContinuousClock.now >= deadline
    }

    package func shouldStop() -> Bool {
        isStopped || isLate
    }
}
