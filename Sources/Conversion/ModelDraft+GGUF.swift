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
        let (target, planned) = try prepared(recipe, model: model)
        let record = try isRecorded ? ConversionError.record(of: recipe) : nil
        let draft = try ConversionError.wrapping { () throws(CheckpointError) in
            try target.draft(
                of: model,
                formats: target.tensors.map { planned.formats[$0.source] },
                fileType: fileType(planned),
                importance: importance,
                record: record
            )
        }
        return ModelDraft(draft, tensors: Array(target.tensors.indices), of: target, planned, model)
    }

    /// Drafts the GGUF files that a recipe plans for a model of several files that stays split as it is.
    ///
    /// - Parameters:
    ///   - recipe: The recipe, of any converter that makes GGUF files.
    ///   - model: The model, of several GGUF files.
    ///   - importance: What the first file says of the importance matrix that its encoders look at, or nil where there is none.
    ///   - isRecorded: Whether the first file says by which recipe it was made, see `RecipeRecord`.
    /// - Returns: The drafts, in the order of the model's files.
    /// - Throws: ``ConversionError``.
    public static func splitGGUF(
        _ recipe: Recipe,
        model: Model,
        importance: ImportanceRecord?,
        isRecorded: Bool = false
    ) throws(ConversionError) -> [ModelDraft] {
        let (target, planned) = try prepared(recipe, model: model)
        let record = try isRecorded ? ConversionError.record(of: recipe) : nil
        let drafts = try ConversionError.wrapping { () throws(CheckpointError) in
            try target.splitDrafts(
                of: model,
                formats: target.tensors.map { planned.formats[$0.source] },
                fileType: fileType(planned),
                importance: importance,
                record: record
            )
        }
        return drafts.map { ModelDraft($0.draft, tensors: $0.tensors, of: target, planned, model) }
    }

    /// What is made of a model, and the formats of its tensors.
    private static func prepared(
        _ recipe: Recipe,
        model: Model
    ) throws(ConversionError) -> (GGUFTarget, RecipeFormats) {
        // A recipe for another converter plans the size of that one's file.
        let converter = recipe.converter.flatMap { try? Converters.named($0) }
        guard let target = converter?.ggufTarget(for: model) ?? GGUFTarget(for: model), !model.files.isEmpty
        else {
            guard !model.files.isEmpty else { throw .checkpoint(.noWeights(model: model.name)) }
            throw .unknownModel(model: model.name, names: GGUFTarget.architectureNames)
        }
        return (target, try RecipeFormats(recipe, tensors: model.tensors))
    }

    /// The draft of a file with some of the tensors.
    private init(
        _ draft: GGUFDraft,
        tensors: [Int],
        of target: GGUFTarget,
        _ planned: RecipeFormats,
        _ model: Model
    ) {
        self.init(
            parts: tensors.enumerated().map { place, index in
                let (source, stored) = (target.tensors[index].source, draft.tensors[place])
                let format = planned.formats[source]
                return Part(
                    tensor: model.tensors[source],
                    format: format,
                    isPlanned: planned.layers[source] != nil,
                    source: source,
                    rowLength: stored.rowLength,
                    offset: draft.offsets[place],
                    scaleOffset: nil
                )
            },
            byteCount: draft.byteCount,
            header: draft.header()
        )
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
