public import Text

extension Recipe {
    /// The recipe as JSON, in the order of the format's description.
    public var jsonValue: JSONValue {
        Self.form.write(self)
    }

    /// The recipe's bytes, the same for the same recipe on every machine.
    ///
    /// - Throws: ``RecipeError/notWritable(_:)`` for a number that is not finite.
    public func jsonText() throws(RecipeError) -> String {
        do throws(JSONWritingError) {
            return try jsonValue.text()
        } catch {
            throw .notWritable(error.description)
        }
    }

    /// Writes the recipe to a file, so that whatever happens leaves either what was there or the whole recipe.
    ///
    /// - Parameter path: The file.
    /// - Throws: ``RecipeError/notWritable(_:)`` for a number that is not finite, and `FileError` where the file cannot be written.
    public func write(to path: String) throws {
        try WholeFile.write(Array(jsonText().utf8), to: path)
    }
}
