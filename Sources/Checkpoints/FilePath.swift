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

    /// What a path leads to.
    enum Kind {
        case file
        case folder
        /// A pipe or a device, which can only be read from its beginning.
        case stream
    }

    /// Finds out what a path leads to.
    static func kind(of path: String) throws(CheckpointError) -> Kind {
        // The system would read the path only up to a NUL.
        guard !path.utf8.contains(0) else { throw .noSuchFile(path: path) }
        var status = stat()
        guard stat(path, &status) == 0 else { throw SystemError(number: errno).checkpointError(path: path) }
        return switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .folder
        default: .stream
        }
    }

    /// The names of what is in a folder, in order.
    static func names(inFolder path: String) throws(CheckpointError) -> [String] {
        guard let folder = opendir(path) else { throw SystemError(number: errno).checkpointError(path: path) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            names.append(name)
        }
        return names.sorted()
    }
}
