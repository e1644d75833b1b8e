/// What an error is to whoever asked: what is to be changed before the same is asked again.
///
/// A program ends with an exit code for each; which error is of which category is said beside the error.
public enum ErrorCategory: Hashable, Sendable, CaseIterable {
    /// What was asked for cannot be had of this input: no plan keeps to a limit.
    case noPlan
    /// A limit on the work came before an answer.
    case limitReached
    /// What was asked for is at odds with itself, or with what there is.
    case usage
    /// What an input holds is wrong, or does not go with another input.
    case badData
    /// An input is not there, or cannot be opened.
    case missingInput
    /// A result cannot be written where it should be.
    case cannotWrite
    /// Whoever asked called it off.
    case interrupted
    /// What was done went wrong: a program that was run failed, or what was written is not what it should be.
    case failed
}

/// An error that says, besides its sentence, of which category it is.
public protocol CategorizedError: Error, CustomStringConvertible {
    /// What is to be changed before the same is asked again.
    var category: ErrorCategory { get }
}
