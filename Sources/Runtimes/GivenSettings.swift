/// Settings of a runtime that a caller has named, whatever they are set to.
public struct GivenSettings: OptionSet, Hashable, Sendable {
    /// The settings, a bit each.
    public let rawValue: Int

    /// Creates a set of its bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// The formats of cached keys and values.
    public static let cache = GivenSettings(rawValue: 1)
    /// The number of sequences.
    public static let sequences = GivenSettings(rawValue: 2)
    /// The size of the picture.
    public static let image = GivenSettings(rawValue: 4)
    /// The tokens that are worked on at once.
    public static let microBatch = GivenSettings(rawValue: 8)
}
