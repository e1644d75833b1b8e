import IntegerProgramming
import Synchronization

/// The moment at which a search has to end: a deadline, a cancelled task, or a caller who asks for it.
///
/// The time of a process that was paused, or that waited for a processor, does not count as spent: a deadline passes once a part of
/// the time was worked as well.
///
/// A clock that counts steps ends a search by what it did, so that the same problem has the same answer on a fast machine and a busy
/// one. Its shares are shares of the steps. Time ends it only on a machine that does not make the steps in it, and there the whole of the
/// time has to be worked, so that no other program's work changes an answer.
package struct StopClock: Sendable {
    /// The part of the time that has to be worked where no steps are counted; the rest may be waiting for processors that others use.
    private static let leastShare = 4

    /// The steps that stand for a second, which a machine of usual speed makes in less.
    ///
    /// A step is an option looked at for one resource, or as much work.
    package static let stepsPerSecond = 800_000_000

    /// What clocks that share their steps have counted.
    private final class Meter: Sendable {
        let steps = Atomic<Int>(0)
    }

    private let deadline: ContinuousClock.Instant
    private let worked: Duration
    private let isStopRequested: @Sendable () -> Bool
    private let meter: Meter?
    private let mostSteps: Int

    /// Creates a clock that ends a search by time alone.
    package init(timeLimit: Duration, shouldStop: @escaping @Sendable () -> Bool) {
        self.init(timeLimit, nil, .max, shouldStop)
    }

    /// Creates a clock that ends a search by the steps that it counts, and by time only where those take longer than they should.
    ///
    /// - Parameters:
    ///   - steps: The steps; by default as many as the time stands for, ``stepsPerSecond`` for each of its seconds.
    ///   - timeLimit: The time.
    ///   - shouldStop: Asked between steps; `true` ends the search.
    /// - Returns: The clock.
    package static func counting(
        steps: Int? = nil,
        timeLimit: Duration,
        shouldStop: @escaping @Sendable () -> Bool
    ) -> StopClock {
        let most = Double(stepsPerSecond) * (timeLimit / .seconds(1))
        return StopClock(timeLimit, Meter(), steps ?? (most < 1e18 ? Int(most) : .max), shouldStop)
    }

    private init(
        _ timeLimit: Duration,
        _ meter: Meter?,
        _ mostSteps: Int,
        _ shouldStop: @escaping @Sendable () -> Bool
    ) {
        deadline = .now.advanced(by: timeLimit)
        worked = ProcessorTime.ofProcess + timeLimit / (meter == nil ? Self.leastShare : 1)
        isStopRequested = shouldStop
        self.meter = meter
        self.mostSteps = mostSteps
    }

    /// A clock of the same deadline and the same meter that ends at another number of steps.
    private init(_ other: StopClock, mostSteps: Int) {
        deadline = other.deadline
        worked = other.worked
        isStopRequested = other.isStopRequested
        meter = other.meter
        self.mostSteps = mostSteps
    }

    package var remaining: Duration {
        max(.zero, ContinuousClock.now.duration(to: deadline))
    }

    /// A clock with one of so many parts of the time, or of the steps, that remains; the rest is left to whoever comes next.
    package func share(of parts: Int) -> StopClock { part(1, of: parts) }

    /// A clock with all but one of so many parts of the time, or of the steps, that remains.
    package func leaving(oneOf parts: Int) -> StopClock { part(parts - 1, of: parts) }

    private func part(_ count: Int, of parts: Int) -> StopClock {
        guard let meter else {
            return StopClock(timeLimit: remaining / parts * count, shouldStop: isStopRequested)
        }
        let spent = meter.steps.load(ordering: .relaxed)
        return StopClock(self, mostSteps: spent + max(0, mostSteps - spent) / parts * count)
    }

    /// Counts steps that a search has made, where it is steps that count.
    package func count(_ steps: Int) {
        meter?.steps.wrappingAdd(steps, ordering: .relaxed)
    }

    /// Whether someone, rather than the clock, asks for an end.
    var isStopped: Bool {
        isStopRequested() || Task.isCancelled
    }

    /// Whether the time is up, or the steps are made.
    var isLate: Bool {
        if let meter, meter.steps.load(ordering: .relaxed) >= mostSteps { return true }
        return ContinuousClock.now >= deadline && ProcessorTime.ofProcess >= worked
    }

    package func shouldStop() -> Bool {
        isStopped || isLate
    }
}
