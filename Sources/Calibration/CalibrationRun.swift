import Foundation
import Quantization
public import Sensitivity
public import Tensors

/// Measures what casting single layers costs the end of a model, one run of a command per layer and format.
public struct CalibrationRun {
    /// The layers.
    public let layers: [ModelLayer]
    /// What is to be measured, in order.
    public let cells: [CalibrationOrder.Cell]

    private let scratch: ScratchModel
    private let command: LossCommand
    private let positions: [String: Int]

    /// How it ended.
    public enum Ending: Hashable, Sendable {
        /// Everything is measured.
        case finished
        /// The time is up.
        case timeIsUp
        /// It was asked to stop.
        case interrupted
    }

    /// What was measured.
    public struct Result: Sendable {
        /// How it ended.
        public let ending: Ending
        /// The losses, those that were known before included, in the order in which they were measured.
        public let losses: [MeasuredLoss]
        /// The cells whose format cannot hold the layer's weights.
        public let impossible: [CalibrationOrder.Cell]

        /// Creates a result.
        public init(ending: Ending, losses: [MeasuredLoss], impossible: [CalibrationOrder.Cell]) {
            self.ending = ending
            self.losses = losses
            self.impossible = impossible
        }
    }

    /// Prepares a measurement.
    ///
    /// - Parameters:
    ///   - layers: The layers of the model.
    ///   - tensors: The tensors of the model.
    ///   - cells: What is to be measured, in order.
    ///   - scratch: The copy of the model.
    ///   - command: What measures it.
    public init(
        layers: [ModelLayer],
        tensors: [TensorInfo],
        cells: [CalibrationOrder.Cell],
        scratch: ScratchModel,
        command: LossCommand
    ) {
        self.layers = layers
        self.cells = cells
        self.scratch = scratch
        self.command = command
        positions = Dictionary(tensors.enumerated().map { ($1.name, $0) }) { first, _ in first }
    }

    /// Checks that weights of layers can be replaced.
    ///
    /// - Throws: ``CalibrationError/unreadableType(tensor:type:)``.
    public static func check(_ layers: [ModelLayer]) throws(CalibrationError) {
        for tensor in layers.flatMap(\.tensors) {
            guard let type = tensor.elementType, ScratchModel.sourceFormats.contains(type) else {
                throw .unreadableType(tensor: tensor.name, type: tensor.elementType?.name ?? "unknown")
            }
        }
    }

    /// What the command says of the model as it is.
    ///
    /// - Parameter shouldStop: Whether to end early.
    /// - Returns: The loss that it prints.
    /// - Throws: What ``LossCommand/run(on:outputPath:shouldStop:)`` throws.
    public func baseline(shouldStop: () -> Bool) throws(CalibrationError) -> CalibrationBaseline {
        try scratch.restore()
        let found = try command.run(on: scratch.path, outputPath: outputPath, shouldStop: shouldStop)
        let loss = found?.loss ?? 0
        return CalibrationBaseline(
            // A program that rounds may print a negative zero.
            loss: loss == 0 ? 0 : loss,
            standardError: command.mayPrintAbsoluteErrors ? found?.standardError : nil
        )
    }

    /// Measures what is not known yet.
    ///
    /// - Parameters:
    ///   - recorder: Takes the losses, and knows those of before.
    ///   - baseline: What the command says of the model as it is.
    ///   - deadline: When the time is up; a run that would end later is not begun once one was measured. Nil for never.
    ///   - progress: Called before every run, with what is to be measured and how many there are left with it.
    ///   - measured: Called with every loss that is measured.
    ///   - shouldStop: Whether to end early; the run at work is ended, and its loss is not known.
    /// - Returns: What was measured.
    /// - Throws: ``CalibrationError``; what was measured before it is in the file.
    public func measure(
        recorder: LossRecorder,
        baseline: CalibrationBaseline,
        deadline: ContinuousClock.Instant? = nil,
        progress: (_ layer: ModelLayer, _ format: QuantizationFormat, _ left: Int) -> Void,
        measured: (MeasuredLoss) -> Void = { _ in },
        shouldStop: () -> Bool
    ) throws(CalibrationError) -> Result {
        struct Key: Hashable {
            let layer: String
            let format: String
        }
        var losses = recorder.known
        let known = Set(losses.map { Key(layer: $0.layer, format: $0.format) })
        let remaining = cells.filter {
            !known.contains(Key(layer: layers[$0.layer].name, format: $0.format.name))
        }
        var impossible: [CalibrationOrder.Cell] = []
        var longest = Duration.zero
        for (done, cell) in remaining.enumerated() {
            if shouldStop() { return Result(ending: .interrupted, losses: losses, impossible: impossible) }
            if let deadline, done > 0, ContinuousClock.now + longest > deadline {
                return Result(ending: .timeIsUp, losses: losses, impossible: impossible)
            }
            let layer = layers[cell.layer]
            progress(layer, cell.format, remaining.count - done)
            let start = ContinuousClock.now
            guard try scratch.replace(layer.tensors.compactMap { positions[$0.name] }, with: cell.format)
            else {
                impossible.append(cell)
                continue
            }
            let found: (loss: Double, standardError: Double?)?
            do throws(CalibrationError) {
                found = try command.run(on: scratch.path, outputPath: outputPath, shouldStop: shouldStop)
            } catch .interrupted {
                // Putting the weights back takes time, and whoever goes on compares the copy with the model anyway.
                return Result(ending: .interrupted, losses: losses, impossible: impossible)
            } catch {
                try scratch.restore()
                throw error
            }
            try scratch.restore()
            if let found {
                let loss = MeasuredLoss(
                    layer: layer.name,
                    format: cell.format.name,
                    loss: Self.difference(found.loss, baseline.loss),
                    standardError: found.standardError.flatMap { baseline.isErrorOfOneValue($0) ? nil : $0 }
                )
                try recorder.append(loss)
                losses.append(loss)
                measured(loss)
            }
            longest = max(longest, ContinuousClock.now - start)
        }
        try scratch.restore()
        return Result(ending: .finished, losses: losses, impossible: impossible)
    }

    /// The difference of two printed numbers without the last bits of the subtraction: 0.98 - 1 is -0.02, and not -0.020000000000000018.
    static func difference(_ loss: Double, _ baseline: Double) -> Double {
        let largest = max(abs(loss), abs(baseline))
        guard largest > 0, largest.isFinite else { return loss - baseline }
        // Numbers are printed with fewer than 15 digits; a power of ten up to 10^22 is exact.
        let places = 14 - Int(log10(largest).rounded(.up))
        guard 0...22 ~= places else { return loss - baseline }
        let power = pow(10, Double(places))
        return ((loss - baseline) * power).rounded() / power
    }

    private var outputPath: String { scratch.outputPath }
}
