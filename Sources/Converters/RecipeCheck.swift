public import Checkpoints
public import Recipes
import Tensors

/// A finished file held against a recipe: the format of every tensor, and the sizes.
public struct RecipeCheck: Hashable, Sendable {
    /// One way in which the file is not what the recipe says.
    public struct Difference: Hashable, Sendable {
        /// The tensor's name, or `nil` for the whole file.
        public let tensor: String?
        /// What differs: `format`, `shape`, `missing`, `extra`, `metadata`, `recipe`, `bytes`, `tensor bytes`, `file bytes`.
        public let kind: String
        /// What the recipe says.
        public let planned: String
        /// What the file has.
        public let found: String
    }

    /// The differences, in the recipe's order, what the file has beyond it last.
    public let differences: [Difference]
    /// The tensors that are as planned.
    public let matching: Int
    /// What could not be compared, in a sentence; nil where everything was.
    public let note: String?

    /// Compares a file's header with a recipe.
    ///
    /// Names count without the prefixes `model.diffusion_model.` and `diffusion_model.`, which some writers add and others
    /// take away. Beside each weight the file must have the tensors that its format needs in the recipe's converter, such
    /// as scales of the right shape, and no others; the experts that MLX stacks are looked for in their stack. The file's size
    /// counts only where the recipe says that it is known to the byte, and not for a model of several files, each of which has a
    /// header of its own, unless they were planned so. What `llama-quantize` notes of an importance matrix is no part of it, nor is the recipe's digest where
    /// the recipe does not count it; a digest that the file has must be this recipe's.
    ///
    /// - Parameters:
    ///   - recipe: The recipe.
    ///   - file: The finished file.
    ///   - model: The model that the recipe is for, whose shapes the file must have, or `nil` where it is not at hand.
    public init(_ recipe: Recipe, file: Model, model: Model? = nil) {
        let converter = recipe.converter.flatMap { try? Converters.named($0) }
        var weights = WeightCheck(recipe, converter: converter, file: file, model: model)
        for layer in recipe.layers {
            weights.check(layer)
        }
        for kept in recipe.kept {
            weights.check(kept)
        }
        var differences = weights.differences
        if let listing = converter?.listing(in: file) {
            differences += ListingCheck.differences(recipe, listing, file: file, converter: converter)
        }
        differences += Self.extraTensors(in: file, besides: weights.expected, converter: converter)
        if let difference = Self.recordDifference(recipe, file) { differences.append(difference) }
        let sizes = FileSizeCheck(recipe, file: file, model: model)
        differences += sizes.differences
        self.differences = differences
        matching = weights.matching
        note = sizes.note
    }

    /// The tensors of a file that neither the recipe nor its formats account for.
    private static func extraTensors(
        in file: Model,
        besides expected: Set<String>,
        converter: (any Converter)?
    ) -> [Difference] {
        file.tensors.compactMap { tensor in
            let name = TensorNames.bare(tensor.name)
            guard !expected.contains(name), !(converter?.isMarker(name) ?? false) else { return nil }
            return Difference(
                tensor: tensor.name,
                kind: "extra",
                planned: "none",
                found: tensor.elementType?.name ?? "unknown"
            )
        }
    }

    /// What a file says of the recipe that it was made by, where it is not this one.
    private static func recordDifference(_ recipe: Recipe, _ file: Model) -> Difference? {
        guard let found = RecipeRecord.digest(in: file), let planned = try? recipe.sha256(), found != planned
        else { return nil }
        return Difference(
            tensor: nil,
            kind: "recipe",
            planned: "sha256:" + planned,
            found: "sha256:" + found
        )
    }
}
