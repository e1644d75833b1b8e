import Checkpoints
import Recipes
import Tensors
import Text

/// A `.recipe` file of Thireus' GGUF tool suite: rules `pattern=type`, one per line, for every tensor there is.
///
/// The patterns are matched by the shell, which searches as `=~` does, and the first that matches counts. The same text,
/// with commas between the rules, is `--custom-q` of ik_llama.cpp.
struct ThireusRecipe: LlamaConverter {
    let name = "thireus"
    let summary = "a .recipe of Thireus' GGUF tools, for ik_llama.cpp models"
    let fileName = "plan.recipe"
    let formats = ConverterFormat.ggml(without: LlamaTensors.missingInIKLlama)
    let sizeAccuracy = SizeAccuracy.tensorData
    var matrix = MatrixRecord.none

    func finishedFile(for model: Model, formats: [QuantizationFormat]) throws(CheckpointError) -> FinishedFile
    {
        FinishedFile(
            try FinishedFile.copyingMetadata(of: model, formats: formats, matrix: matrix).layout,
            knownTo: .tensorData,
            because: "the tools fetch a file per tensor, each with a header of its own"
        )
    }

    var ruleStyle: RuleStyle {
        RuleStyle(
            dialect: TypeRules.Dialect(
                converter: name,
                lowersPatterns: false,
                optionalPrefix: nil,
                groupsNumbers: false
            ),
            separator: "\n",
            listsAll: true
        )
    }

    func obstacle(to recipe: Recipe, source: SourceFiles) -> String? {
        guard LlamaTensors.imageArchitecture(of: recipe, source) != nil else { return nil }
        return
            "The tools fetch the tensors of language models that are published for them, and this is none of those."
    }

    func command(for recipe: Recipe, file: String, source: SourceFiles) -> String {
        guard file.hasSuffix(".recipe") || file.hasSuffix(".recipe.txt") else {
            return """
                The tools read files whose names end in .recipe or .recipe.txt: export the recipe under such a name, and the \
                command that reads it is shown.
                """
        }
        return "quant_downloader.sh \(ShellText.path(file))"
    }
}
