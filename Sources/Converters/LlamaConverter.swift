import Checkpoints
import Recipes
import Tensors
import Text

/// A converter of llama.cpp's family, which decides for each tensor and knows by name what it never quantizes.
protocol LlamaConverter: RuleConverter {
    /// What the file will say of an importance matrix.
    var matrix: MatrixRecord { get set }
}

extension LlamaConverter {
    func adapted(to model: Model, importance: ConverterImportance) -> any Converter {
        var adapted = self
        adapted.matrix = MatrixRecord(importance)
        return adapted
    }

    var granularity: ConverterGranularity { .tensor }
    var container: ModelContainer? { .gguf }
    var exclusions: String { "1-D tensors, norms, routers, names that do not end in weight" }

    func neverQuantizes(_ tensor: TensorInfo) -> Bool {
        UntouchedTensors.llamaCpp.contains(tensor)
    }

    func keptFormat(for tensor: TensorInfo) -> QuantizationFormat? {
        neverQuantizes(tensor) ? tensor.elementType : nil
    }

    func check(_ tensors: [TensorInfo]) throws(RecipeError) {
        if let tensor = tensors.first(where: { SourceNames.isFromHub($0.name) }) {
            throw .otherNames(
                tensor: tensor.name,
                converter: name,
                wanted: "the GGUF file that llama.cpp's convert_hf_to_gguf.py makes of this model"
            )
        }
        for tensor in tensors where !neverQuantizes(tensor) {
            guard let type = tensor.elementType, !type.isWeightFormat else { continue }
            throw .cannotTake(
                tensor: tensor.name,
                reason: "which it would quantize by its name and whose type is \(type)",
                converter: name
            )
        }
        try checkRules(for: tensors)
    }

    func obstacle(to recipe: Recipe, source: SourceFiles) -> String? {
        LlamaTensors.obstacle(to: recipe, source, for: name)
    }

    func finishedFile(for model: Model, formats: [QuantizationFormat]) throws(CheckpointError) -> FinishedFile
    {
        try .copyingMetadata(of: model, formats: formats, matrix: matrix)
    }

    /// The command of a `llama-quantize`, and what is to be known of it.
    ///
    /// - Parameters:
    ///   - recipe: The recipe that was written.
    ///   - rules: The option that gives the rules.
    ///   - matrix: What an importance matrix is called where its name is not known.
    ///   - source: What is known of the model's files.
    ///   - hint: What else is to be known, in sentences.
    /// - Returns: Lines of text.
    func quantizeCommand(
        for recipe: Recipe,
        rules: String,
        matrix: String,
        source: SourceFiles,
        hint: String = ""
    ) -> String {
        let (model, placeholder) = (ShellText.fileStem(recipe.model.name), "-BF16.gguf")
        let options = LlamaTensors.options(for: recipe, source, placeholder: matrix)
        let input = source.word(for: recipe, ["gguf"], placeholder: placeholder)
        return """
            llama-quantize \(options)\(rules) \\
              \(input) \(model)-mixed.gguf \(LlamaTensors.baseType(for: recipe))
            The last word must be a quantized type, or the rules are not read.\(hint.isEmpty ? "" : " " + hint)
            """ + LlamaTensors.matrixNote(for: recipe, source, placeholder: matrix)
                + source.placeholderNote(for: recipe, ["gguf"], placeholder: placeholder)
    }
}
