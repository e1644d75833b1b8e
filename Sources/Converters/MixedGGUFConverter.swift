import Checkpoints
import Recipes
import Runtimes
import Tensors
import Text

/// `configurations.yaml` of mixed-gguf-converter, which writes FLUX.1 as GGUF.
///
/// ```yaml
/// configurations:
///   '6_05':
///     casts:
///     - castto: Q8_0
///       layers: 0-3, 12
///     notes: made by plan
/// metadata:
///   native: Q4_1,Q5_1,Q8_0,BF16,F32
/// ```
///
/// Layers are whole blocks, and the last entry that names one counts; one that no entry names ends in F32, as does
/// everything outside the blocks. Formats that are not native are copied from files that hold the whole model in
/// them, whose names have the format's name as the file's quantization is called: `Q5_K_S`, not `Q5_K`.
struct MixedGGUFConverter: Converter {
    static let native = [
        ConverterFormat(.q4_1, spelling: "Q4_1"),
        ConverterFormat(.q5_1, spelling: "Q5_1"),
        ConverterFormat(.q8_0, spelling: "Q8_0"),
        ConverterFormat(.bf16, spelling: "BF16"),
        ConverterFormat(.f32, spelling: "F32"),
    ]
    static let patched = [
        ConverterFormat(.q2_K, spelling: "Q2_K"),
        ConverterFormat(.q3_K, spelling: "Q3_K_S"),
        ConverterFormat(.q4_0, spelling: "Q4_0"),
        ConverterFormat(.q4_K, spelling: "Q4_K_S"),
        ConverterFormat(.q5_0, spelling: "Q5_0"),
        ConverterFormat(.q5_K, spelling: "Q5_K_S"),
        ConverterFormat(.q6_K, spelling: "Q6_K"),
    ]

    let name = "mixed-gguf-converter"
    let summary = "configurations.yaml of mixed-gguf-converter: FLUX.1 to GGUF"
    let fileName = "configurations.yaml"
    let formats = native + patched
    let granularity = ConverterGranularity.block
    let sizeAccuracy = SizeAccuracy.exact
    let exclusions = "everything outside the blocks, 1-D tensors below 2000 elements (to F32)"
    let container: ModelContainer? = .gguf
    let runtimes: [TargetRuntime] = [.comfyUIGGUF]

    func neverQuantizes(_ tensor: TensorInfo) -> Bool {
        FluxPlace(name: tensor.name) == nil || tensor.dimensionCount == 1 && tensor.elementCount < 2000
    }

    /// Of a block's 1-D tensors only the short ones end in F32.
    func castsWithLayer(_ tensor: TensorInfo) -> Bool {
        FluxPlace(name: tensor.name) != nil && !neverQuantizes(tensor)
    }

    func check(_ tensors: [TensorInfo]) throws(RecipeError) {
        try FluxPlace.check(tensors, for: self)
        try checkDimensions(tensors)
    }

    /// A GGUF header with the architecture and, for each tensor that is not copied from another file, its shape.
    func finishedFile(for model: Model, formats: [QuantizationFormat]) throws(CheckpointError) -> FinishedFile
    {
        let tensors = model.tensors.map(Self.written)
        let layout = try GGUFHeader(metadata: Self.entries(tensors)).layout(for: tensors)
        guard formats.contains(where: { format in Self.patched.contains { $0.format == format } }) else {
            return FinishedFile(exact: layout)
        }
        return FinishedFile(
            layout,
            knownTo: .tensorData,
            because: "of tensors that it copies from other files the converter does not write the shape"
        )
    }

    /// The architecture, and the shape of every tensor.
    func ggufTarget(for model: Model) -> GGUFTarget? {
        GGUFTarget(of: model, entries: Self.entries(model.tensors.map(Self.written)), info: Self.written)
    }

    /// A tensor as it is written: the converter takes the prefix off the names.
    private static func written(_ tensor: TensorInfo) -> TensorInfo {
        (try? TensorInfo(
            name: String(FluxPlace.bareName(tensor.name)),
            shape: tensor.shape,
            elementType: tensor.elementType
        )) ?? tensor
    }

    private static func entries(_ tensors: [TensorInfo]) -> [GGUFMetadata] {
        let shapes = tensors.map { tensor in
            let shape = tensor.shape.map { Int32(clamping: $0) }
            return GGUFMetadata("comfy.gguf.orig_shape.\(tensor.name)", .int32Array(shape))
        }
        return [GGUFMetadata("general.architecture", .string("flux"))] + shapes
    }

    func keptFormat(for tensor: TensorInfo) -> QuantizationFormat? {
        .f32
    }

    /// There is no F16 to write, so weights in it lose nothing in F32 only; 8-bit floats lose nothing in BF16.
    func stayingFormat(of type: QuantizationFormat) -> QuantizationFormat? {
        switch type {
        case .f16: .f32
        case .float8_e4m3fn, .float8_e5m2: .bf16
        default: accepts(type) ? type : nil
        }
    }

    func tieKey(forLayer name: String) -> String {
        FluxPlace(name: name)?.blockName ?? name
    }

    func write(_ recipe: CheckedRecipe) throws(RecipeError) -> [ConverterFile] {
        let casts = try FluxCasts(recipe, for: self)
        var text = "configurations:\n  '\(Self.key(of: recipe.recipe))':\n    casts:\n"
        for entry in casts.entriesByBlock {
            text += "    - castto: \(entry.cast)\n"
            text += "      layers: \(entry.blocksText)\n"
        }
        text += "    notes: made by plan\n"
        text += "metadata:\n  native: \(Self.native.map(\.spelling).joined(separator: ","))\n"
        try casts.prove(text)
        return [ConverterFile(name: fileName, text: text, mark: .words("made by plan", per: "casts:"))]
    }

    func obstacle(to recipe: Recipe, source: SourceFiles) -> String? {
        source.obstacle(for: name, consequence: "of a part it would make a part of the model")
    }

    /// The configurations that a user has already stand in the file that the converter reads, so that nothing is copied over it.
    func command(for recipe: Recipe, file: String, source: SourceFiles) -> String {
        let model = ShellText.fileStem(recipe.model.name)
        let (kinds, placeholder) = (["safetensors"], ".safetensors")
        let input = source.word(for: recipe, kinds, placeholder: placeholder, fromElsewhere: true)
        let used = Set(recipe.layers.compactMap { QuantizationFormat(named: $0.format) })
        let patches = Self.patched.filter { used.contains($0.format) }.map { "\(model)-\($0.spelling).gguf" }
        let patch = patches.first.map { " --patch \($0)" } ?? ""
        let key = Self.key(of: recipe)
        return """
            Add the entry '\(key)' of \(ShellText.path(file)) to the configurations in the converter's own configurations.yaml, \
            which keeps those that are there. Then, in the converter's folder:
            python convert.py --load \(input) --config \(key)\(patch)
            """
                + (patches.isEmpty
                    ? "" : "\nIt copies from \(patches.joined(separator: ", ")), which must be there.")
                + source.placeholderNote(for: recipe, kinds, placeholder: placeholder)
    }

    /// The configuration's name: the bits per weight with two decimals, an underscore for the point.
    private static func key(of recipe: Recipe) -> String {
        let bits = recipe.size.bitsPerWeight
        guard bits >= 0, bits < 1000 else { return "0_0" }
        let hundredths = Int((bits * 100).rounded())
        let decimals = hundredths % 100
        return "\(hundredths / 100)_\(decimals < 10 ? "0" : "")\(decimals)"
    }
}
