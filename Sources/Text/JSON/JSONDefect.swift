/// Why going through a JSON text ended, and at which byte of the file.
package enum JSONDefect: Error, Hashable {
    /// The file cannot be read any further.
    case file(FileError)
    /// Something is wrong in the text.
    case text(JSONProblem, offset: Int)
}
