public import Checkpoints
public import Recipes

/// Whether a model is the one that a recipe was planned for.
public enum ModelMatch: Hashable, Sendable {
    /// It is.
    case same
    /// Its tensors have the recipe's names and sizes but another order or other types, as those of a fine-tune or of another
    /// release may.
    case alike
    /// Tensors differ in name or size; the first of them.
    case other(first: String)

    /// Holds a model against a recipe.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - recipe: The recipe.
    ///   - sizes: The recipe's sizes, computed again for the model.
    public init(_ model: Model, _ recipe: Recipe, _ sizes: RecipeSizes) {
        if model.digest == recipe.model.digest {
            self = .same
        } else if sizes.agree {
            self = .alike
        } else {
            self = .other(first: sizes.unplanned.first ?? sizes.differences.first?.place ?? "the file")
        }
    }
}
