#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The file that a model is written to before it is whole: `OUT.partial` beside the file that it will be.
///
/// It is locked while it is written, so that two programs that make one file do not write into each other's work. What ends
/// the program leaves it there, to be gone on with.
final class WorkFile: Sendable {
    /// Where it is.
    let path: String
    private let target: String
    private let descriptor: CInt

    /// The ending of its name.
    static let ending = ".partial"

    /// Opens the file, or makes it.
    ///
    /// - Parameters:
    ///   - target: The file that it will be.
    ///   - resuming: Whether to go on with what is there; otherwise it is begun anew.
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)`` and ``ConversionError/nothingToResume(path:)``.
    init(for target: String, resuming: Bool) throws(ConversionError) {
        guard !target.isEmpty, !target.utf8.contains(0) else {
            throw .cannotWrite(path: target, reason: "that is not a file name")
        }
        var existing = stat()
        guard stat(target, &existing) != 0 || existing.st_mode & S_IFMT == S_IFREG else {
            throw .cannotWrite(path: target, reason: "it is not a regular file")
        }
        self.target = Self.resolved(target)
        path = self.target + Self.ending
        let flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (resuming ? 0 : O_CREAT)
        let descriptor = open(path, flags, 0o666)
        guard descriptor >= 0 else {
            if resuming, errno == ENOENT { throw .nothingToResume(path: path) }
            throw .cannotWrite(path: target, reason: Self.reason)
        }
        self.descriptor = descriptor
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .cannotWrite(path: path, reason: "it is not a regular file")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw .cannotWrite(path: target, reason: "another program writes it")
        }
        if !resuming {
            guard ftruncate(descriptor, 0) == 0 else { throw .cannotWrite(path: target, reason: Self.reason) }
        }
    }

    deinit {
        close(descriptor)
    }

    /// Checks that the disk has room for a file of so many bytes, what this one takes already counted, and so many bytes more.
    ///
    /// - Throws: ``ConversionError/noRoom(path:needed:available:)``.
    func checkRoom(for byteCount: Int, moreBytes: Int) throws(ConversionError) {
        var disk = statvfs()
        var status = stat()
        guard fstatvfs(descriptor, &disk) == 0, fstat(descriptor, &status) == 0 else { return }
        let (free, overflow) = Int(clamping: disk.f_bavail)
            .multipliedReportingOverflow(by: Int(clamping: disk.f_frsize))
        // Blocks of a file are counted by 512 bytes.
        let needed = max(0, byteCount - Int(status.st_blocks) * 512) + moreBytes
        guard overflow || free >= needed else {
            throw .noRoom(path: target, needed: needed, available: free)
        }
    }

    /// Gives the file its size.
    ///
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)``.
    func setSize(_ byteCount: Int) throws(ConversionError) {
        guard ftruncate(descriptor, off_t(byteCount)) == 0 else {
            throw .cannotWrite(path: target, reason: Self.reason)
        }
    }

    /// Writes bytes at a place; several threads may do so at the same time.
    ///
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)``.
    func write(_ bytes: [UInt8], at offset: Int) throws(ConversionError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(
                    descriptor,
                    buffer.baseAddress?.advanced(by: written),
                    bytes.count - written,
                    off_t(offset + written)
                )
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .cannotWrite(path: target, reason: Self.reason) }
            written += count
        }
    }

    /// Reads bytes of a place; fewer where the file ends.
    ///
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)``.
    func read(_ byteCount: Int, at offset: Int) throws(ConversionError) -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, initialized in
            var done = 0
            while done < byteCount {
                let place = buffer.baseAddress?.advanced(by: done)
                let count = pread(descriptor, place, byteCount - done, off_t(offset + done))
                if count < 0, errno == EINTR { continue }
                if count < 0 { failed = true }
                guard count > 0 else { break }
                done += count
            }
            initialized = done
        }
        guard !failed else { throw .cannotWrite(path: target, reason: Self.reason) }
        return bytes
    }

    /// Whether the file holds bytes at a place.
    ///
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)``.
    func holds(_ bytes: [UInt8], at offset: Int) throws(ConversionError) -> Bool {
        let found = try read(bytes.count, at: offset)
        guard found.count == bytes.count else { return false }
        return found.withUnsafeBytes { found in
            bytes.withUnsafeBytes { bytes in
                guard let first = found.baseAddress, let second = bytes.baseAddress else { return true }
                return memcmp(first, second, bytes.count) == 0
            }
        }
    }

    /// Waits until everything is on the disk, and puts the file in its place.
    ///
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)``.
    func finish() throws(ConversionError) {
        // Some file systems know no such wait.
        guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else {
            throw .cannotWrite(path: target, reason: Self.reason)
        }
        guard rename(path, target) == 0 else { throw .cannotWrite(path: target, reason: Self.reason) }
        // The name is on the disk when the folder is.
        let slash = target.utf8.lastIndex(of: UInt8(ascii: "/"))
        let folder = slash.map { String(target[...$0]) } ?? "."
        let folderDescriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folderDescriptor >= 0 {
            fsync(folderDescriptor)
            close(folderDescriptor)
        }
    }

    /// Takes the file away.
    func remove() {
        unlink(path)
    }

    /// The file that a path leads to, links followed.
    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    private static var reason: String {
        String(cString: strerror(errno)).lowercased()
    }
}
