extension Recipe {
    /// What a plan has to keep to.
    public enum Limit: Hashable, Sendable {
        /// The most bytes that the file may have; the impact is the least there is.
        case bytes(Int)
        /// The most combined impact; the file is the smallest there is.
        case impact(Double)
    }

    /// The second budget that a plan keeps to.
    public struct Slowdown: Hashable, Sendable {
        /// The most that the model may cost, as a multiple of what it costs in the source format.
        public var factor: Double
        /// The digest of the table of costs.
        public var costs: String

        /// Creates a second budget.
        public init(factor: Double, costs: String) {
            self.factor = factor
            self.costs = costs
        }
    }
}
