public import Checkpoints
public import Estimation
import Sensitivity
public import Tensors
import Text

/// The measuring of a model's losses, from its copy to the last loss: what is measured, in which order, by what.
///
/// ```swift
/// let task = try CalibrationTask(of: model, named: path, layers: layers, formats: [.q4_0], runtime: runtime)
/// let recorder = try LossRecorder(path: "model-losses.csv", header: task.header, resuming: false)
/// let result = try task.measure(into: recorder, scratchFolder: "model-scratch")
/// ```
public struct CalibrationTask {
    /// The model as its runtime loads it.
    public let model: Model
    /// Its layers.
    public let layers: [ModelLayer]
    /// What is to be measured, in order.
    public let cells: [CalibrationOrder.Cell]
    /// What the file of losses says of the measurement; its baseline is not measured yet.
    public let header: CalibrationHeader

    private let path: String
    let runtime: LossRuntime
    private let importance: ImportanceMatrix?

    /// What happens while losses are measured.
    public enum Event: Sendable {
        /// The text was chosen by the time: so many chunks of so many tokens, which are enough for about so many of the losses that are
        /// left.
        case chunksChosen(Int, context: Int, possible: Int, left: Int)
        /// What the command says of the model as it is, or said when the file was begun.
        case baseline(CalibrationBaseline)
        /// A layer is about to be measured in a format; with it so many are left.
        case begins(ModelLayer, QuantizationFormat, left: Int)
        /// So many losses were measured, and all of them are 0: the command seems to read another model.
        case unchanged(count: Int)
    }

    /// Opens what is needed, and checks it before anything is written.
    ///
    /// - Parameters:
    ///   - model: The model as its runtime loads it, read from files with weights.
    ///   - path: What it was named as: one of its files, an index of them, or their folder.
    ///   - planned: What is planned of it, which the losses are of; nil for all of it.
    ///   - layers: The layers of that.
    ///   - formats: The formats that layers are cast to.
    ///   - runtime: What measures.
    ///   - importance: The importance matrix that the encoders look at, or nil.
    ///   - part: The part of the layers that is measured, or nil for all.
    /// - Throws: ``CalibrationError``, among them ``CalibrationError/nothingToMeasure(isPart:)``, and `EstimationError` for formats that
    ///   are named twice, have no codec, or need an importance matrix that there is not, and for a model without layers.
    public init(
        of model: Model,
        named path: String,
        planned: Model? = nil,
        layers: LayeredModel,
        formats: [QuantizationFormat],
        runtime: LossRuntime,
        importance: ImportanceMatrix? = nil,
        part: WorkPart? = nil
    ) throws {
        let planned = planned ?? model
        guard !layers.layers.isEmpty else { throw EstimationError.nothingPlanned(model: model.name) }
        let weights = try WeightData(of: planned)
        try CalibrationRun.check(layers.layers)
        // The same checks as for formats that are estimated: that each has a codec, and stands once.
        let formats = try EstimateSettings(formats: formats).formats
        try EstimationError.checkImportance(of: formats, isThere: importance != nil)
        let all = CalibrationOrder.cells(of: layers, formats: formats, isTextEncoder: planned.isTextEncoder)
        cells = part.map { $0.share(of: all) } ?? all
        guard !cells.isEmpty else { throw CalibrationError.nothingToMeasure(isPart: part != nil) }
        for tensor in layers.layers.flatMap(\.tensors) where tensor.dimensionCount < 4 {
            try importance?.check(tensor)
        }
        header = CalibrationHeader(
            model: planned.name,
            modelDigest: planned.digest,
            weightsDigest: try weights.sampleDigest(),
            runtime: try runtime.description(),
            unit: runtime.unit,
            chunks: runtime.chunks,
            formats: formats.map(\.name),
            importance: try importance.map {
                "\(try $0.digest()) \(InputFile.ownName(of: $0.path, or: "matrix"))"
            },
            part: part,
            baseline: CalibrationBaseline(loss: 0)
        )
        self.model = model
        self.layers = layers.layers
        self.path = path
        self.runtime = runtime
        self.importance = importance
    }

