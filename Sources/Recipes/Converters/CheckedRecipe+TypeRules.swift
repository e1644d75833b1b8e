import Tensors

extension CheckedRecipe {
    /// The recipe as rules `pattern=type` for every tensor that the converter may change, proven to mean the recipe.
    ///
    /// - Parameters:
    ///   - converter: The converter.
    ///   - dialect: How it reads rules.
    ///   - separator: What stands between two rules.
    ///   - listsAll: Whether tensors that the converter never changes have a rule as well.
    ///   - limit: The most bytes that the rules may have, or nil.
    /// - Returns: The rules, ending with a newline.
    /// - Throws: ``RecipeError/unsafeName(tensor:character:converter:)``,
    ///   ``RecipeError/ruleMismatch(tensor:planned:found:converter:)`` and ``RecipeError/tooLong(converter:bytes:limit:)``.
    func typeRules(
        for converter: any Converter,
        dialect: TypeRules.Dialect,
        separator: Character,
        listsAll: Bool = false,
        limit: Int? = nil
    ) throws(RecipeError) -> String {
        let types = assignments.map { assignment -> (name: String, type: String?) in
            let isListed = listsAll || !converter.neverQuantizes(assignment.tensor)
            return (
                assignment.tensor.name,
                isListed ? converter.spelling(of: assignment.format) ?? assignment.format.ggmlName : nil
            )
        }
        let rules = try TypeRules(
            types.compactMap { name, type in type.map { (name, $0) } },
            dialect: dialect
        )
        let text = rules.rules.map(\.text).joined(separator: String(separator))
        try rules.prove(text.split(separator: separator), give: types)
        if let limit, text.utf8.count > limit {
            throw .tooLong(converter: converter.name, bytes: text.utf8.count, limit: limit)
        }
        return text + "\n"
    }
}
