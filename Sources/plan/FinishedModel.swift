import BitAllocation
import Checkpoints
import Converters
import Planning
import Recipes
import Reports
import Sensitivity
import Tensors

/// A finished file of the model that is planned: its formats, measured on the table.
struct FinishedModel {
    /// The path as it was given.
    let path: String
    /// The size of its files, in bytes.
    let bytes: Int
    /// Its formats on the task.
    let formats: AssignedFormats
    /// Names of tensors in the file that are none of the model's.
    let extra: [String]

    /// Reads a file's header.
    ///
    /// - Throws: ``Failure`` for a file of another model, and `CheckpointError`.
    init(path: String, in prepared: RestrictedTask) throws {
        let file = try Model.read(path: path)
        guard prepared.input.table.byteCounts == nil else {
            throw Failure(
                code: Failure.badData,
                message: """
                    the table \(prepared.input.table.name.quoted) brings its own sizes along, for formats that no file of \
                    tensors has; finished files cannot be measured on it
                    """
            )
        }
        let model = prepared.input.model
        let found = FinishedFormats(of: model, in: file)
        if let tensor = found.missing.first {
            throw Failure(
                code: Failure.badData,
                message: """
                    \(path.quoted) is no file of the model \(model.name.quoted): it lacks \(Self.count(found.missing.count)), \
                    such as \(tensor.quoted); name the model that it was made from with --model
                    """
            )
        }
        if let misfit = found.misfits.first {
            throw Failure(
                code: Failure.badData,
                message: """
                    \(path.quoted) holds \(misfit.tensor.quoted) as \(misfit.found), which no known format makes of the \
                    tensor of the model \(model.name.quoted)
                    """
            )
        }
        self.path = path
        bytes = file.fileByteCount ?? 0
        formats = prepared.task.measuring { found.formats[$0.name] }
        extra = found.extra
    }

    /// The file as a plan to compare, or nil where the table does not say what it costs.
    func plan(in prepared: RestrictedTask) -> ComparedPlan? {
        ComparedPlan(kind: .file, name: path, formats: formats, bytes: bytes, in: prepared.task.problem)
    }

    /// What is to be known of the figures, in clauses: what the table does not measure, and what the size counts besides.
    func remarks(in prepared: RestrictedTask) -> [String] {
        formats.gapTexts(in: prepared.task.problem) + formats.keptTexts
            + (extra.isEmpty ? [] : ["the file has \(Self.count(extra.count)) more than the model"])
    }

    private static func count(_ tensors: Int) -> String {
        tensors == 1 ? "1 tensor" : "\(tensors) tensors"
    }
}

extension ComparedPlan {
    /// A recipe or a finished file, measured on a task; a note says what the figures do not cover.
    ///
    /// - Throws: ``Failure`` where the table does not say what it costs.
    static func named(_ path: String, in prepared: RestrictedTask) throws -> ComparedPlan {
        guard Model.holdsTensors(path: path) else { return try recipe(path: path, in: prepared) }
        let finished = try FinishedModel(path: path, in: prepared)
        guard let plan = finished.plan(in: prepared) else {
            let reasons = finished.formats.gapTexts(in: prepared.task.problem).joined(separator: "; ")
            throw Failure(
                code: Failure.badData,
                message: """
                    \(path.quoted) cannot be measured on \(prepared.input.table.name.quoted): \(reasons); plan score shows \
                    its size and formats
                    """
            )
        }
        for remark in finished.remarks(in: prepared) { Console.note("\(path): \(remark)") }
        return plan
    }
}
