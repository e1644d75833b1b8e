import Text
import BitAllocation
import Checkpoints
import Conversion
import Converters
import Foundation
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
    /// Whether the model has the digest of the one that was planned, so that at most its weights are others.
    private let isPlannedModel: Bool

    init(_ draft: ModelDraft, _ recipe: Recipe, of model: Model, path: String) {
        self.draft = draft
        self.recipe = recipe
        self.path = path
        isPlannedModel = model.digest == recipe.model.digest
    }

    /// Why layers may have other impacts than were planned.
    private var causes: String {
        isPlannedModel
            ? """
            a table of other weights under these names, of a sample of the rows, of another importance matrix, or of floats without \
            scales is only near
            """
            : "this is not the model that was planned, so the table is most likely of other weights"
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

    /// What would be written, and what that takes.
    ///
    /// - Parameters:
    ///   - hasImportance: Whether the encoders look at an importance.
    ///   - earlier: The finished file that is brought up to date, or nil.
    /// - Returns: The lines.
    func planned(hasImportance: Bool, earlier: EarlierFile?) -> String {
        let coreCount = ProcessInfo.processInfo.activeProcessorCount
        let cost = WritingEstimate(draft, hasImportance: hasImportance, coreCount: coreCount)
        let time = cost.seconds < 1 ? "less than 1 s" : "about \(TimeSpan.roughly(cost.seconds))"
        let cores = coreCount == 1 ? "1 core" : "\(coreCount) cores"
        return """
            Would write  \(path)
            Size         \(size)
            Tensors      \(counts(takenOver: earlier?.count(in: draft) ?? 0))
            Reads        \(ByteSize(draft.sourceByteCount).both)
            Time         \(time) on \(cores), if the disk keeps up
            Memory       about \(ByteSize(cost.memoryByteCount).decimal)

            """
    }

    /// What was written, and how it stands to the plan.
    func text(_ written: WrittenModel) throws -> String {
        let difference = draft.byteCount - recipe.size.bytes
        let text = """
            Model    \(path)
            Size     \(size)\(difference == 0 ? ", as planned" : "")
            Tensors  \(counts(takenOver: written.takenOver))

            """
        return text + "Impact   \(try impact(written))\n"
    }

    /// The file's impact beside the plan's, or why it is not summed anew.
    private func impact(_ written: WrittenModel) throws -> String {
        let planned = Figures.impact(recipe.impact.total)
        let builtIn = try SensitivityProfile.fluxDev
        let profile = recipe.impacts.method?.hasSuffix(builtIn.name) == true ? builtIn : nil
        guard let layers = written.impacts(of: recipe, profile: profile) else {
            let reason =
                recipe.impacts.gradients.map {
                    "give the gradients that the table was made with, \($0.name.visible), with --gradients for that"
                } ?? "the table was measured otherwise than by errors of weights"
            return "\(planned) as planned, not summed anew: \(reason)"
        }
        let rule = ImpactCombination(recipe.impact.combine)
        let others = layers.filter { !$0.isAsPlanned }
        guard let most = others.max(by: { abs($0.written - $0.planned) < abs($1.written - $1.planned) })
        else {
            return "of the file as planned: \(planned)"
        }
        return """
            of the file \(Figures.impact(rule.total(layers.map(\.written)))), where the plan says \(planned): \(others.count) of \
            \(layers.count) layers differ, most \(most.layer.quoted) with \(Figures.impact(most.written)) instead of \
            \(Figures.impact(most.planned)); \(causes)
            """
    }
}
