public import Checkpoints
public import Recipes

/// What a finished file says of the recipe that it was made by: the recipe's SHA-256, under the key `plan.recipe.sha256`.
///
/// It is a string of 64 hexadecimal digits in the metadata of a GGUF file, or in `__metadata__` of a safetensors file; see
/// `Recipe/sha256()`.
public struct RecipeRecord: Hashable, Sendable {
    /// The key.
    public static let key = "plan.recipe.sha256"
    /// A record of the length that all have.
    static let placeholder = RecipeRecord(digest: String(repeating: "0", count: 64))

    /// The recipe's digest.
    public let digest: String

    /// Makes the record of a recipe.
    ///
    /// - Throws: As `Recipe/jsonText()`.
    public init(_ recipe: Recipe) throws(RecipeError) {
        digest = try recipe.sha256()
    }

    private init(digest: String) {
        self.digest = digest
    }

    /// The record as a metadata entry of a GGUF file.
    public var entry: GGUFMetadata { GGUFMetadata(Self.key, .string(digest)) }

    /// The digest that a file records, or nil.
    static func digest(in file: Model) -> String? {
        guard case .string(let text)? = file.metadataValue(for: key) else { return nil }
        return text
    }

    /// Whether an entry is a record.
    static func isRecord(_ entry: GGUFMetadata) -> Bool { entry.key == key }
}
