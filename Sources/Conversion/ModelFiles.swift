public import Checkpoints
public import Estimation

/// The files that are written of one model: one, or as many as the model has.
public struct ModelFiles: Sendable {
    /// Where they go, in the model's order.
    public let paths: [String]
    /// What the encoders take for the importance of the inputs.
    public let importance: EncoderImportance
    private let writers: [ModelWriter]

    /// Opens what is needed, and checks it before anything is written.
    ///
    /// - Parameters:
    ///   - paths: Where the files go.
    ///   - drafts: What is written into each.
    ///   - model: The model.
    ///   - importance: What the encoders take for the importance of the inputs.
    ///   - gradients: The squared gradients that the file's loss is summed by, or nil.
    ///   - earlier: A finished file of the model that tensors are taken over from, or nil.
    ///   - allowsQuantizedSource: Whether weights may be cast that are quantized already.
    /// - Throws: ``ConversionError``.
    public init(
        _ paths: [String],
        _ drafts: [ModelDraft],
        of model: Model,
        importance: EncoderImportance = .none,
        gradients: SquaredGradients? = nil,
        earlier: EarlierFile? = nil,
        allowsQuantizedSource: Bool = false
    ) throws(ConversionError) {
        self.paths = paths
        self.importance = importance
        writers = try drafts.map { draft throws(ConversionError) in
            try ModelWriter(
                draft,
                of: model,
                importance: importance,
                gradients: gradients,
                earlier: earlier,
                allowsQuantizedSource: allowsQuantizedSource
            )
        }
    }

    /// The names of files of a model that stays split, as llama.cpp and its converters give them.
    ///
    /// - Parameters:
    ///   - output: The name that was asked for, with the ending or without.
    ///   - count: The number of files.
    /// - Returns: A name for each file.
    public static func paths(_ output: String, count: Int) -> [String] {
        let ending = ".gguf"
        let whole = output.lowercased().hasSuffix(ending) ? String(output.dropLast(ending.count)) : output
        // The name of the first file stands for them all, whatever their number.
        let shard = ShardName(whole + ending, fileExtension: "gguf")
        let stem = shard?.number == 1 ? shard?.base ?? whole : whole
        return (1...max(1, count)).map {
            stem + ShardName.ending(number: $0, count: count, fileExtension: "gguf")
        }
    }

    /// What all files hold together.
    public var draft: ModelDraft { ModelDraft(joining: writers.map(\.draft)) }

    /// The names of the tensors that are cast without the importance matrix; none without a matrix.
    ///
    /// - Throws: ``ConversionError``.
    public func unweightedTensors() throws(ConversionError) -> [String] {
        var names: [String] = []
        for writer in writers { names += try writer.unweightedTensors() }
        return names
    }

    /// Whether all files stand in their places already, as far as their sizes and headers say.
    public var areWritten: Bool { zip(paths, writers).allSatisfy { $1.isWritten(at: $0) } }

    /// Those of the paths for which an earlier run left something to go on with.
    public var resumable: [String] { paths.filter(ModelWriter.canResume) }

    /// Writes every file beside its place, going through them in order.
    ///
    /// - Parameters:
    ///   - resuming: Whether to go on with what an earlier run left, where it left something.
    ///   - progress: Called with what has come about, from any thread; false ends the writing and leaves what is finished.
    /// - Returns: All files, whole, or nil if `progress` ended it.
    /// - Throws: ``ConversionError``.
    public func writeBeside(
        resuming: Bool,
        progress: @Sendable (ModelWriter.Progress) -> Bool = { _ in true }
    ) throws(ConversionError) -> Whole? {
        var whole: [UnplacedModel] = []
        for (index, path) in paths.enumerated() {
            // What stands there already takes no more room.
            let moreBytes = zip(paths, writers).dropFirst(index + 1)
                .filter { !(resuming && ModelWriter.canResume($0.0)) }
                .reduce(0) { $0 + $1.1.draft.byteCount }
            let file = try writers[index].writeBeside(
                path,
                resuming: resuming && ModelWriter.canResume(path),
                moreBytes: moreBytes,
                progress: progress
            )
            guard let file else { return nil }
            whole.append(file)
        }
        return Whole(models: whole)
    }

    /// Files that are whole, beside their places or in them.
    public struct Whole: Sendable {
        fileprivate let models: [UnplacedModel]

        /// What all hold together.
        public var written: WrittenModel { WrittenModel(joining: models.map(\.written)) }

        /// What each tensor of a file was cast from.
        public func origins(ofFile index: Int) -> [String: String] { models[index].written.origins }

        /// Waits until all files are on the disk.
        ///
        /// - Throws: ``ConversionError``.
        public func synchronize() throws(ConversionError) {
            for file in models { try file.synchronize() }
        }

        /// Puts the files in their places, once they are on the disk.
        ///
        /// - Parameter replacing: Whether what stands there is replaced.
        /// - Throws: ``ConversionError``.
        public func place(replacing: Bool) throws(ConversionError) {
            for file in models { try file.place(replacing: replacing) }
        }

        /// Takes away what another run would go on by, once nothing is left to be done.
        public func removeJournals() {
            for model in models { model.removeJournal() }
        }
    }
}
