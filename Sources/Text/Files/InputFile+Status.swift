#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension InputFile {
    /// Whether there is anything at a path, links followed.
    package static func exists(_ path: String) -> Bool {
        status(of: path) != nil
    }

    /// The size of a file on a disk, in bytes, links followed, or of what was read of a pipe; nil where there is none.
    package static func byteCount(of path: String) -> Int? {
        if let kept = try? kept(path) { return kept.count }
        guard let status = status(of: path), status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    private static func status(of path: String) -> stat? {
        var status = stat()
        guard !path.isEmpty, !path.utf8.contains(0) else { return nil }
        return path.withSystemPath({ stat($0, &status) }) == 0 ? status : nil
    }
}
