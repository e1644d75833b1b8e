public import Checkpoints
import Dispatch
import Quantization
import Synchronization
public import Tensors
import Text

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A copy of a model's files, of which the weights of some tensors are replaced for a while by what a format makes of them.
///
/// A tensor's values become `decode(encode(w))` in the source's own float type, so that every byte keeps its place and any
/// runtime reads the copy as it reads the model. They are rounded once more by that: to 11 bits in F16, which is next to
/// nothing, and to 8 bits in BF16, which adds to the error of a format of 8 bits and is nothing beside one of 4.
///
/// Making the copy is comparing it with the source and writing what differs. So a copy that an interrupted program left, half
/// made or with a tensor replaced, is mended at the next start, and nothing is ever measured on it before.
public final class ScratchModel {
    /// The types of floats that weights are replaced in.
    public static let sourceFormats: [QuantizationFormat] = [.f32, .f16, .bf16]

    /// What a runtime is given: the copy of the file, or of the folder, that the model was named by.
    public let path: String
    /// The folder with the copy.
    public let folder: String

    /// A file in the folder for what commands write.
    public var outputPath: String { folder + "/output.txt" }
    /// A file in the folder for the logits of the model as it is.
    public var basePath: String { folder + "/base.kld" }

    private let model: Model
    private let weights: WeightData
    private let importance: ImportanceMatrix?
    private let files: [ScratchFile]
    private var links: [String] = []
    private var replaced: [Int] = []

    private static let pieceBytes = 1 << 22

    /// Makes the copy, or mends the one that is there.
    ///
    /// - Parameters:
    ///   - model: The model, read from files with weights.
    ///   - name: The path that the model was named by: one of its files, an index of them, or their folder.
    ///   - folder: Where the copy goes; it is made if its parent is there.
    ///   - importance: The mean squares of the inputs, which the encoders look at.
    ///   - progress: Called with the bytes that are compared or written; false ends the copying.
    /// - Throws: ``CalibrationError/interrupted``, ``CalibrationError/cannotWrite(path:reason:)``,
    ///   ``CalibrationError/scratchIsModel(path:)``, ``CalibrationError/scratchInUse(path:)`` for a folder that holds anything but a
    ///   copy that an earlier run left, ``CalibrationError/diskFull(path:needed:free:)``, and
    ///   ``CalibrationError/checkpoint(_:)``.
    public init(
        of model: Model,
        named name: String,
        in folder: String,
        importance: ImportanceMatrix? = nil,
        progress: (Int) -> Bool = { _ in true }
    ) throws(CalibrationError) {
        self.model = model
        self.folder = folder
        self.importance = importance
        weights = try CalibrationError.wrapping { () throws(CheckpointError) in try WeightData(of: model) }
        try Self.take(folder)
        try Self.checkSpace(for: model, in: folder)
        var files: [ScratchFile] = []
        for file in model.files {
            let target = folder + "/" + FilePath(file.path).name
            guard !files.contains(where: { $0.path == target }) else {
                throw .cannotWrite(path: target, reason: "two files of the model have that name")
            }
            files.append(try ScratchFile(path: target, source: file.path, byteCount: file.byteCount))
        }
        self.files = files
        let isFolder = Folder.exists(name)
        switch model.kind {
        case .safetensors where isFolder: path = folder
        case .safetensors: path = folder + "/" + FilePath(name).name
        case .gguf, .inventory: path = files.first?.path ?? folder
        }
        // A runtime of safetensors looks for the model's configuration and its tokenizer beside the weights.
        if model.kind == .safetensors, let first = model.files.first {
            try linkNeighbours(of: first.path)
        }
        for (index, file) in files.enumerated() {
            try copy(index, to: file, progress)
        }
    }

