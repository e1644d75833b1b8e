import Checkpoints
import Converters
import Sensitivity
import Tensors

/// A finished file of the model that is planned: its formats, measured on the table.
public struct FinishedModel: Hashable, Sendable {
    /// The path as it was given.
    public let path: String
    /// The size of its files, in bytes.
    public let bytes: Int
    /// Its formats on the task.
    public let formats: AssignedFormats
    /// Names of tensors in the file that are none of the model's.
    public let extra: [String]
    /// The importance matrix that a GGUF file says it was made with; nil where it says of none.
    public let importance: String?
    /// Whether the file would say of a matrix if it was made with one, as those of llama-quantize do.
    public let recordsImportance: Bool

    /// Reads a file's header.
    ///
    /// - Parameters:
    ///   - path: The file: GGUF, safetensors or an MLX folder.
    ///   - prepared: The model that it is a file of, and the table.
    /// - Throws: ``PlanningError`` for a file of another model and for a table that knows no files, and `CheckpointError`.
    public init(path: String, in prepared: RestrictedTask) throws {
        let file = try Model.read(path: path)
        guard prepared.input.table.byteCounts == nil else {
            throw PlanningError.measuredSizes(table: prepared.input.table.name)
        }
        let model = prepared.input.model
        let found = FinishedFormats(of: model, in: file)
        if let tensor = found.missing.first {
            throw PlanningError.fileOfOtherModel(
                path,
                model: model.name,
                lacks: tensor,
                count: found.missing.count
            )
        }
        if let misfit = found.misfits.first {
            throw PlanningError.unknownStorage(
                path,
                model: model.name,
                tensor: misfit.tensor,
                found: misfit.found
            )
        }
        self.path = path
        bytes = file.fileByteCount ?? 0
        formats = prepared.measuring { found.formats[$0.name] }
        extra = found.extra
        importance = ImportanceRecord.fileName(in: file.metadata)
        recordsImportance = file.kind == .gguf
    }
}
