import Text
import Foundation

/// Which file a path leads to, however the path is spelt: links followed, hard links the same.
struct FileIdentity: Hashable {
    private let device: UInt64
    private let number: UInt64
    /// The name in the folder that the numbers are of, where the file itself is not there yet.
    private let name: String?
    /// What it is: a part of `st_mode`; nil for a file that is not there yet.
    let kind: mode_t?

    /// Finds the file; nil where not even its folder is there.
    init?(of path: String) {
        guard !path.isEmpty, !path.utf8.contains(0) else { return nil }
        if let status = Self.status(of: path) {
            self.init(status, name: nil)
            return
        }
        // A link to a file that is not there stands for that file.
        let target = LinkTarget(path)
        guard let status = Self.status(of: Self.folder(of: target.path)) else { return nil }
        self.init(status, name: FilePath(target.path).name)
    }

    private init(_ status: stat, name: String?) {
        device = UInt64(truncatingIfNeeded: status.st_dev)
        number = UInt64(truncatingIfNeeded: status.st_ino)
        kind = name == nil ? status.st_mode & S_IFMT : nil
        self.name = name
    }

    /// Whether it is a terminal, `/dev/null` or the like: reading it takes nothing that writing could lose.
    var isCharacterDevice: Bool { kind == S_IFCHR }

    /// The folder of a path, `.` for a name alone.
    static func folder(of path: String) -> String {
        FilePath(path).folderPath
    }

    private static func status(of path: String) -> stat? {
        var status = stat()
        return path.withSystemPath({ stat($0, &status) }) == 0 ? status : nil
    }
}
