import Tensors

extension Recipe {
    /// The SHA-256 of the recipe as this program writes it, as 64 hexadecimal digits: what `sha256sum` says of the file.
    ///
    /// - Throws: As ``jsonText()``.
    public func sha256() throws(RecipeError) -> String {
        var digest = SHA256()
        digest.update(Array(try jsonText().utf8))
        return digest.text
    }

    /// Whether the recipe's size counts that the finished file records the recipe's digest.
    public var countsRecord: Bool { generator.arguments.contains("--record") }

    /// Whether the recipe's size is that of a model that stays split over several files.
    public var keepsSplit: Bool { generator.arguments.contains("--keep-split") }
}
