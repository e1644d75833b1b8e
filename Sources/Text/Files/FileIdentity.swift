#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Which file a path leads to, however the path is spelt: hard links the same.
package struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    private let number: UInt64
    /// The name in the folder that the numbers are of, where the file itself is not there yet.
    private let name: String?
    /// What it is: a part of `st_mode`; nil for a file that is not there yet.
    private let kind: mode_t?

    /// Finds the file that a path leads to, links followed; nil where not even its folder is there.
    package init?(of path: String) {
        guard !path.isEmpty, !path.utf8.contains(0) else { return nil }
        if let status = Self.status(of: path) {
            self.init(status, name: nil)
            return
        }
        // A link to a file that is not there stands for that file.
        let target = LinkTarget(path)
        guard let status = Self.status(of: FilePath(target.path).folderPath) else { return nil }
        self.init(status, name: FilePath(target.path).name)
    }

    /// Finds what a path names, a link of that name not followed; nil where nothing has that name.
    package init?(ofNameItself path: String) {
        var status = stat()
        guard !path.isEmpty, !path.utf8.contains(0), path.withSystemPath({ lstat($0, &status) }) == 0 else {
            return nil
        }
        self.init(status, name: nil)
    }

    /// Finds the file that is open.
    package init?(ofDescriptor descriptor: CInt) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status, name: nil)
    }

    private init(_ status: stat, name: String?) {
        device = UInt64(truncatingIfNeeded: status.st_dev)
        number = UInt64(truncatingIfNeeded: status.st_ino)
        kind = name == nil ? status.st_mode & S_IFMT : nil
        self.name = name
    }

    /// Whether it is there, rather than a name in a folder that a file may get.
    package var isThere: Bool { kind != nil }

    /// Whether it is a folder.
    package var isFolder: Bool { kind == S_IFDIR }

    /// Whether it is a file with content of its own.
    package var isRegularFile: Bool { kind == S_IFREG }

    /// Whether it is a disk, or the like.
    package var isBlockDevice: Bool { kind == S_IFBLK }

    /// Whether it is a link, which only ``init(ofNameItself:)`` finds.
    package var isLink: Bool { kind == S_IFLNK }

    /// Whether it is a terminal, `/dev/null` or the like: reading it takes nothing that writing could lose.
    package var isCharacterDevice: Bool { kind == S_IFCHR }

    private static func status(of path: String) -> stat? {
        var status = stat()
        return path.withSystemPath({ stat($0, &status) }) == 0 ? status : nil
    }
}
