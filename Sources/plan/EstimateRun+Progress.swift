import Estimation
import Foundation
import Planning
import Reports
import Tensors
import Text

extension EstimateRun {
    /// Measures what is not in the file of errors yet, and shows how far it is.
    ///
    /// - Parameters:
    ///   - errors: The file of errors.
    ///   - resuming: Whether to go on with a file that is there.
    ///   - replacing: Whether to begin a file anew that is there and not gone on with.
    /// - Returns: The errors of all tensors, by their names.
    /// - Throws: ``Failure`` where it is interrupted, and `EstimationError`.
    func measure(
        into errors: String,
        resuming: Bool,
        replacing: Bool = false
    ) throws -> [String: TensorEstimate] {
        let recorder = try recorder(path: errors, resuming: resuming, replacing: replacing)
        if resuming {
            let torn = recorder.wasTorn ? ", the last line of which was cut off and is measured again" : ""
            Console.note("\(errors) has \(recorder.known.count.of("tensor"))\(torn)")
        }
        let remainder = remainder(after: recorder)
        sayHowLong(remainder)
        let progress = TensorProgress(
            tensorCount: remainder.tensorCount,
            byteCount: remainder.byteCount,
            share: header.rowShare
        )
        let result = try Interruption.watch {
            let result = try measure(
                into: recorder,
                progress: { progress.add(bytes: $0) },
                measured: { _ in progress.finishTensor() },
                shouldStop: { Interruption.isRequested }
            )
            // Of a part there is no table.
            if result.isFinished, header.part != nil { Interruption.answered() }
            return result
        }
        guard result.isFinished else {
            throw Failure(
                code: Failure.interrupted,
                message: """
                    interrupted with \(result.estimates.count) of \(tensorCount) tensors measured, which are in \(errors.quoted); go on \
                    with --resume
                    """
            )
        }
        StatusLine.clear()
        try matrixGaps(result.estimates)?.note()
        return result.estimates
    }

    /// Says what measuring takes, where that is more than a moment, and what a share of the rows would take.
    private func sayHowLong(_ remainder: Remainder) {
        // So few are measured before one has read it.
        guard remainder.weightCount * formats.count > 100_000_000 else { return }
        let coreCount = ProcessInfo.processInfo.activeProcessorCount
        let share = header.rowShare
        let seconds = MeasuringTime(formats, hasImportance: header.importance != nil)
            .seconds(weightCount: Double(remainder.weightCount), coreCount: coreCount)
        guard seconds * share >= 10 else { return }
        let few = 0.05
        let remedy = share > 2 * few ? "; about \(TimeSpan.roughly(seconds * few)) with --rows 5%" : ""
        Console.note(
            """
            measuring \(ByteSize(remainder.byteCount).decimal) in \(formats.count.of("format")) takes about \(TimeSpan.roughly(seconds * share)) on \
            \(coreCount) cores\(remedy)
            """
        )
    }
}
