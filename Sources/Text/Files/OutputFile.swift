#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writing a whole file, so that whatever happens leaves either the old content or the new.
package enum OutputFile {
    /// Writes bytes to a file beside the target, waits until they are on the disk, and renames it onto the target.
    ///
    /// A link is followed, also one whose target is not there yet, so that its target is written rather than the link
    /// replaced. A file that is replaced keeps its permissions. What is no regular file, such as a terminal or
    /// `/dev/null`, is written to directly: renaming onto it would replace the device.
    ///
    /// - Parameters:
    ///   - bytes: The content.
    ///   - path: The target.
    /// - Throws: ``FileError`` with ``FileError/Problem/unwritable(reason:)``.
    package static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        guard !path.isEmpty, !path.utf8.contains(0) else { throw unwritable(path, "that is no file name") }
        var status = stat()
        if path.withSystemPath({ stat($0, &status) }) == 0 {
            switch status.st_mode & S_IFMT {
            case S_IFREG: break
            case S_IFDIR: throw unwritable(path, "it is a folder")
            default: return try writeDirectly(bytes, to: path)
            }
        } else if errno == ELOOP {
            // Links in a circle lead to no file that could be written.
            throw unwritable(path, SystemCall.reason)
        }
        var partial = try PartialFile(for: path)
        try partial.append(bytes)
        try partial.commit()
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

    private static func writeDirectly(_ bytes: [UInt8], to path: String) throws(FileError) {
        let descriptor = path.withSystemPath { open($0, O_WRONLY | O_NOCTTY | O_CLOEXEC) }
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
