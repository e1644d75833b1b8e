public import Planning
import Sensitivity
import Tensors
import Text

extension FinishedModel {
    /// The file as a plan to compare, or nil where the table does not say what it costs.
    public func plan(in prepared: RestrictedTask) -> ComparedPlan? {
        ComparedPlan(kind: .file, name: path, formats: formats, bytes: bytes, in: prepared.task.problem)
    }

    /// Where the file's encoders looked at an importance matrix and the table's did not, or the other way round; nil where they did alike, and
    /// where one of the two is not known.
    private func importanceRemark(on table: ImpactTable) -> String? {
        let meaning = table.meaning
        // A table that does not say how it was made may have been made with any matrix, and floats and Q8_0 are cast the same with all.
        guard recordsImportance, meaning.importance != nil || meaning.method != nil,
            formats.layersByFormat.keys.contains(where: { name in
                QuantizationFormat(named: name).map { $0.blockElements > 1 && $0 != .q8_0 } ?? false
            })
        else { return nil }
        let other = "its impact is that of other casts than the file's"
        return switch (importance, meaning.importance) {
        case (let name?, nil):
            "the file was made with an importance matrix, \(name.visible), and the table without one: \(other)"
        case (nil, let reference?) where reference.isFile:
            "the table was made with an importance matrix, and the file records none: \(other)"
        default: nil
        }
    }

    /// What is to be known of the figures, in clauses: what the table does not measure, and what the size counts besides.
    public func remarks(in prepared: RestrictedTask) -> [String] {
        let more = extra.count.of("tensor")
        return formats.gapTexts(in: prepared.task.problem, columns: prepared.input.table.formats)
            + formats.keptTexts
            + (importanceRemark(on: prepared.input.table).map { [$0] } ?? [])
            + (extra.isEmpty ? [] : ["the file has \(more) more than the model"])
    }
}
