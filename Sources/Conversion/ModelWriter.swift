public import Checkpoints
import Quantization
public import Tensors
import Text

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

    private let model: Model
    private let weights: WeightData
    private let importance: ImportanceMatrix?
    private let gradients: SquaredGradients?
    private let countsInputsAlike: Bool
    private let earlier: EarlierFile?
    private let allowsQuantizedSource: Bool

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
    ///   - allowsQuantizedSource: Whether weights may be cast that are quantized already, whose errors then add up.
    /// - Throws: ``ConversionError`` for a tensor that cannot be cast, and a matrix that has no values for one that needs
    ///   them.
    public init(
        _ draft: ModelDraft,
        of model: Model,
        importance: ImportanceMatrix?,
        gradients: SquaredGradients? = nil,
        countsInputsAlike: Bool = false,
        earlier: EarlierFile? = nil,
        allowsQuantizedSource: Bool = false
    ) throws(ConversionError) {
        self.draft = draft
        self.allowsQuantizedSource = allowsQuantizedSource
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
    ///
    /// - Parameters:
    ///   - part: The tensor.
    ///   - allowsQuantizedSource: Whether weights may be cast that are quantized already.
    /// - Returns: Whether it can be cast.
    public static func casts(_ part: ModelDraft.Part, allowsQuantizedSource: Bool = false) -> Bool {
        isReadable(part.tensor.elementType, allowsQuantizedSource: allowsQuantizedSource)
            && TensorCodec.formats.contains(part.format)
    }

    /// Whether weights of a type can be cast.
    ///
    /// - Parameters:
    ///   - type: The type, or nil where it is not known.
    ///   - allowsQuantizedSource: Whether weights may be cast that are quantized already.
    /// - Returns: Whether there is a decoder for them.
    public static func isReadable(_ type: QuantizationFormat?, allowsQuantizedSource: Bool) -> Bool {
        guard let type else { return false }
        return SourceElements.formats.contains(type)
            || allowsQuantizedSource && RowCodec.formats.contains(type)
    }

    private func check(_ part: ModelDraft.Part) throws(ConversionError) {
        guard Self.isReadable(part.tensor.elementType, allowsQuantizedSource: allowsQuantizedSource) else {
            throw .unreadableType(
                tensor: part.tensor.name,
                type: part.tensor.elementType?.name ?? "unknown",
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
        workFiles(for: path).allSatisfy(InputFile.exists) || isPlaced(path)
    }

    /// Whether another program is writing a file at this moment.
    public static func isBeingWritten(_ path: String) -> Bool {
        WorkDescriptor.isLocked(FileName.unfinished(path))
    }

    /// Whether an earlier run seems to have put a file in its place and ended before it took away what it goes on by.
    ///
    /// That it is this one is seen when it is gone on with.
    public static func isPlaced(_ path: String) -> Bool {
        let unfinished = FileName.unfinished(path)
        guard InputFile.exists(path), InputFile.exists(unfinished + Journal.ending) else { return false }
        // It has both names where the run ended between taking the new one and leaving the old.
        guard let left = FileIdentity(ofNameItself: unfinished) else { return true }
        return FileIdentity(ofNameItself: WorkDescriptor.resolved(path)) == left
    }

    /// Whether a finished file stands at a path that has the size and the header of what would be written there, of which nothing is
    /// left to be done; its weights are not read.
    public func isWritten(at path: String) -> Bool {
        guard InputFile.exists(path), !InputFile.exists(FileName.unfinished(path) + Journal.ending),
            let file = try? workPlace(for: path, .placed), file.hasSize(draft.byteCount)
        else { return false }
        return draft.files.allSatisfy { (try? file.holds($0.header, at: $0.offset)) == true }
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
        let header = Journal.Header(
            draft: draft.digest,
            weights: try weightsDigest(),
            changed: weights.changeDigest,
            importance: try importance.map { matrix throws(ConversionError) in
                try ConversionError.wrapping { () throws(CheckpointError) in try matrix.digest() }
            } ?? (countsInputsAlike ? "constant:1" : nil),
            gradients: try gradientsDigest()
        )
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
            try file.setSize(draft.byteCount)
            for own in draft.files { try file.write(own.header, at: own.offset) }
            guard let (finished, takenOver) = try writeParts(file, journal, progress) else { return nil }
            try checkUnchanged()
            for own in draft.files {
                guard try file.holds(own.header, at: own.offset) else {
                    throw .damaged(tensor: "the header", path: file.path)
                }
            }
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

    /// The file that an earlier run put in its place, if it is what would be written here.
    ///
    /// That is seen by its size, its header, and what the run said of every tensor. Nothing is written to it.
    private func placed(
        _ path: String,
        _ header: Journal.Header,
        _ progress: @Sendable (Progress) -> Bool
    ) throws(ConversionError) -> UnplacedModel? {
        let file = try workPlace(for: path, .placed)
        let other = ConversionError.notOfThisRun(path: path)
        guard file.hasSize(draft.byteCount) else { throw other }
        for own in draft.files {
            guard try file.holds(own.header, at: own.offset) else { throw other }
        }
        let journal = try journal(ofPlaced: file, at: path, header)
        let known = Dictionary(journal.known.map { ($0.tensor, $0) }) { _, last in last }
        var finished: [Journal.Entry] = []
        for part in draft.parts {
            let writer = try partWriter(for: part, in: file)
            guard let entry = known[part.tensor.name], try writer.writtenDigest().text == entry.digest,
                try writer.holdsScale(), try isMade(entry, by: writer, journal)
            else { throw other }
            finished.append(entry)
            guard progress(.bytes(part.sourceByteCount)), progress(.tensor) else { return nil }
        }
        return UnplacedModel(
            written: written(finished, takenOver: 0, header),
            file: file,
            journal: journal
        )
    }

    private func journal(
        ofPlaced file: any WorkPlace,
        at path: String,
        _ header: Journal.Header
    ) throws(ConversionError) -> Journal {
        do throws(ConversionError) {
            return try Journal(
                of: file,
                besides: FileName.unfinished(path),
                header: header,
                resuming: true
            )
        } catch {
            switch error {
            case .otherRun, .nothingToResume: throw .notOfThisRun(path: path)
            default: throw error
            }
        }
    }

    private func written(
        _ finished: [Journal.Entry],
        takenOver: Int,
        _ header: Journal.Header
    ) -> WrittenModel {
        WrittenModel(
            draft: draft,
            takenOver: takenOver,
            origins: finished.reduce(into: [:]) { $0[$1.tensor] = $1.origin },
            sums: finished.map(\.sums),
            hasImportance: importance != nil,
            gradientsDigest: header.gradients
        )
    }

    private func workPlace(for path: String, _ opening: WorkOpening) throws(ConversionError) -> any WorkPlace
    {
        guard let companions = draft.companions else { return try WorkFile(for: path, opening) }
        return try WorkFolder(for: path, files: draft.files, companions: companions, opening)
    }

    private func partWriter(
        for part: ModelDraft.Part,
        in file: any WorkPlace
    ) throws(ConversionError) -> PartWriter {
        PartWriter(
            part: part,
            weights: weights,
            importance: try importance(of: part),
            costs: try costs(of: part),
            file: file
        )
    }

    /// Casts what is not finished yet, and counts what was taken over from the earlier file.
    private func writeParts(
        _ file: any WorkPlace,
        _ journal: Journal,
        _ progress: @Sendable (Progress) -> Bool
    ) throws(ConversionError) -> (finished: [Journal.Entry], takenOver: Int)? {
        let known = Dictionary(journal.known.map { ($0.tensor, $0) }) { _, last in last }
        var finished: [Journal.Entry] = []
        var takenOver = 0
        for part in draft.parts {
            var writer = try partWriter(for: part, in: file)
            // What has a scale is made anew; where it stands was not looked at. So is what was made of other weights.
            if let entry = known[part.tensor.name], part.scaleOffset == nil,
                try writer.writtenDigest().text == entry.digest,
                try isMade(entry, by: writer, journal)
            {
                finished.append(entry)
                guard progress(.bytes(part.sourceByteCount)), progress(.tensor) else { return nil }
                continue
            }
            guard let (entry, isTakenOver) = try write(&writer, progress) else { return nil }
            if isTakenOver { takenOver += 1 }
            try checkUnchanged()
            try journal.append(entry)
            finished.append(entry)
            // One that ends after the last tensor changes nothing.
            guard progress(.tensor) || finished.count == draft.parts.count else { return nil }
        }
        return (finished, takenOver)
    }

    /// Whether a finished tensor was made of the weights that the model has now.
    ///
    /// They are read again only where their files were changed in some way since, be it by a new name.
    private func isMade(
        _ entry: Journal.Entry,
        by writer: PartWriter,
        _ journal: Journal
    ) throws(ConversionError) -> Bool {
        guard journal.mayHaveOtherSource else { return true }
        return try writer.isMade(entry)
    }

    /// Writes one tensor, from the earlier file where it has what would be cast.
    private func write(
        _ writer: inout PartWriter,
        _ progress: @Sendable (Progress) -> Bool
    ) throws(ConversionError) -> (entry: Journal.Entry, isTakenOver: Bool)? {
        let part = writer.part
        func entry(_ result: PartWriter.Result, origin: String?) -> Journal.Entry {
            Journal.Entry(
                tensor: part.tensor.name,
                digest: result.digest.text,
                origin: origin,
                sums: result.sums
            )
        }
        var isCounted = false
        if let earlier, let position = earlier.offers(part, hasImportance: writer.importance != nil) {
            let recorded = earlier.origin(of: part)
            if recorded != nil {
                writer.takeOver(from: earlier, position: position)
                isCounted = true
            } else {
                isCounted = try writer.takeOverBySample(from: earlier, position: position)
            }
            if isCounted {
                let result = try writer.write { progress(.bytes($0)) }
                let origin = result.map { writer.origin($0) }
                if let result, !writer.differsFromEarlier, recorded == nil || recorded == origin {
                    return (entry(result, origin: recorded), true)
                }
                // What ended before its end and found nothing was ended by whoever watches.
                guard result != nil || writer.differsFromEarlier else { return nil }
            }
            writer.castAnew()
        }
        let counted = isCounted
        guard let result = try writer.write({ progress(.bytes(counted ? 0 : $0)) }) else { return nil }
        return (entry(result, origin: part.isCopied ? nil : writer.origin(result)), false)
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
