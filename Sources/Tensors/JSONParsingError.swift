/// Where and why a text is no JSON that can be read.
package struct JSONParsingError: Error, Hashable {
    /// The line, from 1.
    package let line: Int
    /// What is wrong there, such as `unexpected "}"`.
    package let problem: String
}
