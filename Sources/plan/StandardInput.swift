import Text

/// Standard input, which `-` stands for where a command reads a file.
enum StandardInput {
    /// Refuses standard input as several files of a command, of which it can be one.
    ///
    /// - Parameter paths: The files that the command was given to read.
    /// - Throws: ``Failure`` for usage.
    static func checkNamedOnce(_ paths: [String?]) throws {
        let count = paths.compactMap(\.self).count(where: isNamed)
        guard count > 1 else { return }
        throw Failure(
            code: Failure.usage,
            message: """
                standard input is named \(count == 2 ? "twice" : "\(count) times"), and can be one file; name the others
                """
        )
    }

    private static func isNamed(by path: String) -> Bool {
        ["-", "/dev/stdin"].contains(path) || WholeFile.openFile(named: path) == 0
    }
}
