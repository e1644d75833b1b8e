import Checkpoints
import Recipes
import Runtimes
import Tensors
import Text

/// The configuration of cg-mixed-casting, a ComfyUI node that casts FLUX.1 while it is loaded.
///
/// ```yaml
/// casts:
///   - layers: 0-2, 18
///     blocks: img
///     castto: none
///   - layers: 19-56
///     blocks:
///     castto: Q4_1
/// ```
///
/// The first entry that names a layer and its stream counts; an empty `blocks` means both streams, or a single block.
/// `none` leaves the tensors as they are. A layer's biases are cast with its weights, norms never are. There is no
/// `default`: with one, every tensor whose name the node cannot place would be cast as well.
struct CGMixedCasting: Converter {
    let name = "cg-mixed-casting"
    let summary = "a configuration of the ComfyUI node cg-mixed-casting, for FLUX.1"
    let fileName = "plan.yaml"
    let formats = [
        ConverterFormat(.q4_1, spelling: "Q4_1"),
        ConverterFormat(.q5_1, spelling: "Q5_1"),
        ConverterFormat(.q8_0, spelling: "Q8_0"),
        ConverterFormat(.float8_e4m3fn, spelling: "float8_e4m3fn"),
        ConverterFormat(.bf16, spelling: "none", isUntouched: true),
        ConverterFormat(.f16, spelling: "none", isUntouched: true),
        ConverterFormat(.f32, spelling: "none", isUntouched: true),
    ]
    let granularity = ConverterGranularity.stream
    let sizeAccuracy = SizeAccuracy.tensorData
    let exclusions = "norms, everything outside the blocks"
    let runtimes: [TargetRuntime] = [.comfyUI]

    func neverQuantizes(_ tensor: TensorInfo) -> Bool {
        FluxPlace(name: tensor.name) == nil || tensor.name.contains(".norm.")
    }

    /// A layer's biases are cast with its weights.
    func castsWithLayer(_ tensor: TensorInfo) -> Bool {
        tensor.dimensionCount == 1 && !neverQuantizes(tensor)
    }

    func check(_ tensors: [TensorInfo]) throws(RecipeError) {
        try FluxPlace.check(tensors, for: self)
    }

    func finishedFile(for model: Model, formats: [QuantizationFormat]) -> FinishedFile {
        FinishedFile(.unpadded, knownTo: .tensorData, because: "the node casts in memory and writes no file")
    }

    func keptFormat(for tensor: TensorInfo) -> QuantizationFormat? {
        tensor.elementType ?? .bf16
    }

    func tieKey(forLayer name: String) -> String {
        FluxPlace(name: name)?.layerName ?? name
    }

    func write(_ recipe: CheckedRecipe) throws(RecipeError) -> [ConverterFile] {
        let casts = try FluxCasts(recipe, for: self)
        var text = "# made by plan\ncasts:\n"
        for entry in casts.entriesByStream {
            text += "  - layers: \(entry.blocksText)\n"
            text += "    blocks:\(entry.stream.map { " \($0.rawValue)" } ?? "")\n"
            text += "    castto: \(entry.cast)\n"
        }
        try casts.prove(text)
        return [ConverterFile(name: fileName, text: text, mark: .words("made by plan", per: "casts:"))]
    }

    func command(for recipe: Recipe, file: String, source: SourceFiles) -> String {
        // A configuration of the user's own may have the name.
        """
        cp -i \(ShellText.path(file)) ComfyUI/custom_nodes/cg-mixed-casting/configurations/
        Restart ComfyUI, then choose the file as the loader's casting, with a 16-bit FLUX.1 as its model.
        """
    }
}
