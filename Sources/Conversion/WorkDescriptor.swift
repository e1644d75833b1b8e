import Dispatch
import Text

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An open file that is written to and read from at any place, by several threads at the same time.
final class WorkDescriptor: Sendable {
    /// What errors call the file.
    private let name: String
    private let descriptor: OwnedDescriptor
    /// Taken while bytes are written: a file system takes one write to a file at a time, and a thread that waits for another's inside
    /// the system, or for a mutex, keeps its core busy.
    private let writing = DispatchSemaphore(value: 1)

    /// Opens a file or a folder; nil where the system refuses, with the reason in `errno`.
    ///
    /// - Parameters:
    ///   - path: The file or folder.
    ///   - flags: What `open` takes.
    ///   - name: What errors call it.
    init?(opening path: String, _ flags: CInt, of name: String) {
        guard let descriptor = OwnedDescriptor(opening: path, flags) else { return nil }
        self.descriptor = descriptor
        self.name = name
    }

    /// The number by which the system knows it, as long as this object is there.
    var number: CInt { descriptor.number }

    /// Locks the file or folder as long as it is open.
    ///
    /// - Throws: ``ConversionError/beingWritten(path:)`` where another program has it.
    func lock() throws(ConversionError) {
        guard descriptor.lock() else { throw .beingWritten(path: name) }
    }

    /// Whether another program has locked a file or folder.
    static func isLocked(_ path: String) -> Bool {
        guard let descriptor = OwnedDescriptor(opening: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK) else {
            return false
        }
        return descriptor.isLockedElsewhere()
    }

    /// Whether it is a regular file.
    var isRegularFile: Bool {
        var status = stat()
        return fstat(number, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// The number of bytes in the file.
    var byteCount: Int {
        var status = stat()
        return fstat(number, &status) == 0 ? Int(status.st_size) : 0
    }

    /// The room that the file takes on its disk, in bytes.
    var usedByteCount: Int {
        var status = stat()
        // Blocks of a file are counted by 512 bytes.
        return fstat(number, &status) == 0 ? Int(status.st_blocks) * 512 : 0
    }

    /// The room that is free on its disk, in bytes, or nil where that is not known.
    var freeByteCount: Int? {
        var disk = statvfs()
        guard fstatvfs(number, &disk) == 0 else { return nil }
        let (free, overflow) = Int(clamping: disk.f_bavail)
            .multipliedReportingOverflow(by: Int(clamping: disk.f_frsize))
        return overflow ? .max : free
    }

    /// Gives the file its size.
    ///
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)``.
    func setSize(_ byteCount: Int) throws(ConversionError) {
        guard ftruncate(number, off_t(byteCount)) == 0 else {
            throw .cannotWrite(path: name, reason: SystemCall.reason)
        }
    }

    /// Writes bytes at a place.
    ///
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)``.
    func write(_ bytes: [UInt8], at offset: Int) throws(ConversionError) {
        writing.wait()
        defer { writing.signal() }
        guard SystemCall.write(bytes, to: number, at: offset) else {
            throw .cannotWrite(path: name, reason: SystemCall.reason)
        }
    }

    /// Reads bytes of a place; fewer where the file ends.
    ///
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)``.
    func read(_ byteCount: Int, at offset: Int) throws(ConversionError) -> [UInt8] {
        guard let bytes = SystemCall.read(byteCount, from: number, at: offset) else {
            throw .cannotWrite(path: name, reason: SystemCall.reason)
        }
        return bytes
    }

    /// Whether the file holds bytes at a place.
    ///
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)``.
    func holds(_ bytes: [UInt8], at offset: Int) throws(ConversionError) -> Bool {
        // Parts that fit into a core's cache, and whose memory is used again and again.
        for start in stride(from: 0, to: bytes.count, by: Self.comparedByteCount) {
            let count = min(Self.comparedByteCount, bytes.count - start)
            let found = try read(count, at: offset + start)
            guard found.count == count else { return false }
            let isSame = found.withUnsafeBytes { found in
                bytes.withUnsafeBytes { bytes in
                    guard let first = found.baseAddress, let second = bytes.baseAddress else { return true }
                    return memcmp(first, second + start, count) == 0
                }
            }
            guard isSame else { return false }
        }
        return true
    }

    /// How much is read at a time to be compared.
    private static let comparedByteCount = 1 << 16

    /// Waits until the file, or what a folder says of its files, is on the disk.
    ///
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)``.
    func synchronize() throws(ConversionError) {
        guard SystemCall.synchronize(number) else {
            throw .cannotWrite(path: name, reason: SystemCall.reason)
        }
    }

    /// Waits until the name of a file or folder is on the disk, which is so when the folder that it is in is.
    static func synchronizeFolder(of path: String) {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let folder = slash.map { String(path[...$0]) } ?? "."
        guard let descriptor = OwnedDescriptor(opening: folder, O_RDONLY | O_DIRECTORY) else { return }
        fsync(descriptor.number)
    }

    /// The file that a path leads to, links followed, also where nothing is there yet.
    static func resolved(_ path: String) -> String {
        guard let real = path.withSystemPath({ realpath($0, nil) }) else { return LinkTarget(path).path }
        defer { free(real) }
        return String(systemPath: UnsafeRawBufferPointer(start: real, count: strlen(real)))
    }
}
