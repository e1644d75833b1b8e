import Checkpoints
import Conversion
import Converters
import Text

/// The files that `plan quantize` writes of one model: one, or as many as the model has.
struct ModelFiles {
    /// Where they go, in the model's order.
    let paths: [String]
    /// Whether the encoders take an importance of 1 for every input.
    let countsInputsAlike: Bool
    private let writers: [ModelWriter]

    /// Opens what is needed, and checks it before anything is written.
    ///
    /// - Parameters:
    ///   - paths: Where the files go.
    ///   - drafts: What is written into each.
    ///   - model: The model.
    ///   - importance: The importance matrix that the encoders look at, or nil.
    ///   - gradients: The squared gradients that the file's loss is summed by, or nil.
    ///   - countsInputsAlike: Whether the encoders take an importance of 1 for every input, where there is no matrix.
    ///   - earlier: A finished file of the model that tensors are taken over from, or nil.
    ///   - allowsQuantizedSource: Whether weights may be cast that are quantized already.
    /// - Throws: `ConversionError`.
    init(
        _ paths: [String],
        _ drafts: [ModelDraft],
        of model: Model,
        importance: ImportanceMatrix?,
        gradients: SquaredGradients?,
        countsInputsAlike: Bool,
        earlier: EarlierFile?,
        allowsQuantizedSource: Bool
    ) throws {
        self.paths = paths
        self.countsInputsAlike = countsInputsAlike
        writers = try drafts.map {
            try ModelWriter(
                $0,
                of: model,
                importance: importance,
                gradients: gradients,
                countsInputsAlike: countsInputsAlike,
                earlier: earlier,
                allowsQuantizedSource: allowsQuantizedSource
            )
        }
    }

    /// The names of files of a model that stays split, as llama.cpp and its converters give them.
    static func paths(_ output: String, count: Int) -> [String] {
        let ending = ".gguf"
        let stem = output.lowercased().hasSuffix(ending) ? String(output.dropLast(ending.count)) : output
        func digits(_ number: Int) -> String {
            String(repeating: "0", count: max(0, 5 - "\(number)".count)) + "\(number)"
        }
        return (1...max(1, count)).map { "\(stem)-\(digits($0))-of-\(digits(count))\(ending)" }
    }

    /// What all files hold together.
    var draft: ModelDraft { ModelDraft(joining: writers.map(\.draft)) }

    /// The names of the tensors that are cast without the importance matrix; none without a matrix.
    ///
    /// - Throws: `ConversionError`.
    func unweightedTensors() throws(ConversionError) -> [String] {
        var names: [String] = []
        for writer in writers { names += try writer.unweightedTensors() }
        return names
    }

    /// Whether all files stand in their places already, as far as their sizes and headers say.
    var areWritten: Bool { zip(paths, writers).allSatisfy { $1.isWritten(at: $0) } }

    /// The files in their places.
    struct Placed {
        fileprivate let models: [UnplacedModel]

        /// What all hold together.
        var written: WrittenModel { WrittenModel(joining: models.map(\.written)) }

        /// What each tensor of a file was cast from.
        func origins(ofFile index: Int) -> [String: String] { models[index].written.origins }

        /// Takes away what another run would go on by, once nothing is left to be done.
        func removeJournals() {
            for model in models { model.removeJournal() }
        }
    }

    /// Writes all files, and puts them in their places when all are whole and on the disk.
    ///
    /// - Parameters:
    ///   - resume: Whether to go on with what an earlier run left.
    ///   - replacing: Whether what stands in their places is replaced.
    ///   - isAnswer: Whether nothing else is to be written after them.
    /// - Returns: The files.
    /// - Throws: `ConversionError`, and ``Failure`` where it was interrupted.
    func write(resume: Bool, replacing: Bool, isAnswer: Bool) throws -> Placed {
        let first = ShellText.path(paths.first ?? "")
        if resume, !paths.contains(where: ModelWriter.canResume) {
            Console.note("there is nothing of \(first) to go on with; it is begun")
        }
        if !resume, let path = paths.first(where: ModelWriter.canResume), !ModelWriter.isBeingWritten(path) {
            Console.note(
                """
                what an earlier run left of \(ShellText.path(path)) is begun anew; with --resume the same command goes on with it
                """
            )
        }
        let progress = TensorProgress(
            tensorCount: draft.parts.count,
            byteCount: draft.sourceByteCount,
            share: 1
        )
        defer { StatusLine.clear() }
        var whole: [UnplacedModel] = []
        do throws(ConversionError) {
            for (index, path) in paths.enumerated() {
                let moreBytes = zip(paths, writers).dropFirst(index + 1)
                    .filter { !(resume && ModelWriter.canResume($0.0)) }
                    .reduce(0) { $0 + $1.1.draft.byteCount }
                let resuming = resume && ModelWriter.canResume(path)
                let file = try Interruption.watch { () throws(ConversionError) in
                    try writers[index].writeBeside(path, resuming: resuming, moreBytes: moreBytes) { event in
                        switch event {
                        case .bytes(let count): progress.add(bytes: count)
                        case .tensor: progress.finishTensor()
                        }
                        return !Interruption.isRequested
                    }
                }
                guard let file else { break }
                whole.append(file)
            }
            if whole.count == paths.count {
                // What is whole is put in its place, whoever interrupts it there.
                try Interruption.watch { () throws(ConversionError) in
                    for file in whole { try file.synchronize() }
                    // What was said of an earlier file holds until it is gone.
                    for path in paths { FileRecord.removeStale(of: path) }
                    try Interruption.undisturbed { () throws(ConversionError) in
                        for file in whole { try file.place(replacing: replacing) }
                        if isAnswer { Interruption.answered() }
                    }
                }
            }
        } catch {
            StatusLine.clear()
            switch error {
            case .cannotWrite, .cameMeanwhile: break
            default: throw error
            }
            guard paths.contains(where: ModelWriter.canResume) else { throw error }
            throw Failure(
                code: Failure.cannotWrite,
                message: "\(error); the finished part stays, and --resume goes on"
            )
        }
        guard whole.count == paths.count else {
            throw Failure(
                code: Failure.interrupted,
                message: """
                    interrupted: the finished part of \(first) stays in \(ShellText.path(ModelWriter.workFiles(for: paths.first ?? "").first ?? "")); the same \
                    command with --resume goes on
                    """
            )
        }
        return Placed(models: whole)
    }
}
