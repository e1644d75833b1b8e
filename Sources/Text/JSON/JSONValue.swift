/// A JSON value whose objects keep their members in the order they were given.
///
/// It is made for writing: ``text()`` turns a value into the same bytes on every platform. Literals read like the
/// JSON they stand for:
///
/// ```swift
/// let value: JSONValue = ["version": 1, "budget": ["bytes": 9_000_000_000], "converter": nil]
/// ```
///
/// A key that stands twice in an object is written twice; most readers keep only one of them.
public enum JSONValue: Hashable, Sendable {
    /// An object, its members in the order they are written.
    case object([Member])
    /// An array.
    case array([JSONValue])
    /// A string.
    case string(String)
    /// A number without a fraction.
    case integer(Int)
    /// A number; it must be finite to be written.
    case number(Double)
    /// True or false.
    case boolean(Bool)
    /// Nothing.
    case null
}
