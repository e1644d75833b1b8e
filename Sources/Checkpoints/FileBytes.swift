#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Reads all bytes of a file, which may also be a pipe.
///
/// The limit is kept while reading, not by asking for the size, because a pipe or a device has none.
func bytesOfFile(at path: String, limit: Int) throws(CheckpointError) -> [UInt8] {
    // The system would read the path only up to a NUL.
    guard !path.utf8.contains(0) else { throw .noSuchFile(path: path) }
    guard let file = fopen(path, "rb") else {
        let code = errno
        throw code == ENOENT || code == ENOTDIR
            ? .noSuchFile(path: path)
            : .unreadableFile(path: path, reason: String(cString: strerror(code)))
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        errno = 0
        let count = fread(&chunk, 1, chunk.count, file)
        bytes += chunk[..<count]
        guard bytes.count <= limit else { throw .fileTooLarge(path: path, limit: limit) }
        if count < chunk.count {
            guard ferror(file) == 0 else {
                throw .unreadableFile(path: path, reason: String(cString: strerror(errno)))
            }
            return bytes
        }
    }
}
