public import Checkpoints

/// What is known of the importance matrix that a converter's file will be made with.
public enum ConverterImportance: Sendable {
    /// There is none.
    case none
    /// There is one, which is not at hand.
    case unknown
    /// There is this one.
    case matrix(ImportanceMatrix)
}
