/// A reason why a value cannot be written as JSON.
public enum JSONWritingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A number is infinite or not a number, which JSON has no way to write; the path leads to it, as in
    /// `$.layers[3].impact`.
    case nonFiniteNumber(path: String)

    /// The reason in words.
    public var description: String {
        switch self {
        case .nonFiniteNumber(let path):
            "the number at \(path) is not finite, which JSON cannot hold"
        }
    }
}

extension JSONWritingError: CategorizedError {
    /// Figures that JSON cannot hold come of an input.
    public var category: ErrorCategory { .badData }
}
