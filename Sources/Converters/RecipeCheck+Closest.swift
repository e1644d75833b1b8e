public import Checkpoints
public import Recipes
import Tensors

extension RecipeCheck {
    /// Finds the converter by whose ways a file differs least from a recipe that names none, the first of several: of those that take the
    /// model, make files of that kind and have the formats.
    ///
    /// One of which the file's size is not known is not preferred for comparing less.
    ///
    /// - Parameters:
    ///   - recipe: The recipe.
    ///   - file: The finished file.
    ///   - model: The model that it was made from.
    /// - Returns: The converter, and the file held against the recipe as that one carries it out; nil where none can have made it.
    /// - Throws: `CheckpointError` for metadata that no header can hold.
    public static func closest(
        _ recipe: Recipe,
        file: Model,
        model: Model
    ) throws(CheckpointError) -> (converter: any Converter, check: RecipeCheck)? {
        let planned = Set(recipe.layers.map(\.format)).compactMap(QuantizationFormat.init(named:))
        // Converters leave floats in others of their own, whatever they accept.
        let formats = planned + recipe.madeFormats(of: model).filter { $0.blockElements > 1 }
        var closest: (converter: any Converter, check: RecipeCheck)?
        var least = Int.max
        for converter in Converters.all {
            guard (converter.container == .gguf) == (file.kind == .gguf),
                formats.allSatisfy(converter.accepts),
                (try? converter.adapted(to: model, importance: .none).check(model.tensors)) != nil
            else { continue }
            let carried = try recipe.carriedOut(by: converter, on: model)
            let check = RecipeCheck(carried, file: file, model: model)
            let isSizeKnown = carried.size.exact == .file && file.kind == .gguf
            let count = check.differences.count + (isSizeKnown ? 0 : 1)
            if count < least { (closest, least) = ((converter, check), count) }
        }
        return closest
    }
}
