#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Folders, whose files have any names.
package enum Folder {
    /// The names of what is in a folder, in order, without the folder itself and the one that it is in.
    ///
    /// - Parameter path: The folder.
    /// - Returns: The names.
    /// - Throws: ``FileError`` with ``FileError/Problem/unreadable(reason:)``.
    package static func names(in path: String) throws(FileError) -> [String] {
        guard let folder = path.withSystemPath({ opendir($0) }) else {
            throw FileError(path: path, .unreadable(reason: SystemCall.reason))
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(systemPath: bytes.prefix { $0 != 0 })
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Whether a path leads to a folder, links followed.
    package static func exists(_ path: String) -> Bool {
        var status = stat()
        return path.withSystemPath({ stat($0, &status) }) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Takes away a folder with all that is in it, or a file; links are not followed, and what cannot be taken away stays.
    package static func remove(_ path: String) {
        var status = stat()
        guard path.withSystemPath({ lstat($0, &status) }) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            path.withSystemPath { _ = unlink($0) }
            return
        }
        for name in (try? names(in: path)) ?? [] { remove(path + "/" + name) }
        path.withSystemPath { _ = rmdir($0) }
    }
}
