import Recipes
import Tensors

/// How a converter's rules for tensors are written.
struct RuleStyle {
    /// How the converter reads patterns.
    var dialect: TypeRules.Dialect
    /// What stands between two rules.
    var separator: Character
    /// Whether tensors that the converter never changes have a rule as well.
    var listsAll = false
    /// The most bytes that the rules may have, or nil.
    var limit: Int?
}

/// A converter whose file is a list of rules `pattern=type`.
protocol RuleConverter: Converter {
    /// How its rules are written.
    var ruleStyle: RuleStyle { get }
    /// The most dimensions that a tensor of its source may have.
    var dimensionLimit: Int { get }
}

extension RuleConverter {
    /// What ggml reads of a GGUF file.
    var dimensionLimit: Int { 4 }

    /// Refuses what a GGUF file cannot hold, and names that no rule can.
    func checkRules(for tensors: [TensorInfo]) throws(RecipeError) {
        try checkDimensions(tensors, limit: dimensionLimit)
        for tensor in tensors where ruleStyle.listsAll || !neverQuantizes(tensor) {
            try TypeRules.check(tensor.name, for: name)
        }
    }

    func write(_ recipe: CheckedRecipe) throws(RecipeError) -> [ConverterFile] {
        [ConverterFile(name: fileName, text: try recipe.typeRules(for: self), mark: .exactPatterns)]
    }
}
