import Tensors
import Text

/// What a path leads to.
enum FileName {
    /// The most bytes that a file's name may have, for the endings of what stands beside it to fit into the 255 of most disks.
    private static let lengthLimit = 255 - WorkFile.ending.utf8.count - 2 * Journal.ending.utf8.count

    /// Where a file or a folder stands while it is not whole: `OUT.partial` beside what the name leads to, links followed, or where the
    /// name is too long for that, a name of its digest.
    static func unfinished(_ path: String) -> String {
        let isLink = FileIdentity(ofNameItself: path)?.isLink == true
        let target = isLink ? WorkDescriptor.resolved(path) : path
        let slash = target.utf8.lastIndex(of: UInt8(ascii: "/"))
        let start = slash.map { target.utf8.index(after: $0) } ?? target.startIndex
        let name = target[start...]
        guard name.utf8.count > lengthLimit else { return target + WorkFile.ending }
        var digest = ContentDigest()
        digest.update(field: String(name))
        return target[..<start] + "plan-" + digest.text.suffix(16) + WorkFile.ending
    }
}
