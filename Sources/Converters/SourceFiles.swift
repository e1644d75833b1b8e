import Recipes

/// The files of the model that a converter is to read, as far as they are known.
struct SourceFiles {
    private let paths: [String]
    private let modelName: String

    init(_ recipe: Recipe, paths: [String]) {
        self.paths = paths
        modelName = ShellText.fileStem(recipe.model.name)
    }

    /// The model's file as a word of a command: the user's, where it is one of the kinds that the converter reads, or else a
    /// name that stands for it.
    ///
    /// - Parameters:
    ///   - extensions: The extensions of the files that the converter reads.
    ///   - placeholder: What follows the model's name in the name that stands for the file.
    /// - Returns: The word.
    func word(_ extensions: [String], placeholder: String) -> String {
        guard let first = paths.first, extensions.contains(where: { first.hasSuffix(".\($0)") }) else {
            return "\(modelName)\(placeholder)"
        }
        return ShellText.word(first)
    }

    /// A line that warns of a model in several files, or nothing.
    func severalFilesNote(for converter: String) -> String {
        guard paths.count > 1 else { return "" }
        return "\n\(converter) cannot read a model in \(paths.count) files: join them into one first."
    }
}
