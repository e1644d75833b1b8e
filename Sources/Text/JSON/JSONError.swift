/// Where and why a text is no JSON, or none of the shape that it must have.
package struct JSONError: Error, Hashable {
    /// The line, from 1.
    package let line: Int
    /// What is wrong there, with the place in the line or the way through the document: `unexpected "}" at column 7, in
    /// layers[3]`, or `layers[3].impact is a string; give a number`.
    package let problem: String

    package init(line: Int, problem: String) {
        self.line = line
        self.problem = problem
    }
}
