/// Something besides the planned weights that takes memory of a card.
public struct MemoryClaim: Hashable, Sendable {
    /// What it is, such as `KV cache`.
    public let name: String
    /// Its size, in bytes.
    public let bytes: Int
    /// What the size follows from, in a few words.
    public let note: String
    /// How well the size is known.
    public let certainty: Certainty

    /// Creates a claim.
    public init(_ name: String, bytes: Int, note: String, certainty: Certainty) {
        self.name = name
        self.bytes = bytes
        self.note = note
        self.certainty = certainty
    }
}
