extension JSONValue {
    /// A key of an object and the value that stands there.
    public struct Member: Hashable, Sendable {
        /// The member's name.
        public var key: String
        /// What stands under the name.
        public var value: JSONValue

        /// Creates a member.
        public init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }
}
