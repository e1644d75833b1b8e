import Calibration
import Tensors

/// The progress of `plan calibrate` on standard error: what is measured, and the time that is left.
struct CalibrateProgress {
    /// The least time between two lines where standard error is no terminal.
    private static let pause = Duration.seconds(30)

    private let count: Int
    private var start: ContinuousClock.Instant?
    private var first = 0
    private var lastShown = ContinuousClock.now

    /// Creates the progress of so many runs.
    init(count: Int) {
        self.count = count
    }

    /// Shows what is about to be measured.
    mutating func show(_ layer: ModelLayer, _ format: QuantizationFormat, left: Int) {
        if start == nil {
            start = .now
            first = left
        }
        let now = ContinuousClock.now
        guard StatusLine.isPossible || now - lastShown >= Self.pause else { return }
        lastShown = now
        let done = first - left
        var text = "\(count - left + 1) of \(count), \(layer.name) in \(format.name)"
        if let start, done > 0 {
            let each = start.duration(to: now) / .seconds(1) / Double(done)
            text += ", \(TimeSpan.roughly((each * Double(left)).rounded(.up))) left"
        }
        if StatusLine.isPossible { StatusLine.show(text) } else { Console.note(text) }
    }
}
