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
    private let model: Model
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
        self.model = model
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
        return """
            Model    \(path)
            Size     \(size)\(draft.byteDifference(from: recipe) == 0 ? ", as planned" : "")
            Tensors  \(counts(takenOver: written.takenOver, from: earlier))
            Impact   \(try impact(written, earlier))

            """
    }

    /// The file's impact beside the plan's, or why it is not summed anew.
    private func impact(_ written: WrittenModel, _ earlier: EarlierFile?) throws -> String {
        let planned = Figures.impact(recipe.impact.total)
        let layers = written.impacts(
            of: recipe,
            profile: try SensitivityProfile.builtIn(ofMethod: recipe.impacts.method),
            isTextEncoder: model.isTextEncoder
        )
        guard let layers else {
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
        let difference = written.difference(
            of: others,
            from: recipe,
            model: model,
            importance: importance,
            table: table,
            earlier: earlier
        )
        return """
            of the file \(Figures.impact(rule.total(layers.map(\.written)))), where the plan says \(planned): \(others.count) of \
            \(layers.count) layers differ, most \(most.layer.quoted) with \(Figures.impact(most.written)) instead of \
            \(Figures.impact(most.planned)); \(difference.words)
            """
    }
}

extension ImpactDifference {
    /// The reason as the end of a sentence.
    fileprivate var words: String {
        switch self {
        case .otherModel:
            return "this is not the model that was planned, so the table is most likely of other weights"
        case .copied:
            return "these are copied from the model, where the plan counts them as cast again"
        case .otherImportance(let planned, let used):
            return "the table was made with \(planned.words), and the file with \(used.words)"
        case .sampledRows(let nearCount):
            return
                "the table was made from a sample of the rows, and \(nearCount) of these are within twice its standard errors"
        case .unscaledTable:
            return "the table was made for 8-bit floats without the scales that the file has"
        case .otherWeights(let isTableKnown, let orEarlierFile):
            let sample = isTableKnown ? "" : ", or of a sample of the rows,"
            let damage = orEarlierFile ? "; if it is of all rows of this model, \(Self.damage)" : ""
            return "a table of other weights under these names\(sample) is only near\(damage)"
        case .earlierFile:
            return Self.damage
        }
    }

    private static let damage = """
        tensors were taken over from the earlier file, which may be damaged, or of other weights or another importance: write the \
        model anew with -o
        """
}