    /// Measures what is not in the file of losses yet, on a copy of the model, which is taken away at the end.
    ///
    /// - Parameters:
    ///   - recorder: Takes the losses, and knows those of before.
    ///   - scratchFolder: The folder for the copy; one that an earlier run left there is gone on with.
    ///   - deadline: When the time is up, or nil for never.
    ///   - report: Called with what happens.
    ///   - shouldStop: Whether to end early; asked many times a second.
    /// - Returns: What was measured.
    /// - Throws: ``CalibrationError``; what was measured before it is in the file.
    public func measure(
        into recorder: LossRecorder,
        scratchFolder: String,
        deadline: ContinuousClock.Instant? = nil,
        report: (Event) -> Void = { _ in },
        shouldStop: () -> Bool = { false }
    ) throws(CalibrationError) -> CalibrationRun.Result {
        let left = leftCount(after: recorder)
        guard left > 0 else {
            // A program that was killed once all was measured leaves its copy.
            ScratchModel.removeLeft(in: scratchFolder)
            return CalibrationRun.Result(ending: .finished, losses: recorder.known, impossible: [])
        }
        // A copy of a large model takes minutes; without the program it would be for nothing.
        if case .llamaPerplexity(let llama, _) = runtime { try llama.checkProgram() }
        let scratch = try ScratchModel(
            of: model,
            named: path,
            in: scratchFolder,
            importance: importance,
            progress: { _ in !shouldStop() }
        )
        defer { scratch.remove() }
        let (command, chunks) = try command(
            on: scratch,
            chunks: recorder.earlierHeader?.chunks ?? header.chunks,
            deadline: deadline,
            left: left,
            report,
            shouldStop
        )
        let run = CalibrationRun(
            layers: layers,
            tensors: model.tensors,
            cells: cells,
            scratch: scratch,
            command: command
        )
        let baseline: CalibrationBaseline
        if let earlier = recorder.earlierHeader {
            baseline = earlier.baseline
        } else {
            baseline = try run.baseline(shouldStop: shouldStop)
            try recorder.begin(header.with(chunks: chunks, baseline: baseline))
        }
        report(.baseline(baseline))
        var unchanged = recorder.known.allSatisfy { $0.loss == 0 } ? recorder.known.count : nil
        return try run.measure(
            recorder: recorder,
            baseline: baseline,
            deadline: deadline,
            progress: { report(.begins($0, $1, left: $2)) },
            measured: { loss in
                unchanged = loss.loss == 0 ? unchanged.map { $0 + 1 } : nil
                if unchanged == Self.unchangedCount { report(.unchanged(count: Self.unchangedCount)) }
            },
            shouldStop: shouldStop
        )
    }

    /// What measures the copy, once llama-perplexity has the logits of the model as it is; and over how many chunks of its text.
    private func command(
        on scratch: ScratchModel,
        chunks known: Int?,
        deadline: ContinuousClock.Instant?,
        left: Int,
        _ report: (Event) -> Void,
        _ shouldStop: () -> Bool
    ) throws(CalibrationError) -> (command: LossCommand, chunks: Int?) {
        switch runtime {
        case .command(let command, _):
            return (command, nil)
        case .llamaPerplexity(let llama, _):
            var chunks = known ?? LlamaPerplexity.defaultChunks
            if known == nil, let deadline {
                let chosen = try llama.chunks(
                    until: deadline,
                    losses: left,
                    of: scratch,
                    shouldStop: shouldStop
                )
                report(
                    .chunksChosen(chosen.count, context: llama.context, possible: chosen.possible, left: left)
                )
                chunks = chosen.count
            }
            try llama.writeBase(of: scratch, chunks: chunks, shouldStop: shouldStop)
            return (llama.lossCommand(base: scratch.basePath), chunks)
        }
    }

    /// After how many losses of nothing else than 0 that is said.
    private static let unchangedCount = 3

    /// How many losses are not in the file yet.
    private func leftCount(after recorder: LossRecorder) -> Int {
        let known = Set(recorder.known.map { [$0.layer, $0.format] })
        return cells.count { !known.contains([layers[$0.layer].name, $0.format.name]) }
    }
}
