import Checkpoints
import Text
import Recipes
import Tensors

/// `--layer-config` of convert_to_quant, which casts the linear modules of a safetensors file.
///
/// ```json
/// {
///   "^double_blocks\\.0\\.img_attn\\.qkv$": {"format": "float8_e4m3fn"},
///   "^img_in$": {"skip": true}
/// }
/// ```
///
/// The keys are regular expressions of Python for the modules' names, and which of several matches counts depends on how
/// specific they are; so every module has one that matches it alone, those that stay as they are too.
struct ConvertToQuant: ScaledFloatConverter {
    let name = "convert_to_quant"
    let summary = "ctq --layer-config: safetensors with float8 layers for ComfyUI"
    let fileName = "layer-config.json"
    let formats = [
        ConverterFormat(.float8_e4m3fn_scaled, spelling: "float8_e4m3fn"),
        // Tables that know no scales mean the same file.
        ConverterFormat(.float8_e4m3fn, spelling: "float8_e4m3fn"),
        ConverterFormat(.bf16, spelling: "skip", isUntouched: true),
        ConverterFormat(.f16, spelling: "skip", isUntouched: true),
        ConverterFormat(.f32, spelling: "skip", isUntouched: true),
    ]
    let exclusions = "all but the 2-D weights of linear modules, modules below 16 x 16"

    /// What convert_to_quant never casts: all but the weights of linear modules, and those below 16 x 16.
    ///
    /// Source: `config/layer_config.py` in convert_to_quant.
    private static let untouched = UntouchedTensors(
        requiredEnding: ".weight",
        dimensions: 2...2,
        smallestDimension: 16
    )

    func neverQuantizes(_ tensor: TensorInfo) -> Bool {
        Self.untouched.contains(tensor)
    }

    func finishedFile(for model: Model, formats: [QuantizationFormat]) -> FinishedFile {
        SafetensorsScales.finishedFile(for: model)
    }

    func check(_ tensors: [TensorInfo]) throws(RecipeError) {
        for tensor in tensors where !neverQuantizes(tensor) {
            try TypeRules.check(tensor.name, for: name)
        }
    }

    /// How it reads patterns.
    var dialect: TypeRules.Dialect {
        TypeRules.Dialect(
            converter: name,
            lowersPatterns: false,
            optionalPrefix: nil,
            groupsNumbers: false
        )
    }

    func write(_ recipe: CheckedRecipe) throws(RecipeError) -> [ConverterFile] {
        var types: [(name: String, type: String?)] = []
        for assignment in recipe.assignments {
            guard let module = LinearModule(assignment.tensor), !neverQuantizes(assignment.tensor) else {
                continue
            }
            let accepted = formats.first { $0.format == assignment.format && assignment.layer != nil }
            types.append((module.name, accepted?.spelling ?? "skip"))
        }
        let rules = try TypeRules(
            types.compactMap { name, type in type.map { (name, $0) } },
            dialect: dialect
        )
        try rules.prove(rules.rules.map(\.text), give: types)
        let text = try JSONValue.object(
            rules.rules.map { rule in
                .init(
                    key: rule.pattern,
                    value: rule.type == "skip" ? ["skip": true] : ["format": .string(rule.type)]
                )
            }
        ).converterText()
        return [ConverterFile(name: fileName, text: text, mark: .names)]
    }

    func obstacle(to recipe: Recipe, source: SourceFiles) -> String? {
        source.obstacle(for: name, consequence: "of a part it would make a part of the model")
    }

    func command(for recipe: Recipe, file: String, source: SourceFiles) -> String {
        let model = ShellText.fileStem(recipe.model.name)
        let (kinds, placeholder) = (["safetensors"], ".safetensors")
        return """
            ctq -i \(source.word(for: recipe, kinds, placeholder: placeholder)) -o \(model)-mixed.safetensors \\
              --layer-config \(ShellText.path(file)) --fullmatch --comfy_quant --save-quant-metadata
            """ + source.placeholderNote(for: recipe, kinds, placeholder: placeholder)
    }
}
