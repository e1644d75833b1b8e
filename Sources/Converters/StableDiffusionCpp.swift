import Checkpoints
import Recipes
import Runtimes
import Tensors
import Text

/// `--tensor-type-rules` of stable-diffusion.cpp: one argument, rules `pattern=type` with commas between them.
///
/// The patterns are ECMAScript regular expressions that are searched for, the first that matches counts, and the type
/// names are ggml's to the letter. A rule that cannot be read is left out with a warning, so nothing may be misspelt.
/// The names are those of the file that is converted, which has `model.diffusion_model.` in front or not; the rules
/// allow both. Some tensors stay in the source's type whatever the rules say.
struct StableDiffusionCpp: RuleConverter {
    let name = "stable-diffusion.cpp"
    let summary = "sd-cli -M convert --tensor-type-rules: diffusion models to GGUF"
    let fileName = "tensor-type-rules.txt"
    let formats = ConverterFormat.ggml(without: ["Q2_0"])
    let granularity = ConverterGranularity.tensor
    let sizeAccuracy = SizeAccuracy.exact
    let exclusions = "biases, scales, embeddings, integers, input and output layers"
    let container: ModelContainer? = .gguf
    let runtimes: [TargetRuntime] = [.comfyUIGGUF, .stableDiffusionCpp]
    /// Without `--imat-in` it gives its encoders a vector of ones.
    let countsInputsAlike = true

    /// It reads tensors of 5 dimensions from safetensors, and stores the two outer ones as one (`SD_MAX_DIMS`).
    let dimensionLimit = 5

    /// What stable-diffusion.cpp never converts, types that are no weights aside.
    ///
    /// Source: `tensor_should_be_converted` in stable-diffusion.cpp's `src/model_loader.cpp`.
    private static let untouched = UntouchedTensors(
        parts: [
            "img_in.", "txt_in.", "time_in.", "vector_in.", "guidance_in.", "final_layer.", "x_embedder.",
            "t_embedder.", "y_embedder.", "pos_embed", "context_embedder.", "time_embed.", "label_emb.",
            "embedding",
        ],
        endings: [".bias", ".scale", ".weight_scale"]
    )

    func neverQuantizes(_ tensor: TensorInfo) -> Bool {
        Self.untouched.contains(tensor) || !(tensor.elementType?.isWeightFormat ?? true)
    }

    /// Integers are read as 32-bit ones and doubles as floats; other types that are no weights end the program or are left
    /// out of its file (`src/model_io/safetensors_io.cpp`).
    private static let readAs: [String: QuantizationFormat] = {
        var types = ["F64": QuantizationFormat.f32]
        if let integer = QuantizationFormat(named: "I32") {
            types["I32"] = integer
            types["I64"] = integer
        }
        return types
    }()

    func check(_ tensors: [TensorInfo]) throws(RecipeError) {
        for tensor in tensors {
            guard let type = tensor.elementType, !type.isWeightFormat, Self.readAs[type.name] == nil else {
                continue
            }
            throw .cannotTake(
                tensor: tensor.name,
                reason: "whose type \(type) it does not read",
                converter: name
            )
        }
        try checkRules(for: tensors)
    }

    func keptFormat(for tensor: TensorInfo) -> QuantizationFormat? {
        guard neverQuantizes(tensor) else { return nil }
        return switch tensor.elementType {
        case .float8_e4m3fn?, .float8_e5m2?: .f16
        case let type?: Self.readAs[type.name] ?? type
        case nil: .bf16
        }
    }

    /// A GGUF header without any metadata, in which ggml counts the dimensions (`src/model_io/gguf_io.cpp`).
    ///
    /// Newer versions leave out the padding after the last tensor, where its size is no multiple of 32 bytes.
    func finishedFile(for model: Model, formats: [QuantizationFormat]) throws(CheckpointError) -> FinishedFile
    {
        FinishedFile(
            exact: try GGUFHeader(metadata: []).layout(for: model.tensors.map(\.asGGMLStores))
        )
    }

    /// Its files have no metadata, and the names of the file that is converted.
    func ggufTarget(for model: Model) -> GGUFTarget? {
        GGUFTarget(of: model, entries: [], info: \.asGGMLStores)
    }

    var ruleStyle: RuleStyle {
        RuleStyle(
            dialect: TypeRules.Dialect(
                converter: name,
                lowersPatterns: false,
                optionalPrefix: FluxPlace.prefix,
                groupsNumbers: true
            ),
            separator: ",",
            limit: ShellText.argumentLimit
        )
    }

    func obstacle(to recipe: Recipe, source: SourceFiles) -> String? {
        source.obstacle(
            for: name,
            consequence: "of a part it would make a part of the model and report success"
        )
    }

    /// With which option the program takes the importance matrix of a plan, in a line that begins with a new line; nothing without one.
    private static func importanceNote(of recipe: Recipe) -> String {
        guard let matrix = recipe.importance else { return "" }
        let path = ShellText.input(recipe.importancePath ?? matrix.name, as: "--imatrix")
        return """

            Give it --imat-in \(path) as well: without the matrix it takes an importance of 1 for every \
            input, and makes another file than was planned.
            """
    }

    func command(for recipe: Recipe, file: String, source: SourceFiles) -> String {
        let model = ShellText.fileStem(recipe.model.name)
        let (kinds, placeholder) = (["safetensors", "gguf"], ".safetensors")
        let input = source.word(for: recipe, kinds, placeholder: placeholder)
        return """
            sd-cli -M convert -m \(input) -o \(model)-mixed.gguf \\
              --tensor-type-rules "$(cat \(ShellText.path(file)))"
            Give no --type: one that is smaller than the rules ask for ends the program.
            """ + Self.importanceNote(of: recipe)
                + source.placeholderNote(for: recipe, kinds, placeholder: placeholder)
    }
}
