public import Checkpoints

/// What is known of the importance matrix that a converter's file will be made with.
public enum ConverterImportance: Sendable {
    /// There is none.
    case none
    /// There is one, which is not at hand.
    case unknown
    /// Every input counts as 1, in place of a matrix.
    case ones
    /// There is this one.
    case matrix(ImportanceMatrix)
}
