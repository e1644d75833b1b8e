extension Recipe {
    /// The combined impact.
    public struct Impact: Hashable, Sendable {
        /// A rule that combines the layers' impacts.
        public enum Rule: String, Hashable, Sendable, CaseIterable {
            /// They add.
            case sum
            /// The root of the sum of their squares.
            case rss
            /// The greatest of them.
            case max
        }

        /// The combined impact.
        public var total: Double
        /// The rule that combines the layers' impacts.
        public var combine: Rule

        /// Creates an impact.
        public init(total: Double, combine: Rule) {
            self.total = total
            self.combine = combine
        }
    }
}
