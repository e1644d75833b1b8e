import Checkpoints
import Text
import Recipes
import Tensors

/// The `_quantization_metadata` of a safetensors file, from which ComfyUI knows which layers are quantized and how.
///
/// ```json
/// {"format_version": "1.0", "layers": {"double_blocks.0.img_attn.qkv": {"format": "float8_e4m3fn"}}}
/// ```
///
/// The keys are the modules' exact names. A layer that is not listed is a plain tensor. What writes the file, `plan quantize` or
/// a script of the user's own, puts a `weight_scale` beside each of the listed weights.
struct ComfyUIQuantization: ScaledFloatConverter {
    let name = "comfyui"
    let summary = "the _quantization_metadata of a safetensors file for ComfyUI"
    let fileName = "quantization_metadata.json"
    let formats = [
        ConverterFormat(.float8_e4m3fn_scaled, spelling: "float8_e4m3fn"),
        ConverterFormat(.float8_e5m2_scaled, spelling: "float8_e5m2"),
        // Tables that know no scales mean the same file.
        ConverterFormat(.float8_e4m3fn, spelling: "float8_e4m3fn"),
        ConverterFormat(.float8_e5m2, spelling: "float8_e5m2"),
        ConverterFormat(.bf16, spelling: "(not listed)", isUntouched: true),
        ConverterFormat(.f16, spelling: "(not listed)", isUntouched: true),
        ConverterFormat(.f32, spelling: "(not listed)", isUntouched: true),
    ]
    let exclusions = "all but the 2-D weights of linear modules; embeddings"
    let container: ModelContainer? = .safetensors
    let fillsToPlannedSize = true
    let copiesStoredFloats = true

    func neverQuantizes(_ tensor: TensorInfo) -> Bool {
        LinearModule.othersAndEmbeddings.contains(tensor)
    }

    func finishedFile(for model: Model, formats: [QuantizationFormat]) -> FinishedFile {
        FinishedFile(
            SafetensorsOverhead.layout(
                for: model,
                additions: [.init(ending: ".weight_scale", byteCount: 4)],
                isListed: true
            ),
            knownTo: .approximate,
            because: "another writer may add other scales and markers",
            isFilled: fillsToPlannedSize
        )
    }

    func write(_ recipe: CheckedRecipe) throws(RecipeError) -> [ConverterFile] {
        var layers: [JSONValue.Member] = []
        for assignment in recipe.assignments where assignment.layer != nil {
            guard let module = LinearModule(assignment.tensor),
                let format = formats.first(where: { $0.format == assignment.format }), !format.isUntouched
            else { continue }
            layers.append(.init(key: module.name, value: ["format": .string(format.spelling)]))
        }
        let text = try JSONValue.object([
            .init(key: "format_version", value: "1.0"), .init(key: "layers", value: .object(layers)),
        ]).converterText()
        return [ConverterFile(name: fileName, text: text, mark: .names)]
    }

    func command(for recipe: Recipe, file: String, source: SourceFiles) -> String {
        """
        In Python, with the cast weights and their scales in tensors:
        import safetensors.torch
        safetensors.torch.save_file(tensors, "mixed.safetensors", \
        {"_quantization_metadata": open(\(PythonText.literal(file))).read()})
        """
    }
}
