public import Planning
import Sensitivity

extension FinishedModel {
    /// The file as a plan to compare, or nil where the table does not say what it costs.
    public func plan(in prepared: RestrictedTask) -> ComparedPlan? {
        ComparedPlan(kind: .file, name: path, formats: formats, bytes: bytes, in: prepared.task.problem)
    }

    /// What is to be known of the figures, in clauses: what the table does not measure, and what the size counts besides.
    public func remarks(in prepared: RestrictedTask) -> [String] {
        let more = extra.count == 1 ? "1 tensor" : "\(extra.count) tensors"
        return formats.gapTexts(in: prepared.task.problem, columns: prepared.input.table.formats)
            + formats.keptTexts
            + (extra.isEmpty ? [] : ["the file has \(more) more than the model"])
    }
}
