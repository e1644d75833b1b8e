import Calibration
import Checkpoints
import Estimation
import Foundation
import Reports
import Sensitivity
import Tensors
import Text

/// The measuring of `plan calibrate`, with its scratch copy, its file of losses and its progress.
struct CalibrationTask {
    /// The model.
    let model: Model
    /// Its layers.
    let layers: [ModelLayer]
    /// What is to be measured, in order.
    let cells: [CalibrationOrder.Cell]
    /// The file of losses.
    let output: String
    /// What the files of all parts begin with; nil where the user named the file.
    let stem: String?

    private let path: String
    private let options: CalibrateOptions
    private let llama: LlamaPerplexity?
    private let shell: LossCommand?
    private let importance: ImportanceMatrix?
    private let header: CalibrationHeader
    private let scratchFolder: String
    private let resuming: Bool

    /// What a loss is, or nil where that is not known.
    var unit: String? { header.unit }

    /// Opens what is needed, and checks it before anything is written.
    ///
    /// - Parameters:
    ///   - model: The model as its runtime loads it.
    ///   - path: What it was named as.
    ///   - planned: What is planned of it, which the losses are of.
    ///   - layers: The layers of that.
    ///   - options: What is measured.
    ///   - runtime: What measures.
    ///   - arguments: Arguments of llama-perplexity.
    ///   - output: The file of losses; nil for one of the model's name, or beside it where another measurement has that.
    ///   - scratch: The folder for the copy of the model; nil for one named as the file of losses is.
    ///   - resuming: Whether to go on with the file of losses.
    /// - Throws: ``Failure``, and what the modules throw.
    init(
        _ model: Model,
        named path: String,
        planned: Model,
        layers: LayeredModel,
        options: CalibrateOptions,
        runtime: LossRuntimeOptions,
        arguments: [String],
        output: String?,
        scratch: String?,
        resuming: Bool
    ) throws {
        self.model = model
        self.layers = layers.layers
        self.path = path
        self.options = options
        self.resuming = resuming
        guard !layers.layers.isEmpty else {
            throw Failure(
                code: Failure.badData,
                message: """
                    the model \(model.name) has no tensor of floats that a plan would decide about; plan inspect shows what it \
                    has
                    """
            )
        }
        let weights = try WeightData(of: planned)
        try CalibrationRun.check(layers.layers)
        // The same checks as for formats that are estimated: that each has a codec, and stands once.
        let formats = try EstimateSettings(formats: try options.chosenFormats()).formats
        try QuantizationFormat.checkImportance(of: formats, isThere: options.imatrix != nil)
        let part = try options.workPart()
        let all = CalibrationOrder.cells(of: layers, formats: formats, isTextEncoder: planned.isTextEncoder)
        cells = part.map { $0.share(of: all) } ?? all
        guard !cells.isEmpty else {
            throw Failure(
                code: Failure.badData,
                message:
                    "there is nothing to measure: no format fits a layer\(part == nil ? "" : " of this part")"
            )
        }
        let importance = try options.imatrix.map { try ImportanceMatrix(path: $0) }
        for tensor in layers.layers.flatMap(\.tensors) where tensor.dimensionCount < 4 {
            try importance?.check(tensor)
        }
        self.importance = importance
        llama = runtime.llama(arguments: arguments)
        shell = try runtime.run.map {
            try LossCommand(shell: $0, loss: try LossExpression(runtime.loss ?? ""))
        }
        header = CalibrationHeader(
            model: planned.name,
            modelDigest: planned.digest,
            weightsDigest: try weights.sampleDigest(),
            runtime: try runtime.description(arguments: arguments),
            unit: llama == nil ? runtime.unit : LlamaPerplexity.unit,
            chunks: runtime.chunks,
            formats: formats.map(\.name),
            importance: try options.imatrix.map {
                try "\(importance?.digest() ?? "") \(InputFile.ownName(of: $0, or: "matrix"))"
            },
            part: part,
            baseline: CalibrationBaseline(loss: 0)
        )
        let names = MeasurementNames(of: model, header: header, resuming: resuming)
        if output == nil { names.noteTaken("losses") }
        self.output = output ?? names.path
        stem = output == nil ? names.stem : nil
        scratchFolder = scratch ?? names.stem + (part?.ending("scratch", nil) ?? "-scratch")
        var outputs = OutputFiles(
            besides: [path, options.imatrix, options.grouping, runtime.text] + model.readFiles,
            force: false
        )
        // What is there is gone on with, or refused; nothing is written over.
        _ = try outputs.claim(self.output, for: .losses)
    }

