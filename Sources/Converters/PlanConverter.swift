import Checkpoints
import Quantization
import Recipes
import Runtimes
import Tensors
import Text

/// This program itself, which writes a GGUF file: from a GGUF file of any architecture, or from a diffusion model in
/// safetensors.
///
/// Every tensor may take a format of its own, of all that have a codec and a number in GGUF. What is not planned stays as
/// `llama-quantize` leaves it in a GGUF file, and as ComfyUI-GGUF's converter leaves it in a diffusion model. Which of
/// these it is follows from the model, see ``adapted(to:importance:)``; without one the recipe decides.
struct PlanConverter: Converter {
    let name = "plan"
    let summary = "plan quantize: a GGUF file, written by this program"
    let fileName = "recipe.json"
    let formats = RowCodec.formats.compactMap { format -> ConverterFormat? in
        guard format.isWeightFormat, format.ggufTypeID != nil, let spelling = format.ggmlName else {
            return nil
        }
        return ConverterFormat(format, spelling: spelling)
    }
    let granularity = ConverterGranularity.tensor
    let sizeAccuracy = SizeAccuracy.exact
    let exclusions = "1-D tensors, norms, routers, embeddings and input and output layers of diffusion models"
    let container: ModelContainer? = .gguf
    let runtimes: [TargetRuntime] = [.llamaCpp, .comfyUIGGUF, .stableDiffusionCpp]
    let canKeepSplit = true
    let takesPartOfPipeline = true

    private var kind: ModelKind?
    private var target: GGUFTarget?
    private var matrix = MatrixRecord.none
    private var record: RecipeRecord?
    private var keepsSplit = false

    init() {}

    func adapted(to model: Model, importance: ConverterImportance) -> any Converter {
        var adapted = self
        adapted.kind = model.kind
        adapted.target = GGUFTarget(for: model)
        adapted.matrix = MatrixRecord(importance)
        if case .ones = importance { adapted.matrix = .nothing }
        return adapted
    }

    func recording() -> any Converter {
        var recording = self
        recording.record = .placeholder
        return recording
    }

    func keepingSplit() -> any Converter {
        var keeping = self
        keeping.keepsSplit = true
        return keeping
    }

    /// ComfyUI-GGUF for a diffusion model's file.
    func usualRuntime(for model: Model) -> TargetRuntime? {
        GGUFTarget(for: model)?.architecture == nil ? nil : .comfyUIGGUF
    }

    func neverQuantizes(_ tensor: TensorInfo) -> Bool {
        guard tensor.elementType?.isWeightFormat ?? true else { return true }
        return target?.architecture?.neverQuantizes(tensor) ?? UntouchedTensors.llamaCpp.contains(tensor)
    }

    /// What could be quantized is cast as the recipe says, and left as it is where that says nothing else.
    func keptFormat(for tensor: TensorInfo) -> QuantizationFormat? {
        guard let kind else { return nil }
        let own = tensor.elementType
        let format = kind == .gguf ? own : target?.architecture?.keptFormat(of: tensor)
        let isDecidedByRecipe = !neverQuantizes(tensor) && format == own && own.map(accepts) ?? true
        return isDecidedByRecipe ? nil : format
    }

    /// F16 holds every 8-bit float.
    func stayingFormat(of type: QuantizationFormat) -> QuantizationFormat? {
        accepts(type) ? type : [.float8_e4m3fn, .float8_e5m2].contains(type) ? .f16 : nil
    }

    /// The longest name that ComfyUI-GGUF's reader takes.
    private static let nameLimit = 127

    func leftOut(of model: Model) -> Set<String> { Set(model.trainingState) }

    func check(_ tensors: [TensorInfo]) throws(RecipeError) {
        if target == nil, tensors.contains(where: { SourceNames.isFromHub($0.name) }) {
            throw .noGGUF(isLanguageModel: true, known: [])
        }
        if kind == .safetensors, target == nil {
            throw .noGGUF(isLanguageModel: false, known: GGUFTarget.architectureNames)
        }
        for tensor in tensors {
            if let type = tensor.elementType, type.ggufTypeID == nil, stayingFormat(of: type) == nil {
                throw .cannotTake(
                    tensor: tensor.name,
                    reason: "whose type \(type) no GGUF file has",
                    converter: name
                )
            }
            if kind != .gguf, tensor.name.utf8.count > Self.nameLimit {
                throw .cannotTake(
                    tensor: tensor.name,
                    reason: "whose name has more than \(Self.nameLimit) bytes",
                    converter: name
                )
            }
        }
    }

    func finishedFile(for model: Model, formats: [QuantizationFormat]) throws(CheckpointError) -> FinishedFile
    {
        guard let target = target ?? GGUFTarget(for: model) else {
            return try .copyingMetadata(of: model, formats: formats, matrix: matrix)
        }
        let known = matrix.record(for: formats)
        let layout =
            keepsSplit && model.files.count > 1
            ? try target.splitLayout(of: model, importance: known?.entries, record: record)
            : try target.layout(of: model, importance: known?.entries, record: record)
        guard known?.isExact ?? true else {
            return FinishedFile(layout, knownTo: .tensorData, because: MatrixRecord.uncertainty)
        }
        return FinishedFile(exact: layout)
    }

    func write(_ recipe: CheckedRecipe) throws(RecipeError) -> [ConverterFile] {
        [ConverterFile(name: fileName, text: try recipe.recipe.jsonText(), mark: .names)]
    }

    func command(for recipe: Recipe, file: String, source: SourceFiles) -> String {
        let model = ShellText.fileStem(recipe.model.name)
        let kinds = ["gguf", "safetensors", "json"]
        let argument = LlamaTensors.matrixArgument(for: recipe, source, placeholder: "imatrix.gguf")
        return """
            plan quantize \(source.word(for: recipe, kinds, placeholder: ".gguf")) \
            --recipe \(ShellText.path(file)) \(argument)-o \(model)-mixed.gguf\
            \(source.placeholderNote(for: recipe, kinds, placeholder: ".gguf"))
            """
    }
}
