import Checkpoints
import Planning
import Recipes

extension Recipe {
    /// What is to be said of a model whose digest is not the recipe's: nothing where it is, a note where its tensors have the
    /// recipe's names and sizes.
    ///
    /// - Throws: ``Failure`` where names or sizes differ, unless that is forced.
    func foreignModelNote(_ model: Model, _ sizes: RecipeSizes, force: Bool) throws -> String? {
        switch ModelMatch(model, self, sizes) {
        case .same: return nil
        case .alike:
            return
                "\(model.name) has the recipe's tensors by name and size but in another order or in other types, "
                + "as a fine-tune or another release may"
        case .other(let first):
            guard !force else { return nil }
            throw Failure(
                code: Failure.badData,
                message: """
                    the recipe is for another model than \(model.name): tensors differ in name or size, first \(first); name the \
                    right one with --model, or use --force
                    """
            )
        }
    }
}
