import Text

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A path of a file, taken apart at its last slash.
struct FilePath {
    /// What stands before the name, its slash included, or nothing.
    let folder: String

    /// The name.
    let name: String

    init(_ path: String) {
        var rest = path[...]
        while rest.utf8.count > 1, rest.utf8.last == UInt8(ascii: "/") { rest = rest.dropLast() }
        let slash = rest.utf8.lastIndex(of: UInt8(ascii: "/"))
        let start = slash.map { rest.utf8.index(after: $0) } ?? rest.startIndex
        folder = String(rest[..<start])
        name = String(rest[start...])
    }

    /// The path of another file in the same folder.
    func sibling(_ name: String) -> String {
        folder + name
    }

    /// The names of what is in a folder, in order.
    static func names(inFolder path: String) throws(CheckpointError) -> [String] {
        guard let folder = path.withSystemPath({ opendir($0) }) else {
            throw .file(FileError(path: path, .unreadable(reason: String(cString: strerror(errno)))))
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(systemPath: bytes.prefix { $0 != 0 })
            }
            names.append(name)
        }
        return names.sorted()
    }
}
