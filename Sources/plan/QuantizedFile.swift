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
    /// Whether the model makes vectors of texts.
    private let isTextEncoder: Bool
    /// What the encoders look at for the importance of the inputs.
    private let importance: ImportanceChoice
    /// The table that the recipe was planned on, where it is at hand.
    private let table: ImpactTable?

    /// Describes a file.
    ///
    /// - Parameters:
    ///   - draft: What is written.
    ///   - recipe: The recipe.
    ///   - model: The model.
    ///   - importance: What the encoders look at for the importance of the inputs.
    ///   - table: The table that the recipe was planned on, where it is at hand.
    ///   - path: Where the file goes, or the first of several and how many others.
    init(
        _ draft: ModelDraft,
        _ recipe: Recipe,
        of model: Model,
        importance: ImportanceChoice,
        table: ImpactTable?,
        path: String
    ) {
        self.draft = draft
        self.recipe = recipe
        self.importance = importance
        self.table = table
        self.path = path
        isTextEncoder = model.isTextEncoder
        isPlannedModel = model.digest == recipe.model.digest
    }

    /// Why layers have other impacts than were planned, as far as that is known.
    ///
    /// - Parameters:
    ///   - others: The layers.
    ///   - fresh: The tensors that were cast just now, where others were taken over by a sample of their rows; nil elsewhere.
    /// - Returns: The reason.
    private func causes(_ others: [WrittenModel.LayerImpact], fresh: Set<String>?) -> String {
        guard isPlannedModel else {
            return "this is not the model that was planned, so the table is most likely of other weights"
        }
        let stored = draft.storedTensors
        let changed = Set(others.map(\.layer))
        if recipe.layers.allSatisfy({ !changed.contains($0.layer) || $0.tensors.allSatisfy(stored.contains) })
        {
            return "these are copied from the model, where the plan counts them as cast again"
        }
        let planned = ImportanceChoice(plannedFor: recipe)
        guard planned.isSame(as: importance) else {
            return "the table was made with \(planned.words), and the file with \(importance.words)"
        }
        let formats = Dictionary(recipe.layers.map { ($0.layer, $0.format) }) { first, _ in first }
        let spreads = others.map { other in
            formats[other.layer].flatMap { table?.standardError(layer: other.layer, format: $0) } ?? 0
        }
        if spreads.contains(where: { $0 > 0 }) {
            let near = zip(others, spreads).count { abs($0.written - $0.planned) <= 2 * $1 }
            return
                "the table was made from a sample of the rows, and \(near) of these are within twice its standard errors"
        }
        let unscaled =
            draft.parts.contains { $0.format.isScaled }
            && recipe.layers.contains { ["float8_e4m3fn", "float8_e5m2"].contains($0.format) }
        if unscaled { return "the table was made for 8-bit floats without the scales that the file has" }
        let isNear =
            table == nil
            ? "a table of other weights under these names, or of a sample of the rows, is only near"
            : "a table of other weights under these names is only near"
        guard let fresh else { return isNear }
        let differing = Set(others.map(\.layer))
        let damage = """
            tensors were taken over from the earlier file, which may be damaged, or of other weights or another importance: write the \
            model anew with -o
            """
        let freshLayers = recipe.layers.filter { $0.tensors.allSatisfy(fresh.contains) }
        // What was cast just now has nothing of the earlier file.
        if freshLayers.contains(where: { differing.contains($0.layer) }) { return isNear }
        return freshLayers.isEmpty ? "\(isNear); if it is of all rows of this model, \(damage)" : damage
    }

    private var copied: Int { draft.parts.count { $0.isCopied } }

    private func counts(takenOver: Int = 0, from earlier: EarlierFile?) -> String {
        let cast = draft.parts.count - copied - takenOver
        let sample = earlier?.isRecorded == false ? " by a sample of their rows" : ""
        let taken = takenOver == 0 ? "" : ", \(takenOver) taken over from the earlier file\(sample)"
        return "\(draft.parts.count.of("tensor")), \(cast) cast\(taken) and \(copied) as they are"
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
            Tensors      \(counts(takenOver: earlier?.count(in: draft, hasImportance: hasImportance) ?? 0, from: earlier))
            Reads        \(ByteSize(draft.sourceByteCount).both)
            Time         \(time) on \(cores), if the disk keeps up
            Memory       about \(ByteSize(cost.memoryByteCount).decimal)

            """
    }

    /// What was written, and how it stands to the plan.
    ///
    /// - Parameters:
    ///   - written: What was written.
    ///   - earlier: The finished file that was brought up to date, or nil.
    /// - Returns: The lines.
    /// - Throws: What reading the built-in profile throws.
    func text(_ written: WrittenModel, earlier: EarlierFile?) throws -> String {
        let difference = draft.byteCount - recipe.size.bytes
        let text = """
            Model    \(path)
            Size     \(size)\(difference == 0 ? ", as planned" : "")
            Tensors  \(counts(takenOver: written.takenOver, from: earlier))

            """
        let isSampled = written.takenOver > 0 && earlier?.isRecorded == false
        // Of what is taken over by a sample it is not known what it was cast from.
        let fresh = isSampled ? Set(written.origins.keys) : nil
        return text + "Impact   \(try impact(written, fresh: fresh))\n"
    }

    /// The file's impact beside the plan's, or why it is not summed anew.
    private func impact(_ written: WrittenModel, fresh: Set<String>?) throws -> String {
        let planned = Figures.impact(recipe.impact.total)
        let builtIn = try SensitivityProfile.fluxDev
        let profile = recipe.impacts.method?.hasSuffix(builtIn.name) == true ? builtIn : nil
        guard let layers = written.impacts(of: recipe, profile: profile, isTextEncoder: isTextEncoder) else {
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
            \(Figures.impact(most.planned)); \(causes(others, fresh: fresh))
            """
    }
}
