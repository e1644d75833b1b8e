import Text
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a path leads to.
enum FileName {
    /// Whether there is anything at a path.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return !path.utf8.contains(0) && path.withSystemPath({ stat($0, &status) }) == 0
    }
}
