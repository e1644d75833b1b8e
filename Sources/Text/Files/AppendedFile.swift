#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that grows by whole records while a program works, so that what is finished lasts.
///
/// It is locked as long as it is open: two programs that went on with one file would write every record twice.
package final class AppendedFile: Sendable {
    private let path: String
    private let descriptor: OwnedDescriptor

    /// Makes a file, or opens one that is there to go on with it; links are followed.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - isNew: Whether nothing may have that name yet; otherwise a regular file has to.
    /// - Throws: ``FileError`` with ``FileError/Problem/unwritable(reason:)``, also while another program writes to it.
    package convenience init(_ path: String, isNew: Bool) throws(FileError) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw WholeFile.unwritable(path, "that is not a file name")
        }
        // A pipe that nobody reads would be waited for.
        if !isNew { try Self.checkKind(path) }
        try self.init(path, opening: isNew ? O_CREAT | O_EXCL : 0)
    }

    /// Makes a file of the program's own beside one that it writes, or opens one that an earlier run left; a link in its place is not
    /// followed.
    ///
    /// - Parameter path: The file.
    /// - Throws: ``FileError`` with ``FileError/Problem/unwritable(reason:)``, also while another program writes to it.
    package convenience init(ownFile path: String) throws(FileError) {
        try self.init(path, opening: O_CREAT | O_NOFOLLOW)
    }

    private init(_ path: String, opening: CInt) throws(FileError) {
        guard let descriptor = OwnedDescriptor(opening: path, O_WRONLY | O_APPEND | opening) else {
            throw WholeFile.unwritable(path, SystemCall.reason)
        }
        guard descriptor.lock() else { throw WholeFile.unwritable(path, "another program writes to it") }
        self.path = path
        self.descriptor = descriptor
    }

    private static func checkKind(_ path: String) throws(FileError) {
        var status = stat()
        guard path.withSystemPath({ stat($0, &status) }) == 0 else {
            throw WholeFile.unwritable(path, SystemCall.reason)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw WholeFile.unwritable(path, "it is not a regular file")
        }
    }

    /// Cuts off a record that a program which was killed left unfinished.
    ///
    /// - Parameter byteCount: The bytes of the whole records.
    /// - Throws: ``FileError`` with ``FileError/Problem/unwritable(reason:)``.
    package func cut(to byteCount: Int) throws(FileError) {
        guard ftruncate(descriptor.number, off_t(byteCount)) == 0 else {
            throw WholeFile.unwritable(path, SystemCall.reason)
        }
    }

    /// Appends a record.
    ///
    /// - Parameters:
    ///   - record: The record.
    ///   - isAwaited: Whether to wait until it is on the disk.
    /// - Throws: ``FileError`` with ``FileError/Problem/unwritable(reason:)``.
    package func append(_ record: [UInt8], isAwaited: Bool = true) throws(FileError) {
        guard record.withUnsafeBytes({ SystemCall.write($0, to: descriptor.number) }),
            !isAwaited || SystemCall.synchronize(descriptor.number)
        else { throw WholeFile.unwritable(path, SystemCall.reason) }
    }
}
