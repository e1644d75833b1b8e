public import Text

extension Recipe {
    /// Whether a file holds a recipe that this program wrote, which need not be one that it still reads.
    ///
    /// - Parameter file: The file.
    /// - Returns: Whether it does.
    public static func isRecipe(_ file: InspectedFile) -> Bool {
        guard let outline = file.outline() else { return false }
        return outline.text("name", in: "generator") == Generator.ownName && outline["layers"] == .array
    }
}
