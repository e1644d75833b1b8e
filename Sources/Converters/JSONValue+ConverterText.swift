import Text
import Recipes

extension JSONValue {
    /// The value as JSON text, its errors those of recipes.
    func converterText() throws(RecipeError) -> String {
        do throws(JSONWritingError) {
            return try text()
        } catch {
            throw .notWritable(error.description)
        }
    }
}
