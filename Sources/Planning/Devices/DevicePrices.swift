/// What a little more of each limit of a plan on devices would save: of the impact, or under the root of the sum of squares of its
/// square; of the seconds per token where the fastest plan was asked for.
public struct DevicePrices: Hashable, Sendable {
    /// What one more byte of each device would save.
    public let perByte: [Double]
    /// What one more second per token would save; nil where no speed was asked for.
    public let perSecond: Double?
}
