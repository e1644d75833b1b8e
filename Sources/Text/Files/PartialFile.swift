#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that is being written beside its target, which it replaces when it is whole.
///
/// Its name follows from the target's and is short, whatever the length of that. It is locked while it is written: a file
/// of such a name that nobody locks was left by a program that was killed, and the next one that writes the same target
/// takes it away. Any other end takes it away at once: an error, and every signal that can be caught.
package struct PartialFile: ~Copyable {
    /// The path that the user gave, for messages.
    private let path: String
    private let target: LinkTarget
    private let temporary: String
    private let descriptor: OwnedDescriptor
    private let slot: Int?
    private var isCommitted = false

    /// Creates an empty file beside a target, whose permissions it gets where it exists.
    ///
    /// - Parameter path: The target, which need not exist and may be a link.
    /// - Throws: ``FileError`` with ``FileError/Problem/unwritable(reason:)``.
    package init(for path: String) throws(FileError) {
        let target = LinkTarget(path)
        var temporary = ""
        descriptor = try Self.create(beside: target, path: path, name: &temporary)
        self.path = path
        self.target = target
        self.temporary = temporary
        slot = RemovalOnSignal.register(temporary)
        SystemCall.adoptRights(of: target.path, for: descriptor.number)
    }

    /// Writes bytes at the end.
    ///
    /// - Throws: ``FileError`` with ``FileError/Problem/unwritable(reason:)``.
    package mutating func append(_ bytes: [UInt8]) throws(FileError) {
        try WholeFile.write(bytes, toDescriptor: descriptor.number, path: path)
    }

    /// Waits until everything is on the disk, and puts the file in the target's place.
    ///
    /// - Parameters:
    ///   - replacing: Whether what stands there is replaced.
    ///   - naming: Gives the file its name by what it is handed.
    /// - Returns: Whether the file is in its place: false only where something stands there that is not replaced.
    /// - Throws: ``FileError`` with ``FileError/Problem/unwritable(reason:)``.
    package consuming func commit(
        replacing: Bool = true,
        naming: WholeFile.Naming = { $0() }
    ) throws(FileError) -> Bool {
        guard SystemCall.synchronize(descriptor.number) else {
            throw WholeFile.unwritable(path, SystemCall.reason)
        }
        var problem: CInt = 0
        var hasTwoNames = false
        let (old, new) = (temporary, target.path)
        let isNamed = naming {
            // A second name is given only where there is nothing; the first one is taken away with this value.
            if !replacing, SystemCall.link(old, new) {
                hasTwoNames = true
                return true
            }
            // Not every file system has files of two names.
            if !replacing, errno == EEXIST || SystemCall.exists(new) {
                problem = EEXIST
                return false
            }
            let isDone = SystemCall.rename(old, new)
            if !isDone { problem = errno }
            return isDone
        }
        if !isNamed, !replacing, problem == EEXIST { return false }
        guard isNamed else { throw WholeFile.unwritable(path, SystemCall.reason(of: problem)) }
        isCommitted = !hasTwoNames
        // The name is on the disk when the folder is.
        if let folder = OwnedDescriptor(opening: target.folder, O_RDONLY | O_DIRECTORY) {
            fsync(folder.number)
        }
        return true
    }

    /// Takes away every file that is being written, for a program that ends itself in the midst of it.
    package static func removeAll() { RemovalOnSignal.removeAll() }

    deinit {
        if !isCommitted { _ = temporary.withSystemPath { unlink($0) } }
        if let slot { RemovalOnSignal.unregister(slot) }
    }

    // MARK: The name

    private static let slotCount = 16

    private static func create(
        beside target: LinkTarget,
        path: String,
        name chosen: inout String
    ) throws(FileError) -> OwnedDescriptor {
        // FNV-1a in 64 bits: it tells the targets of a folder apart.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in target.name.systemPath { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        let folder =
            target.folder == "." ? "" : target.folder.hasSuffix("/") ? target.folder : target.folder + "/"
        let names = (0..<slotCount).map { "\(folder).plan-\(String(hash, radix: 16))-\($0).partial" }
        // Several programs may have been killed at once.
        for name in names { removeAbandoned(name) }
        for name in names {
            guard let descriptor = OwnedDescriptor(opening: name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
            else {
                if errno == EEXIST { continue }
                throw WholeFile.unwritable(path, SystemCall.reason)
            }
            // Between these two calls another program may have taken the file for an abandoned one.
            if descriptor.lock(), SystemCall.isSame(descriptor.number, name) {
                chosen = name
                return descriptor
            }
        }
        throw WholeFile.unwritable(path, "\(slotCount) other programs write to it")
    }

    /// Takes a file away that was left by a program that was killed: one of this user's that nobody locks.
    private static func removeAbandoned(_ name: String) {
        guard let descriptor = OwnedDescriptor(opening: name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK) else {
            return
        }
        var status = stat()
        guard fstat(descriptor.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_uid == geteuid(), descriptor.lock(), SystemCall.isSame(descriptor.number, name)
        else { return }
        _ = name.withSystemPath { unlink($0) }
    }
}
