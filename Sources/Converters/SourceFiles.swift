public import Checkpoints
import Foundation
import Recipes
import Tensors
import Text

/// What is known of the model that a converter is to read: its files, and what they say of themselves.
public struct SourceFiles: Hashable, Sendable {
    /// Nothing is known.
    public static let unknown = SourceFiles(paths: [])

    /// The paths of the model's files, in order; none where they are not known.
    let paths: [String]
    /// What kind of network it is, as the files name it, or nil.
    let architecture: String?
    /// What a GGUF file's tensors are padded to, in bytes.
    let alignment: Int
    /// Whether some of the weights are 8-bit floats that have to be multiplied by scales which stand beside them.
    let hasScaledFloats: Bool
    /// The names of the tensors that have formats already which are not made without an importance matrix.
    let matrixTensors: Set<String>

    /// What a model says of its files.
    public init(_ model: Model) {
        let header = try? GGUFHeader(
            metadata: model.metadata.filter { $0.key == FinishedFile.alignmentKey }
        )
        self.init(
            paths: model.files.map(\.path),
            architecture: model.architecture,
            alignment: header?.alignment ?? 32,
            hasScaledFloats: model.locations.contains { $0.scaling != nil },
            matrixTensors: Set(
                model.tensors.filter { $0.elementType?.needsImportanceMatrix == true }.map(\.name)
            )
        )
    }

    init(
        paths: [String],
        architecture: String? = nil,
        alignment: Int = 32,
        hasScaledFloats: Bool = false,
        matrixTensors: Set<String> = []
    ) {
        self.paths = paths
        self.architecture = architecture
        self.alignment = alignment
        self.hasScaledFloats = hasScaledFloats
        self.matrixTensors = matrixTensors
    }

    /// The model's file, if it is one of the kinds that a converter reads; of several the first.
    ///
    /// - Parameter extensions: The extensions of the files that the converter reads.
    /// - Returns: The path, or nil.
    func path(_ extensions: [String]) -> String? {
        paths.first.flatMap { first in extensions.contains { first.hasSuffix(".\($0)") } ? first : nil }
    }

    /// The model's file as a word of a command: the user's, where it is one of the kinds that the converter reads, or else a
    /// name that stands for it.
    ///
    /// - Parameters:
    ///   - recipe: The recipe, which names the model.
    ///   - extensions: The extensions of the files that the converter reads.
    ///   - placeholder: What follows the model's name in the name that stands for the file.
    ///   - fromElsewhere: Whether the command is run in a folder of the converter's own, where a path from here leads nowhere.
    /// - Returns: The word.
    func word(
        for recipe: Recipe,
        _ extensions: [String],
        placeholder: String,
        fromElsewhere: Bool = false
    ) -> String {
        guard let path = path(extensions) else { return name(recipe, placeholder) }
        return ShellText.path(fromElsewhere ? URL(fileURLWithPath: path).path : path)
    }

    /// A line that says what a name stands for, where the model's own file is not known; it begins with a new line.
    func placeholderNote(for recipe: Recipe, _ extensions: [String], placeholder: String) -> String {
        guard path(extensions) == nil else { return "" }
        return "\n\(name(recipe, placeholder)) stands for the model's file."
    }

    private func name(_ recipe: Recipe, _ placeholder: String) -> String {
        ShellText.fileStem(recipe.model.name) + placeholder
    }

    /// Why a converter that reads one file of weights that are as they stand there makes another model of this one, or nil.
    ///
    /// - Parameters:
    ///   - converter: The converter's name.
    ///   - consequence: What it would do with a part of a model in several files, in a clause.
    /// - Returns: Sentences, or nil.
    func obstacle(for converter: String, consequence: String) -> String? {
        scaledFloats(for: converter) ?? severalFiles(for: converter, consequence: consequence)
    }

    private func severalFiles(for converter: String, consequence: String) -> String? {
        guard paths.count > 1 else { return nil }
        return """
            \(converter) reads a model from one file, and this one is in \(paths.count): \(consequence). Join them into one file, \
            and export the recipe for that.
            """
    }

    /// Why a program that reads the model's files makes other weights of them: it does not multiply 8-bit floats by their scales, or is not
    /// known to; nil where there are none.
    ///
    /// - Parameter program: The program's name.
    /// - Returns: Sentences, or nil.
    func scaledFloats(for program: String) -> String? {
        guard hasScaledFloats else { return nil }
        return """
            The model's weights are 8-bit floats with scales beside them, which \(program) is not known to multiply out: it would make \
            another model and report success. plan quantize multiplies them out; plan for it, without another converter.
            """
    }
}