    /// Replaces the weights of tensors by what a format makes of them.
    ///
    /// - Parameters:
    ///   - indices: The positions of the tensors in the model.
    ///   - format: The format, which has a codec and fits the tensors.
    /// - Returns: Whether the format can hold the weights; where not, nothing is replaced.
    /// - Throws: ``CalibrationError/weights(tensor:problem:)``, ``CalibrationError/cannotWrite(path:reason:)``, and
    ///   ``CalibrationError/checkpoint(_:)``.
    public func replace(_ indices: [Int], with format: QuantizationFormat) throws(CalibrationError) -> Bool {
        try restore()
        for index in indices {
            // Noted before the first byte changes, so that an error leaves nothing that is not put back.
            replaced.append(index)
            guard try cast(index, to: format) else {
                try restore()
                return false
            }
        }
        return true
    }

    /// Puts the model's own weights back.
    ///
    /// - Throws: ``CalibrationError/cannotWrite(path:reason:)`` and ``CalibrationError/checkpoint(_:)``.
    public func restore() throws(CalibrationError) {
        while let index = replaced.last {
            let location = model.locations[index]
            for start in stride(from: 0, to: location.byteCount, by: Self.pieceBytes) {
                let range = start..<min(start + Self.pieceBytes, location.byteCount)
                try files[location.file].write(
                    try bytes(range, ofTensor: index),
                    at: location.offset + range.lowerBound
                )
            }
            replaced.removeLast()
        }
    }

    /// Takes the copy away, and its folder if there is nothing else in it.
    public func remove() {
        for file in files { file.path.withSystemPath { _ = unlink($0) } }
        for path in links + [outputPath, basePath, Self.markPath(in: folder)] {
            path.withSystemPath { _ = unlink($0) }
        }
        folder.withSystemPath { _ = rmdir($0) }
    }

    /// Takes away a copy that an interrupted program left, with its folder; a folder that is none of scratch copies stays.
    ///
    /// - Parameter folder: The folder.
    public static func removeLeft(in folder: String) {
        let mark = markPath(in: folder)
        guard mark.withSystemPath({ access($0, F_OK) }) == 0 else { return }
        // The mark goes last, so that an interrupted removal is gone on with.
        let held = ((try? Folder.names(in: folder)) ?? []).map { folder + "/" + $0 }.filter { $0 != mark }
        for path in held + [mark] { path.withSystemPath { _ = unlink($0) } }
        folder.withSystemPath { _ = rmdir($0) }
    }

    // MARK: The folder

    /// The file by which a folder is known to be one of scratch copies, in which everything may be replaced and removed.
    private static func markPath(in folder: String) -> String { folder + "/.plan-scratch" }

    /// Makes the folder, or takes an empty one, or one that an earlier run left.
    private static func take(_ folder: String) throws(CalibrationError) {
        if folder.withSystemPath({ mkdir($0, 0o777) }) != 0 {
            guard errno == EEXIST else { throw .cannotWrite(path: folder, reason: SystemCall.reason) }
            let held = (try? Folder.names(in: folder)) ?? []
            guard held.isEmpty || markPath(in: folder).withSystemPath({ access($0, F_OK) }) == 0 else {
                throw .scratchInUse(path: folder)
            }
        }
        guard OwnedDescriptor(opening: markPath(in: folder), O_WRONLY | O_CREAT | O_NOFOLLOW) != nil else {
            throw .cannotWrite(path: folder, reason: SystemCall.reason)
        }
    }

    // MARK: Casting

