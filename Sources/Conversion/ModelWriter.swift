public import Checkpoints
public import Estimation

/// Writes a drafted model, a file or a folder: casts every tensor, reads it again, and puts it in its place when it is whole.
///
/// Until then it stands beside its place as `OUT.partial`, with `OUT.partial.journal` that says which tensors are finished. A
/// program that is ended leaves both, and another run goes on with them and makes the same bytes.
///
/// Where an earlier file of the model is given, tensors are taken over from it that it has in the format that is wanted, which
/// spares encoding them. Where a record says what they were cast from, those are whose weights and importance are the same to the
/// byte. Where none does, one row in every half megabyte of the model and of every expert is cast again, and every row whose error is
/// larger than those lead to expect; where one differs from the earlier file's, the whole tensor is cast. All is read again,
/// decoded and measured as it is without an earlier file.
public struct ModelWriter: Sendable {
    /// What is written.
    public let draft: ModelDraft

    /// What it is cast from.
    let inputs: CastingInputs
    /// A finished file of the model, from which tensors are taken over, or nil.
    let earlier: EarlierFile?

    /// What has come about since the last call.
    public enum Progress: Sendable {
        /// So many bytes of the model were read and cast; called from any thread.
        case bytes(Int)
        /// A tensor is finished.
        case tensor
    }

    /// Opens what is needed, and checks it before anything is written.
    ///
    /// - Parameters:
    ///   - draft: What is written, see ``ModelDraft``.
    ///   - model: The model.
    ///   - importance: What the encoders take for the importance of the inputs; with ones they search in another way than with none.
    ///   - gradients: Squared gradients of the model, by which the file's loss is summed, or nil.
    ///   - earlier: A finished file of the model, from which tensors are taken over, or nil. It may be the one that is written.
    ///   - allowsQuantizedSource: Whether weights may be cast that are quantized already, whose errors then add up.
    /// - Throws: ``ConversionError`` for a tensor that cannot be cast, and a matrix that has no values for one that needs
    ///   them.
    public init(
        _ draft: ModelDraft,
        of model: Model,
        importance: EncoderImportance = .none,
        gradients: SquaredGradients? = nil,
        earlier: EarlierFile? = nil,
        allowsQuantizedSource: Bool = false
    ) throws(ConversionError) {
        self.draft = draft
        self.earlier = earlier
        inputs = try CastingInputs(
            model,
            importance: importance,
            gradients: gradients
        )
        for part in draft.parts where !part.isCopied {
            try Self.check(part, inputs, allowsQuantizedSource: allowsQuantizedSource)
        }
    }

    /// Writes the file.
    ///
    /// - Parameters:
    ///   - path: Where it goes; what stands there is replaced.
    ///   - resuming: Whether to go on with what an earlier run left.
    ///   - progress: Called with what has come about, from any thread; false ends the writing and leaves what is finished.
    /// - Returns: What was written, or nil if `progress` ended it.
    /// - Throws: ``ConversionError``.
    public func write(
        to path: String,
        resuming: Bool,
        progress: @Sendable (Progress) -> Bool = { _ in true }
    ) throws(ConversionError) -> WrittenModel? {
        guard let unplaced = try writeBeside(path, resuming: resuming, progress: progress) else { return nil }
        try unplaced.synchronize()
        try unplaced.place()
        unplaced.removeJournal()
        return unplaced.written
    }

    /// Writes the file beside its place, for models of several files, of which none should be there before all are.
    ///
    /// - Parameters:
    ///   - path: Where it is to go.
    ///   - resuming: Whether to go on with what an earlier run left.
    ///   - moreBytes: How much room the files need that are written after it.
    ///   - progress: Called with what has come about, from any thread; false ends the writing and leaves what is finished.
    /// - Returns: The whole file, or nil if `progress` ended it.
    /// - Throws: ``ConversionError``.
    public func writeBeside(
        _ path: String,
        resuming: Bool,
        moreBytes: Int = 0,
        progress: @Sendable (Progress) -> Bool = { _ in true }
    ) throws(ConversionError) -> UnplacedModel? {
        let header = try inputs.journalHeader(for: draft)
        if resuming, Self.isPlaced(path) { return try placed(path, header, progress) }
        let file = try workPlace(for: path, resuming ? .resuming : .anew)
        let journal = try Journal(of: file, besides: file.path, header: header, resuming: resuming)
        do throws(ConversionError) {
            do throws(ConversionError) {
                try file.checkRoom(for: draft.byteCount, moreBytes: moreBytes)
            } catch {
                // What has nothing in it yet is not left behind.
                if journal.known.isEmpty {
                    journal.remove()
                    file.remove()
                }
                throw error
            }
            guard let (finished, takenOver) = try writeAll(file, journal, progress) else { return nil }
            let written = written(finished, takenOver: takenOver, header)
            return UnplacedModel(written: written, file: file, journal: journal)
        } catch {
            // What is wrong with the model is so the next time too; what is wrong with the disk, or with another
            // file than the weights, may be mended.
            switch error {
            case .cannotWrite, .noRoom, .unreadableCompanion: break
            default:
                // What is left without the other is then no file that seems to be in its place.
                journal.remove()
                file.remove()
            }
            throw error
        }
    }

    /// Writes headers and tensors, and makes sure that the headers stand there in the end.
    private func writeAll(
        _ file: any WorkPlace,
        _ journal: Journal,
        _ progress: @Sendable (Progress) -> Bool
    ) throws(ConversionError) -> (finished: [Journal.Entry], takenOver: Int)? {
        try file.setSize(draft.byteCount)
        for own in draft.files { try file.write(own.header, at: own.offset) }
        guard let parts = try writeParts(file, journal, progress) else { return nil }
        try checkUnchanged()
        for own in draft.files {
            guard try file.holds(own.header, at: own.offset) else {
                throw .damaged(tensor: "the header", path: file.path)
            }
        }
        return parts
    }

    /// What a finished file holds, as the journal has it.
    func written(
        _ finished: [Journal.Entry],
        takenOver: Int,
        _ header: Journal.Header
    ) -> WrittenModel {
        WrittenModel(
            draft: draft,
            takenOver: takenOver,
            origins: finished.reduce(into: [:]) { $0[$1.tensor] = $1.origin },
            sums: finished.map(\.sums),
            hasImportance: inputs.hasMatrix,
            gradientsDigest: header.gradients
        )
    }
}
