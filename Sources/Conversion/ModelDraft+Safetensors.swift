public import Checkpoints
import Converters
public import Recipes
import Tensors
import Text

extension ModelDraft {
    /// Drafts the safetensors file for ComfyUI that a recipe plans.
    ///
    /// A weight that is planned in 8-bit floats is divided by what makes its largest element the largest number of the format;
    /// that number stands beside it as `weight_scale`, and `_quantization_metadata` names its module, as ComfyUI's
    /// `QUANTIZATION.md` says. What the model's files have in the planned 8-bit floats already, with one scale or none, is written as it
    /// stands there, see `Model.storedFloats`. Everything else is copied, or cast where another float is planned; single numbers stay
    /// without dimensions, and tensors without elements stay in the header. Spaces behind the header give the file the size that was
    /// planned for it.
    ///
    /// - Parameters:
    ///   - recipe: The recipe, of the converter `comfyui` or of none.
    ///   - model: The model, in safetensors.
    ///   - isRecorded: Whether the file says by which recipe it was made, see `RecipeRecord`.
    /// - Returns: The draft.
    /// - Throws: ``ConversionError``.
    public static func safetensors(
        _ recipe: Recipe,
        model: Model,
        isRecorded: Bool = false
    ) throws(ConversionError) -> ModelDraft {
        guard !model.files.isEmpty else { throw .checkpoint(.noWeights(model: model.name)) }
        guard model.kind == .safetensors else { throw .otherContainer(model: model.name) }
        let converter = Converters.usual(for: .safetensors)
        let planned = try RecipeFormats(recipe, tensors: model.tensors)
        var tensors: [SafetensorsDraft.Tensor] = []
        var scales: [Int: Int] = [:]
        var modules: [JSONValue.Member] = []
        let stored = model.storedFloats
        for (index, tensor) in model.tensors.enumerated() {
            let format = planned.formats[index]
            try check(format, of: tensor, layer: planned.layers[index].map { recipe.layers[$0].layer })
            tensors.append(
                .init(
                    name: tensor.name,
                    shape: model.storedShape(ofTensor: index),
                    type: format.elementFormat
                )
            )
            guard planned.layers[index] != nil, isScaled(format) else { continue }
            guard let module = LinearModule(tensor) else {
                throw .recipe(.neverQuantized(tensors: [tensor.name], converter: converter.name))
            }
            modules.append(.init(key: module.name, value: ["format": .string(format.elementFormat.name)]))
            scales[index] = 0
        }
        for index in scales.keys.sorted() {
            let name = LinearModule(model.tensors[index])?.name ?? ""
            scales[index] = tensors.count
            tensors.append(.init(name: name + ".weight_scale", shape: [], type: .f32))
        }
        // One whose name a scale takes, which stood for that scale, is replaced by it.
        let names = Set(tensors.map(\.name))
        tensors += model.tensorsWithoutElements.filter { !names.contains($0.name) }
            .map { .init(name: $0.name, shape: $0.shape, type: $0.type) }
        let record = try isRecorded ? ConversionError.record(of: recipe) : nil
        let draft = try ConversionError.wrapping { [tensors, modules] () throws(CheckpointError) in
            try SafetensorsDraft(
                tensors: tensors,
                metadata: metadata(of: model, modules, record),
                filling: recipe.converter == converter.name ? recipe.size.bytes : 0
            )
        }
        return ModelDraft(
            parts: model.tensors.indices.map { index in
                Part(
                    tensor: model.tensors[index],
                    format: planned.formats[index],
                    isPlanned: planned.layers[index] != nil,
                    source: index,
                    rowLength: model.tensors[index].rowLength,
                    offset: draft.offsets[index],
                    scaleOffset: scales[index].map { draft.offsets[$0] },
                    isStored: scales[index] != nil
                        && stored[model.tensors[index].name] == planned.formats[index].elementFormat
                )
            },
            byteCount: draft.byteCount,
            header: draft.header
        )
    }

    private static func isScaled(_ format: QuantizationFormat) -> Bool {
        format.scaledFormat != nil
    }

    /// Refuses a format that no safetensors file for ComfyUI has.
    private static func check(
        _ format: QuantizationFormat,
        of tensor: TensorInfo,
        layer: String?
    ) throws(ConversionError) {
        let plain: [QuantizationFormat] = [.bf16, .f16, .f32]
        guard format != tensor.elementType, !isScaled(format), !plain.contains(format) else { return }
        throw .recipe(
            .formatNotAccepted(
                format: format.name,
                layers: [layer ?? tensor.name],
                converter: Converters.usual(for: .safetensors).name,
                accepted: (QuantizationFormat.scaled + plain).map(\.name)
            )
        )
    }

    /// The texts of the model's own metadata, and which modules are quantized and how.
    private static func metadata(
        of model: Model,
        _ modules: [JSONValue.Member],
        _ record: RecipeRecord?
    ) -> [(key: String, text: String)] {
        let key = "_quantization_metadata"
        var metadata = model.metadata.compactMap { entry -> (key: String, text: String)? in
            // What a model's own file says of its recipe is not true of what is made of it.
            guard case .string(let text) = entry.value, entry.key != key, entry.key != RecipeRecord.key else {
                return nil
            }
            return (entry.key, text)
        }
        let value: JSONValue = ["format_version": "1.0", "layers": .object(modules)]
        if !modules.isEmpty, let bytes = try? value.line() {
            let text = String(decoding: bytes, as: UTF8.self)
            metadata.append((key, text.last == "\n" ? String(text.dropLast()) : text))
        }
        if let record { metadata.append((RecipeRecord.key, record.digest)) }
        return metadata
    }
}
