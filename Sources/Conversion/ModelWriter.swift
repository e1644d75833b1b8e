public import Checkpoints
import Quantization
import Tensors

/// Writes a drafted model, a file or a folder: casts every tensor, reads it again, and puts it in its place when it is whole.
///
/// Until then it stands beside its place as `OUT.partial`, with `OUT.partial.journal` that says which tensors are finished. A
/// program that is ended leaves both, and another run goes on with them and makes the same bytes.
///
/// Where an earlier file of the model is given, tensors are taken over from it that it has in the format that is wanted, which
/// spares encoding them. One row in every half megabyte of the model is cast again, and where one differs from the earlier file's,
/// the whole tensor is cast. All is read again, decoded and measured as it is without an earlier file.
public struct ModelWriter: Sendable {
    /// What is written.
    public let draft: ModelDraft

    private let model: Model
    private let weights: WeightData
    private let importance: ImportanceMatrix?
    private let gradients: SquaredGradients?
    private let countsInputsAlike: Bool
    private let earlier: EarlierFile?

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
    ///   - importance: The importance matrix that the encoders look at, or nil.
    ///   - gradients: Squared gradients of the model, by which the file's loss is summed, or nil.
    ///   - countsInputsAlike: Whether the encoders take an importance of 1 for every input where there is no matrix, as those of
    ///     stable-diffusion.cpp do; they search in another way then than with none.
    ///   - earlier: A finished file of the model, from which tensors are taken over, or nil. It may be the one that is written.
    /// - Throws: ``ConversionError`` for a tensor that cannot be cast, and a matrix that has no values for one that needs
    ///   them.
    public init(
        _ draft: ModelDraft,
        of model: Model,
        importance: ImportanceMatrix?,
        gradients: SquaredGradients? = nil,
        countsInputsAlike: Bool = false,
        earlier: EarlierFile? = nil
    ) throws(ConversionError) {
        self.draft = draft
        self.gradients = gradients
        self.countsInputsAlike = countsInputsAlike && importance == nil
        self.earlier = earlier
        self.model = model
        self.importance = importance
        weights = try ConversionError.wrapping { () throws(CheckpointError) in try WeightData(of: model) }
        if let importance {
            let known = Set(importance.tensorNames)
            guard model.tensors.contains(where: { known.contains($0.name) }) else {
                throw .importanceOfOtherModel(path: importance.path)
            }
        }
        if let gradients {
            let known = Set(gradients.tensorNames)
            guard model.tensors.contains(where: { known.contains($0.name) }) else {
                throw .gradientsOfOtherModel(path: gradients.path)
            }
            try ConversionError.wrapping { () throws(CheckpointError) in
                for tensor in model.tensors { try gradients.check(tensor) }
            }
        }
        for part in draft.parts where !part.isCopied { try check(part) }
    }

    /// Whether there are a decoder and an encoder for what a tensor is cast from and to.
    public static func casts(_ part: ModelDraft.Part) -> Bool {
        guard let type = part.tensor.elementType else { return false }
        return SourceElements.formats.contains(type) && TensorCodec.formats.contains(part.format)
    }

    private func check(_ part: ModelDraft.Part) throws(ConversionError) {
        let type = part.tensor.elementType
        guard let type, SourceElements.formats.contains(type) else {
            throw .unreadableType(
                tensor: part.tensor.name,
                type: type?.name ?? "unknown",
                format: part.format.name
            )
        }
        guard TensorCodec.formats.contains(part.format) else {
            throw .noCodec(tensor: part.tensor.name, format: part.format.name)
        }
        // llama-quantize asks for none for what is looked up, and for the output.
        let isExempt = ["token_embd.weight", "per_layer_token_embd.weight", "output.weight"].contains(
            part.tensor.name
        )
        if part.format.needsImportanceMatrix, !isExempt, !countsInputsAlike {
            guard let importance, importance.tensorNames.contains(part.tensor.name) else {
                throw .needsImportance(tensor: part.tensor.name, format: part.format.name)
            }
        }
    }

    /// The names of the tensors that are cast without the importance matrix, as it knows nothing of them or has nothing but zeros
    /// for them; none without a matrix.
    ///
    /// Those that are kept count where they are quantized; floats are rounded alike with a matrix and without.
    ///
    /// - Returns: The names, in the file's order.
    /// - Throws: ``ConversionError/checkpoint(_:)``.
    public func unweightedTensors() throws(ConversionError) -> [String] {
        guard importance != nil else { return [] }
        var names: [String] = []
        for part in draft.parts where !part.isCopied && (part.isPlanned || part.format.blockElements > 1) {
            if try importance(of: part)?.contains(where: { $0 > 0 }) != true {
                names.append(part.tensor.name)
            }
        }
        return names
    }

    /// The files beside the one that is written, while it is.
    public static func workFiles(for path: String) -> [String] {
        [FileName.unfinished(path), FileName.unfinished(path) + Journal.ending]
    }

    /// Whether a file is one of ``workFiles(for:)`` that an earlier run left, rather than one that only has such a name.
    public static func isUnfinished(_ path: String) -> Bool {
        Journal.isJournal(path.hasSuffix(Journal.ending) ? path : path + Journal.ending)
    }

    /// Whether a folder holds a model that this program wrote, which may be replaced by another one.
    public static func isWrittenFolder(_ path: String) -> Bool {
        FinishedFolder.isOwn(path)
    }

