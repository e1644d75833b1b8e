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
}
