/// A JSON value as it stands in a text: with its line, its members in order, and a repeated key twice.
///
/// The decoders of Foundation keep neither the order of an object's members nor all values of a repeated key, and
/// do not say on which line a value stands.
package struct JSONNode: Sendable {
    /// The kinds of values.
    package enum Value: Sendable {
        case object([Member])
        case array([JSONNode])
        case string(String)
        /// A number, to the letter; also the `NaN`, `Infinity` and `-Infinity` that Python writes.
        case number(String)
        case boolean(Bool)
        case null
    }

    /// A key of an object and its value.
    package struct Member: Sendable {
        package let key: String
        /// The line of the key, from 1.
        package let line: Int
        package let value: JSONNode
    }

    /// The line on which the value begins, from 1.
    package let line: Int
    package let value: Value

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
