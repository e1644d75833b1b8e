import Recipes
import Runtimes
import Tensors
import Text

/// `--tensor-type-file` of llama.cpp's `llama-quantize`: a file of rules `pattern=type`, one per line.
///
/// The patterns are ECMAScript regular expressions that are searched for; versions differ in whether the first or the last
/// match counts. Patterns are turned into small letters and names are not, so a capital in a name is matched by `.`. The
/// file has no comments. Every tensor that may be quantized has a rule, because the program gives the others
/// formats of its own, which depend on the rules it has met.
struct LlamaQuantize: LlamaConverter {
    let name = "llama-quantize"
    let summary = "llama-quantize --tensor-type-file: GGUF language models"
    let fileName = "tensor-types.txt"
    let formats = ConverterFormat.ggml()
    let sizeAccuracy = SizeAccuracy.exact
    let runtimes: [TargetRuntime] = [.llamaCpp]
    var matrix = MatrixRecord.none

    var ruleStyle: RuleStyle {
        RuleStyle(
            dialect: TypeRules.Dialect(
                converter: name,
                lowersPatterns: true,
                optionalPrefix: nil,
                groupsNumbers: false
            ),
            separator: "\n"
        )
    }

    func command(for recipe: Recipe, file: String, source: SourceFiles) -> String {
        quantizeCommand(
            for: recipe,
            rules: "--tensor-type-file \(ShellText.path(file))",
            matrix: "imatrix.gguf",
            source: source,
            hint: """
                Add --dry-run to see every tensor's type. Give no --pure, --output-tensor-type or --token-embedding-type.
                """
        )
    }
}
