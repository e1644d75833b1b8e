import BitAllocation
import Dispatch
import Synchronization

/// Work that may take more than a moment: Ctrl-C ends a search with what it has, and a terminal shows what is done.
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
        try run("searching for \(name)") { report in
            var watched = allocator
            if let report { watched.progress = report }
            return try body(watched)
        }
    }

    /// Runs work that comes to its end by itself, which Ctrl-C leaves the time for that it leaves a search.
    ///
    /// - Parameters:
    ///   - doing: What is done, such as `making the page`.
    ///   - body: The work; it gets what takes its progress, or nil where nobody looks.
    /// - Returns: What the body returns.
    static func run<Result>(
        _ doing: String,
        _ body: ((@Sendable (Int, Int) -> Void)?) throws -> Result
    ) rethrows -> Result {
        try Interruption.watch {
            // What is no terminal gets no line.
            guard StatusLine.isPossible else { return try body(nil) }
            let line = Line(doing)
            // A queue of its own, as those of the system may all be at work.
            let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "progress"))
            timer.schedule(deadline: .now() + 1, repeating: 0.25)
            timer.setEventHandler { line.show() }
            timer.resume()
            defer {
                timer.cancel()
                line.end()
            }
            return try body { line.report(done: $0, count: $1) }
        }
    }

    /// The line of one piece of work, which a timer writes.
    private final class Line: Sendable {
        private let doing: String
        private let start = ContinuousClock.now
        private let state = Mutex(State())

        init(_ doing: String) {
            self.doing = doing
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
                StatusLine.show("\(doing)\(part), \(Int(elapsed / .seconds(1))) s")
            }
        }
    }
}
