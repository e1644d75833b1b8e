import BitAllocation
import Checkpoints
import Conversion
import Converters
import Planning
import Recipes
import Reports
import Sensitivity
import Tensors

/// What `plan quantize` says of the file that it writes.
struct QuantizedFile {
    private let draft: ModelDraft
    private let recipe: Recipe
    private let path: String

    init(_ draft: ModelDraft, _ recipe: Recipe, path: String) {
        self.draft = draft
        self.recipe = recipe
        self.path = path
    }

    private var copied: Int { draft.parts.count { $0.isCopied } }

    private func counts(takenOver: Int = 0) -> String {
        let cast = draft.parts.count - copied - takenOver
        let taken = takenOver == 0 ? "" : ", \(takenOver) taken over from the earlier file"
        return "\(draft.parts.count) tensors, \(cast) cast\(taken) and \(copied) as they are"
    }

    private var size: String {
        "\(ByteSize(draft.byteCount).grouped) bytes, \(ByteSize(draft.byteCount).both)"
    }

    /// What would be written.
    var planned: String {
        """
        Would write  \(path)
        Size         \(size)
        Tensors      \(counts())
        Reads        \(ByteSize(draft.sourceByteCount).both)

        """
    }

    /// What was written, and how it stands to the plan.
    func text(_ written: WrittenModel) throws -> String {
        let difference = draft.byteCount - recipe.size.bytes
        var text = """
            Model    \(path)
            Size     \(size)\(difference == 0 ? ", as planned" : "")
            Tensors  \(counts(takenOver: written.takenOver))

            """
        if let impact = try impact(written) { text += "Impact   \(impact)\n" }
        return text
    }

    /// The file's impact beside the plan's, or nil where the table was not made of weights.
    private func impact(_ written: WrittenModel) throws -> String? {
        let builtIn = try SensitivityProfile.fluxDev
        let profile = recipe.impacts.method?.hasSuffix(builtIn.name) == true ? builtIn : nil
        guard let layers = written.impacts(of: recipe, profile: profile) else { return nil }
        let rule = ImpactCombination(recipe.impact.combine)
        let others = layers.filter { !$0.isAsPlanned }
        guard let most = others.max(by: { abs($0.written - $0.planned) < abs($1.written - $1.planned) })
        else {
            return "of the file as planned: \(recipe.impact.total)"
        }
        return """
            of the file \(rule.total(layers.map(\.written))), where the plan says \(recipe.impact.total): \(others.count) of \
            \(layers.count) layers differ, most \(most.layer.quoted) with \(most.written) instead of \(most.planned); a table \
            of a sample of the rows, of another importance matrix, or of floats without scales is only near
            """
    }
}
