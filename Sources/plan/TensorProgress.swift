import Foundation
import Reports
import Synchronization
import Tensors

/// The progress of a pass over a model's weights on standard error: a line that is written over on a terminal, a line a minute elsewhere.
final class TensorProgress: Sendable {
    private struct State {
        var bytes = 0
        var tensors = 0
        var lastShown: ContinuousClock.Instant
    }

    private let tensorCount: Int
    private let byteCount: Double
    private let start = ContinuousClock.now
    private let state: Mutex<State>

    /// Creates the progress of so many tensors, of whose bytes a share is read.
    init(tensorCount: Int, byteCount: Int, share: Double) {
        self.tensorCount = tensorCount
        self.byteCount = max(1, Double(byteCount) * share)
        state = Mutex(State(lastShown: start))
    }

    /// Counts bytes that were read; from any thread.
    func add(bytes: Int) {
        state.withLock { state in
            state.bytes += bytes
            let now = ContinuousClock.now
            let pause: Duration = StatusLine.isPossible ? .milliseconds(200) : .seconds(60)
            guard now - state.lastShown >= pause else { return }
            state.lastShown = now
            show(state, elapsed: start.duration(to: now))
        }
    }

    /// Counts a tensor that is finished.
    func finishTensor() {
        state.withLock { $0.tensors += 1 }
    }

    private func show(_ state: State, elapsed: Duration) {
        let seconds = max(0.001, elapsed / .seconds(1))
        let rate = Double(state.bytes) / seconds
        let share = min(1, Double(state.bytes) / byteCount)
        let left = rate > 0 ? byteCount * (1 - share) / rate : 0
        let line = """
            tensor \(min(state.tensors + 1, tensorCount)) of \(tensorCount), \
            \(ByteSize(Int(byteCount * share)).decimal) of \(ByteSize(Int(byteCount)).decimal), \
            \(String(format: rate < 1e7 ? "%.1f" : "%.0f", rate / 1e6)) MB/s, \(TimeSpan.roughly(left)) left
            """
        if StatusLine.isPossible { StatusLine.show(line) } else { Console.note(line) }
    }
}
