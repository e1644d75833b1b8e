extension Table {
    /// The side of its column a cell's text stands at.
    public enum Alignment: Hashable, Sendable {
        /// As words are read.
        case left
        /// As numbers are compared.
        case right
    }

    /// What the cells under one heading have in common.
    public struct Column: Hashable, Sendable {
        /// The heading for a person.
        public var title: String
        /// The side the cells' text stands at.
        public var alignment: Alignment
        /// The heading for a program: the name in CSV's first line and in JSON's objects.
        public var key: String

        /// Creates a column; its key is the title if none is given.
        public init(_ title: String, _ alignment: Alignment = .left, key: String? = nil) {
            self.title = title
            self.alignment = alignment
            self.key = key ?? title
        }
    }
}