    /// Measures what is not in the file yet.
    func measure() throws -> CalibrationRun.Result {
        let begin = ContinuousClock.now
        let recorder = try LossRecorder(path: output, header: header, resuming: resuming)
        if resuming {
            let torn = recorder.wasTorn ? ", the last line of which was cut off and is measured again" : ""
            Console.note(
                "\(output) has \(recorder.known.count == 1 ? "1 loss" : "\(recorder.known.count) losses")\(torn)"
            )
        }
        let deadline = options.budgetTime.map { begin + .seconds($0.seconds) }
        let known = Set(recorder.known.map { [$0.layer, $0.format] })
        guard cells.contains(where: { !known.contains([layers[$0.layer].name, $0.format.name]) }) else {
            // A program that was killed once all was measured leaves its copy.
            ScratchModel.removeLeft(in: scratchFolder)
            return CalibrationRun.Result(ending: .finished, losses: recorder.known, impossible: [])
        }
        // A copy of a large model takes minutes; without the program it would be for nothing.
        try llama?.checkProgram()
        let scratch = try ScratchModel(
            of: model,
            named: path,
            in: scratchFolder,
            importance: importance,
            progress: { _ in !Interruption.isRequested }
        )
        defer { scratch.remove() }
        let left = cells.count - recorder.known.count
        var (command, chunks) = (shell, Int?.none)
        if let llama {
            let count =
                try recorder.earlierHeader?.chunks ?? chosenChunks(llama, scratch, deadline, runs: left)
            try base(llama, scratch, chunks: count)
            command = llama.lossCommand(base: scratch.basePath)
            chunks = count
        }
        guard let command else { throw CalibrationError.interrupted }
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
            baseline = try run.baseline { Interruption.isRequested }
            try recorder.begin(header.with(chunks: chunks, baseline: baseline))
        }
        sayWhoseErrors(baseline)
        var progress = CalibrateProgress(count: cells.count)
        defer { StatusLine.clear() }
        var unchanged = recorder.known.allSatisfy { $0.loss == 0 } ? recorder.known.count : nil
        return try run.measure(
            recorder: recorder,
            baseline: baseline,
            deadline: deadline,
            progress: { progress.show($0, $1, left: $2) },
            measured: { loss in
                unchanged = loss.loss == 0 ? unchanged.map { $0 + 1 } : nil
                guard unchanged == Self.unchangedCount else { return }
                StatusLine.clear()
                Console.note(
                    """
                    the first \(Self.unchangedCount) losses are all 0: the command prints the same for every model; does it read the \
                    path that stands for {}?
                    """
                )
            },
            shouldStop: { Interruption.isRequested }
        )
    }

    /// Says that standard errors are left out where they are those of values of one model.
    private func sayWhoseErrors(_ baseline: CalibrationBaseline) {
        guard let error = baseline.standardError, baseline.isErrorOfOneValue(error) else { return }
        Console.note(
            """
            the command says \(Figures.impact(baseline.loss)) ± \(Figures.impact(error)) of the model as it is: that is the error of one \
            model's value, not of the difference between two, and is left out; losses then count as exact, unless --loss finds the \
            difference's own error
            """
        )
    }

    /// After how many losses of nothing else than 0 that is said.
    private static let unchangedCount = 3

    /// Writes the logits of the model as it is, and says how long that took in seconds.
    @discardableResult
    private func base(_ llama: LlamaPerplexity, _ scratch: ScratchModel, chunks: Int) throws -> Double {
        let start = ContinuousClock.now
        _ = try llama.baseCommand(chunks: chunks, base: scratch.basePath).run(
            on: scratch.path,
            outputPath: scratch.outputPath,
            shouldStop: { Interruption.isRequested }
        )
        return start.duration(to: .now) / .seconds(1)
    }

    /// How much text is used: what is asked for, or what the time allows.
    private func chosenChunks(
        _ llama: LlamaPerplexity,
        _ scratch: ScratchModel,
        _ deadline: ContinuousClock.Instant?,
        runs: Int
    ) throws -> Int {
        if let chunks = header.chunks { return chunks }
        guard let deadline else { return LossRuntimeOptions.defaultChunks }
        let few = try base(llama, scratch, chunks: 1)
        let many = try base(llama, scratch, chunks: 4)
        let budget = TextBudget(few: (1, few), many: (4, many))
        // The logits and the model as it is take a run each.
        let seconds = max(0, ContinuousClock.now.duration(to: deadline) / .seconds(1))
        let chunks = budget.chunks(seconds: seconds, runs: runs + 2)
        let possible = budget.runs(seconds: seconds, chunks: chunks) - 2
        let enough =
            possible >= runs ? "" : ", which will be enough for about \(max(0, possible)) of \(runs) losses"
        Console.note("\(chunks) chunks of \(llama.context) tokens in the time that is given\(enough)")
        return chunks
    }
}

extension WorkPart {
    /// The part's share of cells: every so-manieth in the order of measuring, so that each part has every kind of layer early.
    fileprivate func share(of cells: [CalibrationOrder.Cell]) -> [CalibrationOrder.Cell] {
        cells.enumerated().filter { $0.offset % count == number - 1 }.map(\.element)
    }
}
