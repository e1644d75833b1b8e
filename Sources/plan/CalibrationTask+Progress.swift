import Calibration
import Foundation
import Reports
import Tensors
import Text

extension CalibrationTask {
    /// Measures what is not in the file of losses yet, and says what happens.
    ///
    /// - Parameters:
    ///   - output: The file of losses.
    ///   - scratchFolder: The folder for the copy of the model.
    ///   - resuming: Whether to go on with a file that is there.
    ///   - time: The time to spend, or nil for as much as it takes.
    /// - Returns: What was measured.
    /// - Throws: `CalibrationError`.
    func measure(
        into output: String,
        scratchFolder: String,
        resuming: Bool,
        time: TimeSpan?
    ) throws -> CalibrationRun.Result {
        let deadline = time.map { ContinuousClock.now + .seconds($0.seconds) }
        let recorder = try LossRecorder(path: output, header: header, resuming: resuming)
        if resuming {
            let torn = recorder.wasTorn ? ", the last line of which was cut off and is measured again" : ""
            Console.note(
                "\(output) has \(recorder.known.count == 1 ? "1 loss" : "\(recorder.known.count) losses")\(torn)"
            )
        }
        var progress = CalibrateProgress(count: cells.count)
        defer { StatusLine.clear() }
        return try measure(
            into: recorder,
            scratchFolder: scratchFolder,
            deadline: deadline,
            report: { event in
                if case .begins(let layer, let format, let left) = event {
                    return progress.show(layer, format, left: left)
                }
                guard let note = event.note else { return }
                StatusLine.clear()
                Console.note(note)
            },
            shouldStop: { Interruption.isRequested }
        )
    }
}

extension CalibrationTask.Event {
    /// What is said of it; nil for nothing.
    fileprivate var note: String? {
        switch self {
        case .begins:
            return nil
        case .chunksChosen(let count, let context, let possible, let left):
            let enough =
                possible >= left ? "" : ", which will be enough for about \(possible) of \(left) losses"
            return "\(count) chunks of \(context) tokens in the time that is given\(enough)"
        case .baseline(let baseline):
            guard let error = baseline.standardError, baseline.isErrorOfOneValue(error) else { return nil }
            return """
                the command says \(Figures.impact(baseline.loss)) ± \(Figures.impact(error)) of the model as it is: that is the error of one \
                model's value, not of the difference between two, and is left out; losses then count as exact, unless --loss finds the \
                difference's own error
                """
        case .unchanged(let count):
            return """
                the first \(count) losses are all 0: the command prints the same for every model; does it read the path that stands for {}?
                """
        }
    }
}
