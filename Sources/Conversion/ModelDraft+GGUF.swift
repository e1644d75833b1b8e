public import Checkpoints
public import Converters
public import Recipes
import Tensors

extension ModelDraft {
    /// Drafts the GGUF file that a recipe plans.
    ///
    /// - Parameters:
    ///   - recipe: The recipe, of any converter that makes GGUF files.
    ///   - model: The model, a GGUF file or a diffusion model in safetensors.
    ///   - importance: What the file says of the importance matrix that its encoders look at, or nil where there is none.
    ///   - isRecorded: Whether the file says by which recipe it was made, see `RecipeRecord`.
    /// - Returns: The draft.
    /// - Throws: ``ConversionError``.
    public static func gguf(
        _ recipe: Recipe,
        model: Model,
        importance: ImportanceRecord?,
        isRecorded: Bool = false
    ) throws(ConversionError) -> ModelDraft {
        guard let target = GGUFTarget(for: model), !model.files.isEmpty else {
            guard !model.files.isEmpty else { throw .checkpoint(.noWeights(model: model.name)) }
            throw .unknownModel(model: model.name, names: GGUFTarget.architectureNames)
        }
        let planned = try RecipeFormats(recipe, tensors: model.tensors)
        let formats = target.tensors.map { planned.formats[$0.source] }
        let record = try isRecorded ? ConversionError.record(of: recipe) : nil
        let draft = try ConversionError.wrapping { () throws(CheckpointError) in
            try target.draft(
                of: model,
                formats: formats,
                fileType: fileType(planned),
                importance: importance,
                record: record
            )
        }
        var parts: [Part] = []
        for (index, tensor) in target.tensors.enumerated() {
            let stored = draft.tensors[index]
            parts.append(
                Part(
                    tensor: model.tensors[tensor.source],
                    format: formats[index],
                    isPlanned: planned.layers[tensor.source] != nil,
                    source: tensor.source,
                    rowLength: stored.rowLength,
                    offset: draft.offsets[index],
                    byteCount: formats[index].byteCount(of: stored) ?? 0,
                    scaleOffset: nil
                )
            )
        }
        return ModelDraft(parts: parts, byteCount: draft.byteCount, header: draft.header())
    }

    /// The number of `general.file_type`: that of the format which most planned tensors have, the larger one of two.
    private static func fileType(_ planned: RecipeFormats) -> UInt32 {
        var counts: [QuantizationFormat: Int] = [:]
        for (format, layer) in zip(planned.formats, planned.layers) where layer != nil {
            counts[format, default: 0] += 1
        }
        let most = counts.max {
            ($0.value, $0.key.bitsPerWeight, $0.key.name) < ($1.value, $1.key.bitsPerWeight, $1.key.name)
        }
        return most?.key.fileType ?? 0
    }
}
