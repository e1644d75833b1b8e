import Tensors
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
    /// The most bytes that a file's name may have, for the endings of what stands beside it to fit into the 255 of most disks.
    private static let lengthLimit = 255 - WorkFile.ending.utf8.count - 2 * Journal.ending.utf8.count

    /// Where a file or a folder stands while it is not whole: `OUT.partial` beside what the name leads to, links followed, or where the
    /// name is too long for that, a name of its digest.
    static func unfinished(_ path: String) -> String {
        var status = stat()
        let isLink =
            !path.utf8.contains(0) && path.withSystemPath({ lstat($0, &status) }) == 0
            && status.st_mode & S_IFMT == S_IFLNK
        let target = isLink ? WorkDescriptor.resolved(path) : path
        let slash = target.utf8.lastIndex(of: UInt8(ascii: "/"))
        let start = slash.map { target.utf8.index(after: $0) } ?? target.startIndex
        let name = target[start...]
        guard name.utf8.count > lengthLimit else { return target + WorkFile.ending }
        var digest = ContentDigest()
        digest.update(field: String(name))
        return target[..<start] + "plan-" + digest.text.suffix(16) + WorkFile.ending
    }

    /// Whether two paths lead to one file, links not followed.
    static func areSame(_ path: String, _ other: String) -> Bool {
        var status = stat()
        var otherStatus = stat()
        return path.withSystemPath({ lstat($0, &status) }) == 0
            && other.withSystemPath({ lstat($0, &otherStatus) }) == 0
            && status.st_ino == otherStatus.st_ino && status.st_dev == otherStatus.st_dev
    }

    /// Whether there is anything at a path.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return !path.utf8.contains(0) && path.withSystemPath({ stat($0, &status) }) == 0
    }
}
