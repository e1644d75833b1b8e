import Checkpoints
import Estimation
import Foundation
import Planning
import Reports
import Sensitivity
import Tensors
import Text

/// The measuring of `plan estimate`, with its file of errors and its progress.
struct EstimateRun {
    /// What is measured, and how.
    let header: EstimateHeader
    /// The formats, in the order of the errors.
    let formats: [QuantizationFormat]

    /// Those of them that are measured only as losses are known in them.
    private let anchors: [QuantizationFormat]
    private let estimator: TensorEstimator
    private let indices: [Int]

    /// Opens what is needed, and checks it before anything is written.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - layers: Its layers.
    ///   - options: What is measured.
    ///   - anchors: Formats that are measured besides, as losses are known in them.
    /// - Throws: ``Failure``, `CheckpointError` and `EstimationError`.
    init(
        _ model: Model,
        layers: LayeredModel,
        options: EstimateOptions,
        anchors: [QuantizationFormat]
    ) throws {
        let settings = try options.settings(for: model, layers, with: anchors)
        let gradients = try options.gradients.map { try SquaredGradients(path: $0) }
        let importance = try options.encoderImportance(gradients)
        guard !layers.layers.isEmpty else {
            throw Failure(
                code: Failure.badData,
                message: """
                    the model \(model.name) has no tensor of floats that a plan would decide about; plan inspect shows what it \
                    has
                    """
            )
        }
        let planned = Set(layers.layers.flatMap { $0.tensors.map(\.name) })
        let all = model.tensors.indices.filter { planned.contains(model.tensors[$0].name) }
        estimator = try TensorEstimator(
            of: model,
            settings: settings,
            importance: importance,
            gradients: gradients
        )
        try estimator.check(all)
        let part = try options.workPart()
        indices = part?.share(of: all, in: model.tensors) ?? all
        header = EstimateHeader(
            model: model.name,
            modelDigest: model.digest,
            weightsDigest: try estimator.weightsDigest(),
            settings: settings,
            importance: try importance.reference(),
            gradients: try gradients.map { try GradientReference($0) },
            part: part
        )
        formats = settings.formats
        let own = try options.settings(for: model, layers, with: []).formats
        self.anchors = formats.filter { !own.contains($0) }
    }

    /// Measures what is not in the file yet.
    ///
    /// - Parameters:
    ///   - errors: The file of errors.
    ///   - resuming: Whether to go on with a file that is there.
    /// - Returns: The errors of all tensors, by their names.
    /// - Throws: ``Failure`` where it is interrupted, and `EstimationError`.
    func measure(into errors: String, resuming: Bool) throws -> [String: TensorEstimate] {
        let recorder = try recorder(errors, resuming: resuming)
        var estimates = Dictionary(recorder.known.map { ($0.tensor, $0) }) { first, _ in first }
        if resuming {
            let torn = recorder.wasTorn ? ", the last line of which was cut off and is measured again" : ""
            Console.note("\(errors) has \(recorder.known.count.of("tensor"))\(torn)")
        }
        let tensors = estimator.model.tensors
        let remaining = indices.filter { estimates[tensors[$0].name] == nil }
        let byteCount = remaining.reduce(0) {
            $0 + (tensors[$1].elementType?.byteCount(of: tensors[$1]) ?? 0)
        }
        sayHowLong(weightCount: remaining.reduce(0) { $0 + tensors[$1].elementCount }, byteCount: byteCount)
        let progress = TensorProgress(
            tensorCount: remaining.count,
            byteCount: byteCount,
            share: estimator.settings.rowShare
        )
        try Interruption.watch {
            for index in remaining {
                guard !Interruption.isRequested,
                    let estimate = try estimator.estimate(
                        index,
                        progress: {
                            progress.add(bytes: $0)
                            return !Interruption.isRequested
                        }
                    )
                else {
                    throw Failure(
                        code: Failure.interrupted,
                        message: """
                            interrupted with \(estimates.count) of \(indices.count) tensors measured, which are in \(errors.quoted); go on \
                            with --resume
                            """
                    )
                }
                try recorder.append(estimate)
                estimates[estimate.tensor] = estimate
                progress.finishTensor()
            }
            // Of a part there is no table.
            if header.part != nil { Interruption.answered() }
        }
        StatusLine.clear()
        try noteUnweighted(estimates)
        return estimates
    }

