/// A stream of hidden states.
///
/// A double block carries two, `img` and `txt`; before the first single block they are joined into one, `x`.
public enum Stream: String, Hashable, Sendable, CaseIterable {
    /// The image tokens of the double blocks.
    case img
    /// The text tokens of the double blocks.
    case txt
    /// All tokens together, in the single blocks.
    case x
}
