public import Checkpoints
public import Converters
public import Recipes

extension ModelContainer {
    /// Drafts the file that a recipe plans, or the files of a model that stays split.
    ///
    /// - Parameters:
    ///   - recipe: The recipe.
    ///   - model: The model.
    ///   - importance: The importance matrix that the encoders look at and that a GGUF file names, or nil.
    ///   - isRecorded: Whether a file says by which recipe it was made, see `RecipeRecord`; a folder never does.
    ///   - isSplit: Whether a GGUF model of several files stays split.
    /// - Returns: The drafts, one for each file, or one for the folder.
    /// - Throws: ``ConversionError``.
    public func drafts(
        _ recipe: Recipe,
        model: Model,
        importance: ImportanceMatrix?,
        isRecorded: Bool,
        isSplit: Bool
    ) throws(ConversionError) -> [ModelDraft] {
        let record = importance.map { ImportanceRecord($0) }
        if isSplit {
            return try ModelDraft.splitGGUF(recipe, model: model, importance: record, isRecorded: isRecorded)
        }
        return switch self {
        case .gguf: [try .gguf(recipe, model: model, importance: record, isRecorded: isRecorded)]
        case .safetensors: [try .safetensors(recipe, model: model, isRecorded: isRecorded)]
        case .folder: [try .mlx(recipe, model: model)]
        }
    }
}
