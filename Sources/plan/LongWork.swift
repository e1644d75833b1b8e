import BitAllocation
import Dispatch
import Synchronization

/// A search that may take more than a moment: Ctrl-C ends it with what it has, and a terminal shows what it is at.
enum LongWork {
    /// How long nothing is shown.
    private static let silence = Duration.seconds(1)

    /// What is shown.
    private struct State {
        var part: (done: Int, count: Int)?
        var isOver = false
    }

    /// Runs a search.
    ///
    /// - Parameters:
    ///   - name: What is searched for, such as `the best plans`.
    ///   - allocator: What searches; the body gets it with its progress shown.
    ///   - body: The search.
    /// - Returns: What the body returns.
    static func run<Result>(
        _ name: String,
        with allocator: Allocator,
        _ body: (Allocator) throws -> Result
    ) rethrows -> Result {
        try Interruption.watch {
            // What is no terminal gets no line.
            guard StatusLine.isPossible else { return try body(allocator) }
            let line = Line(name)
            // A queue of its own, as those of the system may all be at work.
            let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "progress"))
            timer.schedule(deadline: .now() + 1, repeating: 0.25)
            timer.setEventHandler { line.show() }
            timer.resume()
            defer {
                timer.cancel()
                line.end()
            }
            var watched = allocator
            watched.progress = { line.report(done: $0, count: $1) }
            return try body(watched)
        }
    }

    /// The line of one search, which a timer writes.
    private final class Line: Sendable {
        private let name: String
        private let start = ContinuousClock.now
        private let state = Mutex(State())

        init(_ name: String) {
            self.name = name
        }

        func report(done: Int, count: Int) {
            state.withLock { state in
                // Threads may report out of order.
                guard count != state.part?.count || done > state.part?.done ?? 0 else { return }
                state.part = (done, count)
            }
        }

        func end() {
            state.withLock {
                $0.isOver = true
                StatusLine.clear()
            }
        }

        func show() {
            state.withLock { state in
                let elapsed = start.duration(to: .now)
                guard !state.isOver, elapsed >= LongWork.silence else { return }
                let part = state.part.map { ": \($0.done) of \($0.count)" } ?? ""
                StatusLine.show("searching for \(name)\(part), \(Int(elapsed / .seconds(1))) s")
            }
        }
    }
}