    /// Casts a tensor, pieces of it side by side on all cores; false if the format cannot hold a weight.
    private func cast(_ index: Int, to format: QuantizationFormat) throws(CalibrationError) -> Bool {
        let tensor = model.tensors[index]
        guard let type = tensor.elementType, Self.sourceFormats.contains(type),
            let source = RowCodec(type), let codec = RowCodec(format), format.fits(tensor)
        else { throw .unreadableType(tensor: tensor.name, type: tensor.elementType?.name ?? "unknown") }
        let location = model.locations[index]
        let meanSquares = try CalibrationError.wrapping { () throws(CheckpointError) in
            tensor.dimensionCount >= 4 ? nil : try importance?.encodingWeights(of: tensor)
        }
        let caster = TensorCast(
            tensor: tensor,
            type: type,
            source: source,
            codec: codec,
            meanSquares: meanSquares
        )
        let rowsPerPiece = max(1, (1 << 18) / caster.rowBytes)
        let starts = Array(stride(from: 0, to: tensor.rowCount, by: rowsPerPiece))
        struct State {
            var error: CalibrationError?
            var overflows = false
        }
        let state = Mutex(State())
        let (weights, file) = (weights, files[location.file])
        DispatchQueue.concurrentPerform(iterations: starts.count) { piece in
            guard state.withLock({ $0.error == nil && !$0.overflows }) else { return }
            let rows = starts[piece]..<min(starts[piece] + rowsPerPiece, tensor.rowCount)
            do throws(CalibrationError) {
                let range = rows.lowerBound * caster.rowBytes..<rows.upperBound * caster.rowBytes
                let bytes = try CalibrationError.wrapping { () throws(CheckpointError) in
                    try weights.bytes(range, ofTensor: index)
                }
                if let cast = try caster.cast(bytes, rows: rows) {
                    try file.write(cast, at: location.offset + range.lowerBound)
                } else {
                    state.withLock { $0.overflows = true }
                }
            } catch {
                state.withLock { $0.error = $0.error ?? error }
            }
        }
        let ended = state.withLock { $0 }
        if let error = ended.error { throw error }
        return !ended.overflows
    }

    // MARK: Copying

    private func bytes(_ range: Range<Int>, ofTensor index: Int) throws(CalibrationError) -> [UInt8] {
        try CalibrationError.wrapping { () throws(CheckpointError) in
            try weights.bytes(range, ofTensor: index)
        }
    }

    private func copy(
        _ index: Int,
        to file: ScratchFile,
        _ progress: (Int) -> Bool
    ) throws(CalibrationError) {
        let source = try CalibrationError.wrapping { () throws(CheckpointError) in
            try ByteSource(path: model.files[index].path)
        }
        guard source.byteCount == model.files[index].byteCount else {
            throw .checkpoint(.fileChanged(path: model.files[index].path))
        }
        for start in stride(from: 0, to: source.byteCount, by: Self.pieceBytes) {
            let range = start..<min(start + Self.pieceBytes, source.byteCount)
            let bytes = try CalibrationError.wrapping { () throws(CheckpointError) in
                try source.part(range)
            }
            try file.mend(bytes, at: start)
            guard progress(range.count) else { throw .interrupted }
        }
        try file.end()
    }

    /// Links the other files of a model's folder into the scratch folder.
    private func linkNeighbours(of path: String) throws(CalibrationError) {
        let source = FilePath(path).folderPath
        guard let real = source.withSystemPath({ realpath($0, nil) }) else { return }
        defer { free(real) }
        let absolute = String(systemPath: UnsafeRawBufferPointer(start: real, count: strlen(real)))
        let own = Set(model.files.map { FilePath($0.path).name })
        for name in (try? Folder.names(in: source)) ?? [] where !own.contains(name) {
            let link = folder + "/" + name
            guard !Folder.exists(absolute + "/" + name), absolute + "/" + name != folder else { continue }
            let isLinked = (absolute + "/" + name).withSystemPath { target in
                link.withSystemPath { symlink(target, $0) == 0 }
            }
            if !isLinked, errno != EEXIST {
                throw .cannotWrite(path: link, reason: SystemCall.reason)
            }
            links.append(link)
        }
    }

    /// Checks that the copy will fit, so that a disk is not filled in vain.
    private static func checkSpace(for model: Model, in folder: String) throws(CalibrationError) {
        var needed = 0
        for file in model.files {
            var status = stat()
            let there =
                (folder + "/" + FilePath(file.path).name).withSystemPath({ stat($0, &status) }) == 0
                ? Int(status.st_blocks) * 512 : 0
            needed += max(0, file.byteCount - there)
        }
        var space = statvfs()
        guard folder.withSystemPath({ statvfs($0, &space) }) == 0 else { return }
        let (free, overflow) = Int(space.f_bavail).multipliedReportingOverflow(by: Int(space.f_frsize))
        guard overflow || free >= needed else { throw .diskFull(path: folder, needed: needed, free: free) }
    }
}
