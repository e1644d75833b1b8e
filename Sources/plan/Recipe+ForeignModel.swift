import Checkpoints
import Recipes

extension Recipe {
    /// What is to be said of a model whose digest is not the recipe's: nothing where it is, a note where its tensors have the
    /// recipe's names and sizes, as those of a fine-tune or of a release in other types do.
    ///
    /// - Throws: ``Failure`` where names or sizes differ, unless that is forced.
    func foreignModelNote(_ model: Model, _ sizes: RecipeSizes, force: Bool) throws -> String? {
        guard model.digest != self.model.digest else { return nil }
        if sizes.agree {
            return
                "\(model.name) has the recipe's tensors by name and size but in another order or in other types, "
                + "as a fine-tune or another release may"
        }
        guard force else {
            throw Failure(
                code: Failure.badData,
                message: """
                    the recipe is for another model than \(model.name): tensors differ in name or size, first \
                    \(sizes.unplanned.first ?? sizes.differences.first?.place ?? "the file"); name the right one with --model, \
                    or use --force
                    """
            )
        }
        return nil
    }
}
