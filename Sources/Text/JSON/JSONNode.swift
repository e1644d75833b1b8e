/// A JSON value as it stands in a text: with its line, its members in order, and a repeated key twice.
package struct JSONNode: Sendable, Hashable {
    /// The kinds of values.
    package enum Value: Sendable, Hashable {
        case object([Member])
        case array([JSONNode])
        case string(String)
        /// A number, to the letter; also the `NaN`, `Infinity` and `-Infinity` that Python writes.
        case number(String)
        case boolean(Bool)
        case null
    }

    /// A key of an object and its value.
    package struct Member: Sendable, Hashable {
        package let key: String
        /// The line of the key, from 1.
        package let line: Int
        package let value: JSONNode
        /// The bytes of the text from the key to the end of the value.
        package let extent: Range<Int>

        package init(key: String, line: Int, value: JSONNode, extent: Range<Int>) {
            self.key = key
            self.line = line
            self.value = value
            self.extent = extent
        }
    }

    /// The line on which the value begins, from 1.
    package let line: Int
    package let value: Value

    package init(line: Int, value: Value) {
        self.line = line
        self.value = value
    }

    /// What the value is, with its article, such as `an array`.
    package var kind: String {
        switch value {
        case .object: "an object"
        case .array: "an array"
        case .string: "a string"
        case .number: "a number"
        case .boolean: "true or false"
        case .null: "null"
        }
    }
}
