#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where a path leads when its links are followed, also where nothing is there yet.
package struct LinkTarget {
    /// The path of the file itself.
    package let path: String
    /// The folder that it is in, `.` for the current one.
    package let folder: String
    /// Its name in that folder.
    package let name: String

    /// Follows the links of a path.
    package init(_ path: String) {
        var path = path
        // The system follows forty links.
        for _ in 0..<40 {
            guard let content = Self.link(at: path) else { break }
            path = content.hasPrefix("/") ? content : Self.parts(of: path).prefix + content
        }
        let parts = Self.parts(of: path)
        self.path = path
        folder = parts.prefix.isEmpty ? "." : parts.prefix
        name = parts.name
    }

    /// What a link says, nil where the path is no link.
    private static func link(at path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = path.withSystemPath { readlink($0, &buffer, 4096) }
        return count > 0 ? String(systemPath: buffer[..<count].map { UInt8(bitPattern: $0) }) : nil
    }

    /// The part of a path up to its last slash, the slash included, and the name behind it.
    private static func parts(of path: String) -> (prefix: String, name: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return ("", path) }
        let start = path.utf8.index(after: slash)
        return (String(path[..<start]), String(path[start...]))
    }
}
