#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that is open for reading, closed when nothing refers to it any more.
final class OpenFile: Sendable {
    private let descriptor: CInt

    /// Opens the file at a path, or throws the system's error number.
    init(path: String) throws(SystemError) {
        // O_NONBLOCK keeps the call from waiting should the path have become a pipe.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw SystemError(number: errno) }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// The size of the file in bytes.
    func byteCount() throws(SystemError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemError(number: errno) }
        return Int(status.st_size)
    }

    /// When the content was last written, in nanoseconds.
    func modificationTime() throws(SystemError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemError(number: errno) }
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        return Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec)
    }

    /// Reads at most so many bytes from an offset on; none at the end of the file.
    func read(at offset: Int, upTo count: Int) throws(SystemError) -> [UInt8] {
        var number: CInt = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, readCount in
            var result = -1
            repeat {
                result = pread(descriptor, buffer.baseAddress, count, off_t(offset))
            } while result < 0 && errno == EINTR
            if result < 0 { number = errno }
            readCount = max(0, result)
        }
        guard number == 0 else { throw SystemError(number: number) }
        return bytes
    }
}
