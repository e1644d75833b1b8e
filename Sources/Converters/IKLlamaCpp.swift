import Recipes
import Tensors
import Text

/// `--custom-q` of ik_llama.cpp's `llama-quantize`: one argument, rules `pattern=type` with commas between them.
///
/// The patterns are ECMAScript regular expressions that are searched for, the first that matches counts, and the type
/// names are ggml's to the letter. Formats that only ik_llama.cpp has are not known here.
struct IKLlamaCpp: LlamaConverter {
    let name = "ik_llama.cpp"
    let summary = "ik_llama.cpp's llama-quantize --custom-q: GGUF language models"
    let fileName = "custom-q.txt"
    let formats = ConverterFormat.ggml(without: LlamaTensors.missingInIKLlama)
    let sizeAccuracy = SizeAccuracy.exact
    var matrix = MatrixRecord.none

    var ruleStyle: RuleStyle {
        RuleStyle(
            dialect: TypeRules.Dialect(
                converter: name,
                lowersPatterns: false,
                optionalPrefix: nil,
                groupsNumbers: true
            ),
            separator: ",",
            limit: ShellText.argumentLimit
        )
    }

    func command(for recipe: Recipe, file: String, source: SourceFiles) -> String {
        quantizeCommand(
            for: recipe,
            rules: "--custom-q \"$(cat \(ShellText.path(file)))\"",
            matrix: "imatrix.dat",
            source: source
        )
    }
}
