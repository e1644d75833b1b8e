#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writing a whole file, so that whatever happens leaves either the old content or the new.
package enum WholeFile {
    /// Runs what gives a file its name, and returns whether that succeeded; what must not come between the two can be kept off here.
    package typealias Naming = (() -> Bool) -> Bool

    /// Writes bytes to a file beside the target, waits until they are on the disk, and renames it onto the target.
    ///
    /// A link is followed, also one whose target is not there yet, so that its target is written rather than the link
    /// replaced. A file that is replaced keeps its permissions. What is no regular file, such as a terminal or
    /// `/dev/null`, is written to directly: renaming onto it would replace the device. So is what the program has open already,
    /// such as `/dev/stderr` or `/dev/fd/3`, after what was written to it before.
    ///
    /// - Parameters:
    ///   - bytes: The content.
    ///   - path: The target.
    ///   - naming: Gives the file its name; where a file is written to directly, it is run once all is written.
    /// - Throws: ``FileError`` with ``FileError/Problem/unwritable(reason:)``.
    package static func write(
        _ bytes: [UInt8],
        to path: String,
        naming: Naming = { $0() }
    ) throws(FileError) {
        guard !path.isEmpty, !path.utf8.contains(0) else { throw unwritable(path, "that is no file name") }
        if let open = openFile(named: path) {
            try writeDirectly(bytes, to: path) { dup(open) }
            _ = naming { true }
            return
        }
        var status = stat()
        if path.withSystemPath({ stat($0, &status) }) == 0 {
            switch status.st_mode & S_IFMT {
            case S_IFREG: break
            case S_IFDIR: throw unwritable(path, "it is a folder")
            default:
                try writeDirectly(bytes, to: path) {
                    path.withSystemPath { open($0, O_WRONLY | O_NOCTTY | O_CLOEXEC) }
                }
                _ = naming { true }
                return
            }
        } else if errno == ELOOP {
            // Links in a circle lead to no file that could be written.
            throw unwritable(path, SystemCall.reason)
        }
        var partial = try PartialFile(for: path)
        try partial.append(bytes)
        _ = try partial.commit(naming: naming)
    }

    /// Writes bytes to a file as ``write(_:to:naming:)`` does, unless something has the name by then.
    ///
    /// Nobody sees the file before it is whole, and of several programs that write one of that name at a time one does.
    ///
    /// - Parameters:
    ///   - bytes: The content.
    ///   - path: The file.
    ///   - naming: Gives the file its name.
    /// - Returns: Whether the file was written.
    /// - Throws: ``FileError`` with ``FileError/Problem/unwritable(reason:)``.
    package static func writeNew(
        _ bytes: [UInt8],
        to path: String,
        naming: Naming = { $0() }
    ) throws(FileError) -> Bool {
        guard !SystemCall.exists(path) else { return false }
        var partial = try PartialFile(for: path)
        try partial.append(bytes)
        return try partial.commit(replacing: false, naming: naming)
    }

    /// Writes bytes to a descriptor that is open, such as standard output; one that a parent made non-blocking is waited
    /// for.
    ///
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - descriptor: The descriptor.
    ///   - path: What messages call it, `-` being standard output.
    /// - Throws: ``FileError`` with ``FileError/Problem/unwritable(reason:)``.
    package static func write(
        _ bytes: [UInt8],
        toDescriptor descriptor: CInt,
        path: String
    ) throws(FileError) {
        guard bytes.withUnsafeBytes({ SystemCall.write($0, to: descriptor) }) else {
            throw unwritable(path, SystemCall.reason)
        }
    }

    /// Makes a folder unless it is there; its parent must exist.
    ///
    /// - Throws: ``FileError`` with ``FileError/Problem/unwritable(reason:)``.
    package static func makeFolder(_ path: String) throws(FileError) {
        if path.withSystemPath({ mkdir($0, 0o777) }) != 0, errno != EEXIST {
            throw unwritable(path, SystemCall.reason)
        }
    }

    /// The number of what the program has open already, if that is what the path names, as `/dev/stderr` and `/dev/fd/3` do.
    ///
    /// Nothing that stands there is lost by writing to it.
    ///
    /// - Parameter path: The path.
    /// - Returns: The descriptor, which may be closed or not be for writing.
    package static func openFile(named path: String) -> CInt? {
        switch path {
        case "/dev/stdout": return STDOUT_FILENO
        case "/dev/stderr": return STDERR_FILENO
        default:
            let folder = ["/dev/fd/", "/proc/self/fd/"].first(where: path.hasPrefix)
            return folder.flatMap { CInt(path.dropFirst($0.count)) }
        }
    }

    private static func writeDirectly(
        _ bytes: [UInt8],
        to path: String,
        opening: () -> CInt
    ) throws(FileError) {
        let descriptor = opening()
        guard descriptor >= 0 else { throw unwritable(path, SystemCall.reason) }
        do throws(FileError) {
            try write(bytes, toDescriptor: descriptor, path: path)
        } catch {
            close(descriptor)
            throw error
        }
        guard close(descriptor) == 0 else { throw unwritable(path, SystemCall.reason) }
    }

    static func unwritable(_ path: String, _ reason: String) -> FileError {
        FileError(path: path, .unwritable(reason: reason))
    }
}
