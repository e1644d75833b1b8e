import Tensors

/// `--custom-q` of ik_llama.cpp's `llama-quantize`: one argument, rules `pattern=type` with commas between them.
///
/// The patterns are ECMAScript regular expressions that are searched for, the first that matches counts, and the type
/// names are ggml's to the letter. Formats that only ik_llama.cpp has are not known here.
struct IKLlamaCpp: RuleConverter {
    /// The formats of ggml that ik_llama.cpp's line of it has not taken over.
    static let missing: Set<String> = ["NVFP4", "TQ1_0", "TQ2_0", "Q1_0", "Q2_0"]

    let name = "ik_llama.cpp"
    let summary = "ik_llama.cpp's llama-quantize --custom-q: GGUF language models"
    let fileName = "custom-q.txt"
    let formats = ConverterFormat.ggml(without: missing)
    let granularity = ConverterGranularity.tensor
    let sizeAccuracy = SizeAccuracy.tensorData
    let exclusions = "1-D tensors, norms, routers, names that do not end in weight"

    func neverQuantizes(_ tensor: TensorInfo) -> Bool {
        LlamaTensors.neverQuantized(tensor)
    }

    func keptFormat(for tensor: TensorInfo) -> QuantizationFormat? {
        neverQuantizes(tensor) ? tensor.elementType : nil
    }

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

    func usage(of recipe: Recipe, file: String) -> String {
        let model = ShellText.fileStem(recipe.model.name)
        let matrix = LlamaTensors.needsImportanceMatrix(recipe) ? "--imatrix imatrix.dat " : ""
        return """
            llama-quantize \(matrix)--custom-q "$(cat \(ShellText.word(file)))" \\
              \(model)-BF16.gguf \(model)-mixed.gguf \(LlamaTensors.baseType(for: recipe))
            The last word must be a quantized type, or the rules are not read.
            """ + LlamaTensors.architectureNote(for: recipe)
    }
}
