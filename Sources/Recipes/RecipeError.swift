/// What can go wrong with a recipe.
public enum RecipeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The recipe holds something that JSON cannot.
    case notWritable(String)
    /// There is no file at the path.
    case noSuchFile(path: String)
    /// The file is no recipe, or one of a version that is not known.
    case malformed(source: String, detail: String)
    /// The file cannot be written, and why.
    case cannotWrite(path: String, reason: String)

    /// The cause, then the remedy where there is one.
    public var description: String {
        switch self {
        case .notWritable(let detail): "the recipe cannot be written as JSON: \(detail)"
        case .noSuchFile(let path): "there is no recipe at '\(path)'"
        case .malformed(let source, let detail): "'\(source)' is not a recipe: \(detail)"
        case .cannotWrite(let path, let reason):
            "cannot write '\(path)': \(reason); name another file with -o, or write to standard output with -o -"
        }
    }
}
