/// A path of a file, taken apart at its last slash, in bytes: a mark behind a slash makes one character with it.
package struct FilePath: Hashable, Sendable {
    /// What stands before the name, its slash included, or nothing.
    package let folder: String

    /// The name, without slashes at its end.
    package let name: String

    /// Takes a path apart.
    package init(_ path: String) {
        let slash = UInt8(ascii: "/")
        let bytes = path.utf8
        var end = bytes.endIndex
        while end > bytes.startIndex, bytes[bytes.index(before: end)] == slash {
            let before = bytes.index(before: end)
            guard before > bytes.startIndex else { break }
            end = before
        }
        let start = bytes[..<end].lastIndex(of: slash).map { bytes.index(after: $0) } ?? bytes.startIndex
        folder = String(path[..<start])
        name = String(path[start..<end])
    }

    /// The folder without slashes at its end, `.` for the current one.
    package var folderPath: String {
        guard !folder.isEmpty else { return "." }
        let kept = folder.utf8.lastIndex { $0 != UInt8(ascii: "/") }
        return kept.map { String(folder[...$0]) } ?? "/"
    }

    /// The path of another file in the same folder.
    package func sibling(_ name: String) -> String {
        folder + name
    }
}
