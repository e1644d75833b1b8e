/// Where the mean squares of a tensor's inputs come from, where an importance matrix has no entry for it, one of zeros, or one that
/// does not know all of its experts.
public enum InputSource: String, Hashable, Sendable, CaseIterable {
    /// Its own entry, in which experts that no input reached take the mean of the others.
    case otherExperts = "other experts"
    /// The mean over the tensors of its kind in other blocks, input by input.
    case otherBlocks = "other blocks"
    /// A tensor of its block that has the same inputs, such as the key's for the query.
    case sharedInput = "shared input"
    /// What the last norm gives, as far as the inputs of the last blocks show it.
    case lastNorm = "last norm"
    /// Nothing: its rows are looked up, and multiplied by nothing.
    case lookup = "lookup"
    /// Nothing is known of them.
    case unknown = "unknown"

    /// Whether mean squares were filled in.
    public var isFilledIn: Bool {
        switch self {
        case .otherExperts, .otherBlocks, .sharedInput, .lastNorm: true
        case .lookup, .unknown: false
        }
    }
}
