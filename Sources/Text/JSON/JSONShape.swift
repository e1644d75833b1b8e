/// What a form takes of JSON, as a schema describes it.
package indirect enum JSONShape: Hashable, Sendable {
    /// A string of so many characters at least.
    case string(least: Int)
    /// One of some words.
    case words([String])
    /// True or false.
    case boolean
    /// A whole number from 0 up.
    case count
    /// A finite number from 0 up.
    case figure
    /// An array of so many elements at least.
    case array(JSONShape, least: Int)
    /// An object; members that are not named here are passed over.
    case object([Member])
    /// The shape, or null.
    case nullable(JSONShape)

    /// A member of an object.
    package struct Member: Hashable, Sendable {
        /// Its key.
        package let name: String
        /// What stands there.
        package let shape: JSONShape
        /// Whether an object without it is refused.
        package let isRequired: Bool
    }
}
