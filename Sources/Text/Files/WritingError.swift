/// A module's error that says which file could not be written, and why.
package protocol WritingError: Error {
    /// The file cannot be written.
    static func cannotWrite(path: String, reason: String) -> Self
}

extension WritingError {
    /// Does something to a file, and says what fails as an error of the module.
    package static func writing<Result>(
        _ body: () throws(FileError) -> Result
    ) throws(Self) -> Result {
        do throws(FileError) {
            return try body()
        } catch {
            throw .cannotWrite(path: error.path, reason: error.reason)
        }
    }
}