    /// Whether an earlier run left something of a file that can be gone on with.
    public static func canResume(_ path: String) -> Bool {
        workFiles(for: path).allSatisfy(FileName.exists)
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
        let unplaced = try writeBeside(path, resuming: resuming, progress: progress)
        try unplaced?.place()
        return unplaced?.written
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
        let header = Journal.Header(
            draft: draft.digest,
            weights: try weightsDigest(),
            importance: try importance.map { matrix throws(ConversionError) in
                try ConversionError.wrapping { () throws(CheckpointError) in try matrix.digest() }
            } ?? (countsInputsAlike ? "constant:1" : nil),
            gradients: try gradientsDigest()
        )
        let file = try workPlace(for: path, resuming: resuming)
        let journal = try Journal(of: file, header: header, resuming: resuming)
        do throws(ConversionError) {
            do throws(ConversionError) {
                try file.checkRoom(for: draft.byteCount, moreBytes: moreBytes)
            } catch {
                // What has nothing in it yet is not left behind.
                if journal.known.isEmpty {
                    file.remove()
                    journal.remove()
                }
                throw error
            }
            try file.setSize(draft.byteCount)
            for own in draft.files { try file.write(own.header, at: own.offset) }
            guard let (sums, takenOver) = try writeParts(file, journal, progress) else { return nil }
            try checkUnchanged()
            for own in draft.files {
                guard try file.holds(own.header, at: own.offset) else {
                    throw .damaged(tensor: "the header", path: file.path)
                }
            }
            let written = WrittenModel(
                draft: draft,
                takenOver: takenOver,
                sums: sums,
                hasImportance: importance != nil,
                gradientsDigest: header.gradients
            )
            return UnplacedModel(written: written, file: file, journal: journal)
        } catch {
            // What is wrong with the model is so the next time too; what is wrong with the disk, or with another
            // file than the weights, may be mended.
            switch error {
            case .cannotWrite, .noRoom, .unreadableCompanion: break
            default:
                file.remove()
                journal.remove()
            }
            throw error
        }
    }

    private func workPlace(for path: String, resuming: Bool) throws(ConversionError) -> any WorkPlace {
        guard let companions = draft.companions else { return try WorkFile(for: path, resuming: resuming) }
        return try WorkFolder(for: path, files: draft.files, companions: companions, resuming: resuming)
    }

    /// Casts what is not finished yet, and counts what was taken over from the earlier file.
    private func writeParts(
        _ file: any WorkPlace,
        _ journal: Journal,
        _ progress: @Sendable (Progress) -> Bool
    ) throws(ConversionError) -> (sums: [CastSums], takenOver: Int)? {
        let known = Dictionary(journal.known.map { ($0.tensor, $0) }) { _, last in last }
        var sums: [CastSums] = []
        var takenOver = 0
        for part in draft.parts {
            var writer = PartWriter(
                part: part,
                weights: weights,
                importance: try importance(of: part),
                costs: try costs(of: part),
                file: file
            )
            if let entry = known[part.tensor.name], part.scaleOffset == nil,
                try writer.writtenDigest().text == entry.digest
            {
                sums.append(entry.sums)
                let byteCount = part.tensor.elementType?.byteCount(of: part.tensor) ?? 0
                guard progress(.bytes(byteCount)), progress(.tensor) else { return nil }
                continue
            }
            if let earlier, try writer.takeOver(from: earlier) { takenOver += 1 }
            guard let result = try writer.write({ progress(.bytes($0)) }) else { return nil }
            try checkUnchanged()
            try journal.append(
                Journal.Entry(tensor: part.tensor.name, digest: result.digest.text, sums: result.sums)
            )
            sums.append(result.sums)
            // One that ends after the last tensor changes nothing.
            guard progress(.tensor) || sums.count == draft.parts.count else { return nil }
        }
        return (sums, takenOver)
    }

    /// The importance of a tensor's inputs as the encoder is given it.
    private func importance(of part: ModelDraft.Part) throws(ConversionError) -> [Float]? {
        // Rows that were laid together have no inputs of their own.
        guard !part.isCopied, part.rowLength == part.tensor.rowLength, !part.tensor.isFilter else {
            return nil
        }
        if countsInputsAlike { return [Float](repeating: 1, count: part.rowLength) }
        guard let importance else { return nil }
        return try ConversionError.wrapping { () throws(CheckpointError) in
            try importance.encodingWeights(of: part.tensor)
        }
    }

    /// What errors of a tensor cost at the end of the model.
    private func costs(of part: ModelDraft.Part) throws(ConversionError) -> LossWeights? {
        guard let gradients, part.isPlanned, !part.isCopied else { return nil }
        return try LossWeights(gradients, of: part.tensor)
    }

    private func gradientsDigest() throws(ConversionError) -> String? {
        try ConversionError.wrapping { () throws(CheckpointError) in try gradients?.digest() }
    }

    private func checkUnchanged() throws(ConversionError) {
        try ConversionError.wrapping { () throws(CheckpointError) in
            try weights.checkUnchanged()
            try earlier?.weights.checkUnchanged()
        }
    }

    /// A fingerprint of the weights and of the state of their files.
    private func weightsDigest() throws(ConversionError) -> String {
        let sample = try ConversionError.wrapping { () throws(CheckpointError) in
            try weights.sampleDigest()
        }
        return sample + " " + weights.stateDigest
    }
}
