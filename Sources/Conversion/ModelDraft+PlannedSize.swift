import Converters
public import Recipes

/// How the size of what is written stands to its recipe.
extension ModelDraft {
    /// How many bytes more it has than the recipe says; fewer where that is negative.
    ///
    /// - Parameter recipe: The recipe.
    /// - Returns: The difference in bytes.
    public func byteDifference(from recipe: Recipe) -> Int { byteCount - recipe.size.bytes }

    /// Whether it has the bytes that were planned, as far as that can be asked: a recipe knows the size of every file of a converter
    /// only where it says so, and a draft that is made without the importance matrix of the recipe lacks the matrix's record.
    ///
    /// - Parameter recipe: The recipe.
    /// - Returns: Whether it has.
    public func hasPlannedSize(of recipe: Recipe) -> Bool {
        recipe.importance != nil || recipe.size.exact != .file || byteDifference(from: recipe) == 0
    }

    /// Whether a draft that is made without an importance matrix keeps to a recipe's budget also when it records that of the recipe.
    ///
    /// A plan for a converter other than that of GGUF files may have left less room for the header than this program's file has.
    ///
    /// - Parameter recipe: The recipe.
    /// - Returns: Whether it does; true for a recipe whose limit is an impact.
    public func keepsToBudget(of recipe: Recipe) -> Bool {
        guard case .bytes(let budget) = recipe.limit else { return true }
        let usual = Converters.usual(for: .gguf)
        let converter = recipe.converter.flatMap { try? Converters.named($0) } ?? usual
        // What this program plans for its own files counts the record, and other files have none.
        let hasRecord = recipe.importance != nil && converter.container?.looksAtImportance ?? true
        let record = hasRecord && recipe.converter != usual.name ? ImportanceRecord.maximumByteCount : 0
        return byteCount + record <= budget
    }
}
