import Checkpoints
import Conversion
import Converters
import Foundation
import Recipes

/// The one line to type next after a plan whose model is a file: the one that writes the quantized model.
struct NextStep {
    /// The command.
    let command: String
    /// The file that it writes.
    let output: String

    /// Finds the command; nil where this program does not write what was planned.
    ///
    /// - Parameters:
    ///   - recipe: The recipe.
    ///   - path: Where it was written.
    ///   - model: The model.
    ///   - limit: The budget, or the greatest impact, as it was typed.
    init?(_ recipe: Recipe, at path: String, of model: Model, limit: String) {
        guard let first = model.index ?? model.files.first?.path,
            let container = try? ModelContainer(recipe, path: nil),
            let draft = try? container.draft(
                recipe,
                model: model,
                importance: nil,
                isRecorded: recipe.countsRecord
            ),
            draft.parts.allSatisfy({ $0.isCopied || ModelWriter.casts($0) }),
            Self.fits(draft, recipe)
        else { return nil }
        // Without a path that the plan was given, a matrix is named without its folder.
        if let path = recipe.importancePath, !FileManager.default.fileExists(atPath: path) { return nil }
        output =
            "\(RecipePlace.fileName(model.name))-\(RecipePlace.fileName(limit))\(container.fileExtension)"
        let matrix = recipe.importancePath.map { " --imatrix \(ShellText.word($0))" } ?? ""
        command = """
            plan quantize \(ShellText.word(first)) --recipe \(ShellText.word(path))\(matrix) \
            -o \(ShellText.word(output))
            """
    }

    /// What the record of an importance matrix takes at most in a header.
    private static let recordByteCount = 512

    /// Whether the file keeps to the budget, which a plan for another converter may have left less room for its header.
    private static func fits(_ draft: ModelDraft, _ recipe: Recipe) -> Bool {
        guard case .bytes(let budget) = recipe.limit else { return true }
        let record = recipe.importance == nil || recipe.converter == "plan" ? 0 : recordByteCount
        return draft.byteCount + record <= budget
    }
}
