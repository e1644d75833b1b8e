/// How well a figure of what a runtime keeps is known.
public enum Certainty: String, CaseIterable, Hashable, Sendable {
    /// It is what the runtime's own log says, to its rounding, in the cases that were compared.
    case computed
    /// It is never less than what the runtime's own log says, in the cases that were compared.
    case bound
    /// It follows from the runtime's source and was not compared with a run.
    case stated
    /// Somebody judged it so; another value may be given.
    case assumed
    /// The user gave it.
    case given
}
