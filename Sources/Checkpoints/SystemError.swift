#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A failed call of the system, by its `errno`.
struct SystemError: Error {
    let number: CInt

    /// The module's error for a file that could not be opened or read.
    func checkpointError(path: String) -> CheckpointError {
        number == ENOENT || number == ENOTDIR
            ? .noSuchFile(path: path)
            : .unreadableFile(path: path, reason: String(cString: strerror(number)))
    }
}