    /// Opens the file of errors.
    private func recorder(_ path: String, resuming: Bool) throws -> EstimateRecorder {
        do throws(EstimationError) {
            return try EstimateRecorder(path: path, header: header, resuming: resuming)
        } catch .differs(let path, "list of formats", let found, _)
            where found == formats.filter({ !anchors.contains($0) }).map(\.name).joined(separator: ",")
        {
            // What the user typed is the same; the losses ask for more.
            throw Failure(
                code: Failure.badData,
                message: """
                    the losses are in \(anchors.map(\.name).joined(separator: ", ")), whose errors \(path.quoted) does not have; measure \
                    them into another file, named with --errors
                    """
            )
        } catch {
            throw error
        }
    }

    /// Says what measuring takes, where that is more than a moment, and what a share of the rows would take.
    private func sayHowLong(weightCount: Int, byteCount: Int) {
        // So few are measured before one has read it.
        guard weightCount * formats.count > 100_000_000 else { return }
        let coreCount = ProcessInfo.processInfo.activeProcessorCount
        let share = estimator.settings.rowShare
        let seconds = MeasuringTime(formats, hasImportance: header.importance != nil)
            .seconds(weightCount: Double(weightCount), coreCount: coreCount)
        guard seconds * share >= 10 else { return }
        let few = 0.05
        let remedy = share > 2 * few ? "; about \(TimeSpan.roughly(seconds * few)) with --rows 5%" : ""
        Console.note(
            """
            measuring \(ByteSize(byteCount).decimal) in \(formats.count.of("format")) takes about \(TimeSpan.roughly(seconds * share)) on \
            \(coreCount) cores\(remedy)
            """
        )
    }

    /// Says which tensors an importance matrix knew nothing of, and what was taken in its place.
    private func noteUnweighted(_ estimates: [String: TensorEstimate]) throws {
        guard header.importance?.isFile ?? false else { return }
        let names = indices.map { estimator.model.tensors[$0].name }
        let unweighted = names.filter {
            guard let estimate = estimates[$0], estimate.inputs != .otherExperts else { return false }
            return !estimate.hasImportance || estimate.inputs != nil
        }
        if !unweighted.isEmpty {
            let shown = unweighted.map { name in
                "\(name) (\(estimates[name]?.inputs?.words ?? "not known"))"
            }
            Console.note(
                """
                the importance matrix knows nothing of \(unweighted.count) of \(names.count) tensors; where errors are \
                weighted, their inputs count as: \(shown.listed(atMost: 5, quoted: false))
                """
            )
        }
        let unseen = names.filter { estimates[$0]?.inputs == .otherExperts }
        if !unseen.isEmpty {
            Console.note(
                """
                no token of the importance matrix reached some of the experts of \(KeptLayers.list(unseen)); their inputs count, where \
                errors are weighted, as the mean of the other experts', and are 1 to the encoders, as in llama-quantize
                """
            )
        }
        let zero = try estimator.zeroEntries(indices)
        if !zero.isEmpty {
            Console.note(
                """
                the importance matrix has nothing but zeros for \(zero.count.of("tensor")), as if it \
                had no entry: \(zero.listed(atMost: 5, quoted: false))
                """
            )
        }
    }
}

extension InputSource {
    /// What inputs count as, in a few words.
    fileprivate var words: String {
        switch self {
        case .otherExperts: "those of its other experts"
        case .otherBlocks: "those of its kind in other blocks"
        case .sharedInput: "those of a tensor with the same input"
        case .lastNorm: "the output of the last norm"
        case .lookup: "1, as it is looked up"
        case .unknown: "not known"
        }
    }
}
