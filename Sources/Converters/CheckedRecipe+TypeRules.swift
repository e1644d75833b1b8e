import Recipes
import Tensors

extension CheckedRecipe {
    /// The recipe as rules `pattern=type` for every tensor that the converter may change, proven to mean the recipe.
    ///
    /// - Parameter converter: The converter.
    /// - Returns: The rules, ending with a newline.
    /// - Throws: `RecipeError.unsafeName(tensor:character:converter:)`,
    ///   `RecipeError.ruleMismatch(tensor:planned:found:converter:)` and `RecipeError.tooLong(converter:bytes:limit:)`.
    func typeRules(for converter: some RuleConverter) throws(RecipeError) -> String {
        let style = converter.ruleStyle
        let types = listedTypes(for: converter)
        let rules = try TypeRules(
            types.compactMap { name, type in type.map { (name, $0) } },
            dialect: style.dialect
        )
        let text = rules.rules.map(\.text).joined(separator: String(style.separator))
        try rules.prove(text.split(separator: style.separator), give: types)
        if let limit = style.limit, text.utf8.count > limit {
            throw .tooLong(converter: converter.name, bytes: text.utf8.count, limit: limit)
        }
        return text + "\n"
    }

    /// The type of every tensor of the model as the converter spells it, or nil where it is to be told nothing.
    func listedTypes(for converter: some RuleConverter) -> [(name: String, type: String?)] {
        assignments.map { assignment in
            let isListed = converter.ruleStyle.listsAll || !converter.neverQuantizes(assignment.tensor)
            return (
                assignment.tensor.name,
                isListed ? converter.spelling(of: assignment.format) ?? assignment.format.ggmlName : nil
            )
        }
    }
}
