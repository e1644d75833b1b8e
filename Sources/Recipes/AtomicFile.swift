import Text

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writing a whole file so that an interrupted run leaves either the old content or the new.
public enum AtomicFile {
    /// Writes bytes to a temporary file beside the target, then renames it onto the target.
    ///
    /// A link is followed, so that its target is replaced rather than the link. What is not a regular file, such as a
    /// terminal or `/dev/null`, is written to directly: renaming onto it would replace the device. So is what the program
    /// has open already, such as `/dev/stderr` or `/dev/fd/3`, after what was written to it before.
    ///
    /// - Throws: ``RecipeError/cannotWrite(path:reason:)``.
    public static func write(_ bytes: [UInt8], to path: String) throws(RecipeError) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw .cannotWrite(path: path, reason: "that is not a file name")
        }
        if let open = openFile(named: path) {
            try write(bytes, toDescriptor: dup(open), path: path)
            return
        }
        var status = stat()
        let exists = stat(path, &status) == 0
        if exists {
            switch status.st_mode & S_IFMT {
            case S_IFREG: break
            case S_IFDIR: throw .cannotWrite(path: path, reason: "it is a folder")
            default:
                try write(bytes, toDescriptor: open(path, O_WRONLY | O_NOCTTY), path: path)
                return
            }
        }
        let target = exists ? (resolved(path) ?? path) : path
        let temporary = "\(target).\(UInt32.random(in: .min ... .max)).partial"
        // The umask takes away what the user does not want to grant; a file that is replaced keeps its permissions.
        let mode = exists ? status.st_mode & 0o777 : 0o666
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode)
        do throws(RecipeError) {
            try write(bytes, toDescriptor: descriptor, path: path)
        } catch {
            if descriptor >= 0 { unlink(temporary) }
            throw error
        }
        guard rename(temporary, target) == 0 else {
            let reason = SystemCall.reason
            unlink(temporary)
            throw .cannotWrite(path: path, reason: reason)
        }
    }

    /// Makes a folder unless it is there; its parent must exist.
    ///
    /// - Throws: ``RecipeError/cannotWrite(path:reason:)``.
    public static func makeFolder(_ path: String) throws(RecipeError) {
        if mkdir(path, 0o777) != 0, errno != EEXIST {
            throw .cannotWrite(path: path, reason: SystemCall.reason)
        }
    }

    private static func write(
        _ bytes: [UInt8],
        toDescriptor descriptor: CInt,
        path: String
    ) throws(RecipeError) {
        guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: SystemCall.reason) }
        guard bytes.withUnsafeBytes({ SystemCall.write($0, to: descriptor) }) else {
            let reason = SystemCall.reason
            close(descriptor)
            throw .cannotWrite(path: path, reason: reason)
        }
        // A full disk may only show when the file is closed.
        guard close(descriptor) == 0 else { throw .cannotWrite(path: path, reason: SystemCall.reason) }
    }

    /// The number of what the program has open already, if that is what the path names, as `/dev/stderr` and `/dev/fd/3` do.
    ///
    /// Nothing that stands there is lost by writing to it.
    public static func openFile(named path: String) -> CInt? {
        switch path {
        case "/dev/stdout": return STDOUT_FILENO
        case "/dev/stderr": return STDERR_FILENO
        default:
            let folder = ["/dev/fd/", "/proc/self/fd/"].first(where: path.hasPrefix)
            return folder.flatMap { CInt(path.dropFirst($0.count)) }
        }
    }

    /// The path with every link in it followed.
    private static func resolved(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }
}
