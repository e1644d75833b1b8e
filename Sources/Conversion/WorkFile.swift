import Text

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The file that a model is written to before it is whole: `OUT.partial` beside the file that it will be.
final class WorkFile: WorkPlace {
    let path: String
    private let target: String
    private let descriptor: WorkDescriptor

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
        guard target.withSystemPath({ stat($0, &existing) }) != 0 || existing.st_mode & S_IFMT == S_IFREG
        else {
            throw .cannotWrite(path: target, reason: "it is not a regular file")
        }
        self.target = WorkDescriptor.resolved(target)
        path = FileName.unfinished(self.target)
        let flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (resuming ? 0 : O_CREAT)
        let number = path.withSystemPath({ open($0, flags, 0o666) })
        guard number >= 0 else {
            if resuming, errno == ENOENT { throw .nothingToResume(path: path) }
            throw .cannotWrite(path: target, reason: SystemCall.reason)
        }
        descriptor = WorkDescriptor(number, of: target)
        guard descriptor.isRegularFile else {
            throw .cannotWrite(path: path, reason: "it is not a regular file")
        }
        try descriptor.lock()
        if !resuming { try descriptor.setSize(0) }
    }

    func checkRoom(for byteCount: Int, moreBytes: Int) throws(ConversionError) {
        guard let free = descriptor.freeByteCount else { return }
        let needed = max(0, byteCount - descriptor.usedByteCount) + moreBytes
        guard free >= needed else { throw .noRoom(path: target, needed: needed, available: free) }
    }

    func setSize(_ byteCount: Int) throws(ConversionError) {
        try descriptor.setSize(byteCount)
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(ConversionError) {
        try descriptor.write(bytes, at: offset)
    }

    func read(_ byteCount: Int, at offset: Int) throws(ConversionError) -> [UInt8] {
        try descriptor.read(byteCount, at: offset)
    }

    func holds(_ bytes: [UInt8], at offset: Int) throws(ConversionError) -> Bool {
        try descriptor.holds(bytes, at: offset)
    }

    func finish() throws(ConversionError) {
        try descriptor.synchronize()
        guard SystemCall.rename(path, target) else {
            throw .cannotWrite(path: target, reason: SystemCall.reason)
        }
        WorkDescriptor.synchronizeFolder(of: target)
    }

    func remove() {
        path.withSystemPath { _ = unlink($0) }
    }
}
