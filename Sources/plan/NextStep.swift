import Checkpoints
import Conversion
import Converters
import Recipes
import Text

/// The one line to type next after a plan whose model is a file: the one that writes the quantized model, or that tells its converter.
struct NextStep {
    /// The command, or a sentence in its place where a file that it names is not at hand.
    let command: String
    /// The file that it writes.
    let output: String
    /// Whether a sentence stands in the command's place.
    private(set) var isSentence = false

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
            let drafts = try? container.drafts(
                recipe,
                model: model,
                importance: nil,
                isRecorded: recipe.recorded.countsRecord,
                isSplit: recipe.recorded.keepsSplit
            ),
            case let draft = ModelDraft(joining: drafts),
            ModelWriter.casts(draft, allowsQuantizedSource: recipe.recorded.allowsQuantizedSource),
            draft.keepsToBudget(of: recipe)
        else { return nil }
        output = Self.stem(path, model: model, limit: limit) + container.fileExtension
        if let converter = recipe.converter, !draft.hasPlannedSize(of: recipe) {
            // This program's file would have another size than was planned for the converter's.
            command = """
                plan export \(ShellText.path(path)) --converter \(converter) --model \(ShellText.input(first, as: "--model"))
                """
            return
        }
        // Without a path that the plan was given, a file is named without its folder.
        if container.looksAtImportance, let missing = recipe.importancePath, InputFile.hasName(missing),
            !InputFile.exists(missing)
        {
            let option = recipe.takesGradientColumns ? "--gradients" : "--imatrix"
            command =
                "plan quantize writes it, given this recipe and \(option) with the place of \(ShellText.path(missing))"
            isSentence = true
            return
        }
        command = """
            plan quantize \(ShellText.input(first, as: "--model")) --recipe \(ShellText.path(path))\(Self.importance(recipe, container)) \
            -o \(ShellText.path(output))
            """
    }

    /// What comes next after a plan for a built-in model, of which there is no file to name.
    ///
    /// - Parameters:
    ///   - recipe: The recipe.
    ///   - path: Where it was written.
    ///   - model: The model.
    /// - Returns: A command, or a sentence; nil for a model that has a file, and where the converter takes no such plan.
    static func withoutFile(
        _ recipe: Recipe,
        at path: String,
        of model: Model
    ) -> (line: String, isSentence: Bool)? {
        guard model.index == nil, model.files.isEmpty else { return nil }
        guard let name = recipe.converter, name != Converters.usual(for: .gguf).name else {
            return ("plan quantize with this recipe and the model's file", true)
        }
        guard let converter = try? Converters.named(name),
            (try? converter.files(for: recipe, model: model.tensors)) != nil
        else { return nil }
        return ("plan export \(ShellText.path(path)) --converter \(name)", false)
    }

    /// The name of the finished file without its ending: that of a recipe whose name the program chose, so that two plans of one
    /// budget have two files, else the model's and the limit.
    private static func stem(_ path: String, model: Model, limit: String) -> String {
        let name = FilePath(path).name
        if path == "\(RecipePlace.folder)/\(name)", name.hasSuffix(".json") {
            return String(name.dropLast(5))
        }
        return "\(RecipePlace.fileName(model.name))-\(RecipePlace.fileName(limit))"
    }

    /// The options that name what the encoders look at, and the gradients that the file's own loss is summed by, where these are at
    /// hand: the recipe knows no folder of theirs.
    private static func importance(_ recipe: Recipe, _ container: ModelContainer) -> String {
        let gradients = recipe.impacts.gradients.map(\.name).flatMap { InputFile.exists($0) ? $0 : nil }
        let summed = gradients.map { " --gradients \(ShellText.path($0))" } ?? ""
        if gradients != nil, recipe.takesGradientColumns { return summed + " --importance gradients" }
        let matrix = container.looksAtImportance ? recipe.importancePath : nil
        return (matrix.map { " --imatrix \(ShellText.input($0, as: "--imatrix"))" } ?? "")
            + summed
    }
}
