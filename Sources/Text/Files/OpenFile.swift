#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that is open for reading, closed when nothing refers to it any more.
final class OpenFile: Sendable {
    /// What a path leads to.
    enum Kind {
        /// A file of a known size, which may be read from any place.
        case regular(byteCount: Int)
        case folder
        /// A pipe or a device, which can only be read from its beginning.
        case stream
    }

    private let path: String
    private let descriptor: OwnedDescriptor

    /// Whether what was read of it does not come again.
    var isReadOnce: Bool {
        if case .stream = kind { true } else { path == "-" }
    }

    /// What the path led to when it was opened.
    let kind: Kind

    /// Opens the file at a path, `-` being standard input.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - waits: Whether a pipe is waited for until somebody writes to it.
    ///   - followsLinks: Whether a link of that name is followed; otherwise it is refused.
    /// - Throws: ``FileError``.
    init(path: String, waits: Bool, followsLinks: Bool = true) throws(FileError) {
        self.path = path
        // The system would read the path only up to a NUL.
        guard !path.isEmpty, !path.utf8.contains(0) else { throw FileError(path: path, .missing) }
        let flags = O_RDONLY | (waits ? 0 : O_NONBLOCK) | (followsLinks ? 0 : O_NOFOLLOW)
        guard
            let descriptor = path == "-"
                ? OwnedDescriptor(sharing: STDIN_FILENO) : OwnedDescriptor(opening: path, flags)
        else {
            throw FileError(
                path: path,
                errno == ENOENT || errno == ENOTDIR ? .missing : .unreadable(reason: SystemCall.reason)
            )
        }
        var status = stat()
        guard fstat(descriptor.number, &status) == 0 else {
            throw FileError(path: path, .unreadable(reason: SystemCall.reason))
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: kind = .regular(byteCount: Int(status.st_size))
        case S_IFDIR: kind = .folder
        default: kind = .stream
        }
        self.descriptor = descriptor
    }

    /// The size of the file now, and when its content was last written, in nanoseconds.
    func state() throws(FileError) -> (byteCount: Int, modified: Int, changed: Int) {
        var status = stat()
        guard fstat(descriptor.number, &status) == 0 else {
            throw FileError(path: path, .unreadable(reason: SystemCall.reason))
        }
        #if canImport(Darwin)
            let (modified, changed) = (status.st_mtimespec, status.st_ctimespec)
        #else
            let (modified, changed) = (status.st_mtim, status.st_ctim)
        #endif
        func nanoseconds(_ time: timespec) -> Int {
            Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec)
        }
        return (Int(status.st_size), nanoseconds(modified), nanoseconds(changed))
    }

    /// Reads at most so many bytes from an offset on; none at the end of the file.
    func read(at offset: Int, upTo count: Int) throws(FileError) -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, readCount in
            let result = SystemCall.repeated(on: descriptor.number, waitingFor: CInt(POLLIN)) {
                pread(descriptor.number, buffer.baseAddress, count, off_t(offset))
            }
            failed = result < 0
            readCount = max(0, result)
        }
        guard !failed else { throw FileError(path: path, .unreadable(reason: SystemCall.reason)) }
        return bytes
    }

    /// Reads everything from where the file stands to its end.
    ///
    /// The limit is kept while reading, not by asking for the size, because a pipe or a device has none.
    ///
    /// - Parameter limit: The most bytes.
    /// - Returns: The bytes.
    /// - Throws: ``FileError`` with ``FileError/Problem/tooLarge(limit:)``, ``FileError/Problem/streamTooLarge(limit:)``,
    ///   ``FileError/Problem/folder`` or ``FileError/Problem/unreadable(reason:)``.
    func bytes(limit: Int) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        var isStream = false
        switch kind {
        case .folder: throw FileError(path: path, .folder)
        case .regular(let byteCount):
            guard byteCount <= limit else { throw FileError(path: path, .tooLarge(limit: limit)) }
            bytes.reserveCapacity(byteCount)
        case .stream: isStream = true
        }
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { chunk.deallocate() }
        while true {
            let count = SystemCall.repeated(on: descriptor.number, waitingFor: CInt(POLLIN)) {
                systemRead(descriptor.number, chunk.baseAddress, chunk.count)
            }
            guard count >= 0 else { throw FileError(path: path, .unreadable(reason: SystemCall.reason)) }
            guard count > 0 else { return bytes }
            guard bytes.count + count <= limit else {
                throw FileError(
                    path: path,
                    isStream ? .streamTooLarge(limit: limit) : .tooLarge(limit: limit)
                )
            }
            if bytes.count + count > bytes.capacity, bytes.capacity > 1 << 20 {
                // Room that is not touched takes no memory, and a growing array would be there twice.
                bytes.reserveCapacity(limit)
            }
            bytes.append(contentsOf: chunk[..<count])
        }
    }
}

/// `read` of the C library, which the method above would hide.
private func systemRead(_ descriptor: CInt, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, bytes, count)
}
