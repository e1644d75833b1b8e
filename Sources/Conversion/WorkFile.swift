import Text

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The file that a model is written to before it is whole: `OUT.partial` beside the file that it will be.
final class WorkFile: WorkPlace {
    let path: String
    let isPlaced: Bool
    private let target: String
    private let descriptor: WorkDescriptor

    /// The ending of its name.
    static let ending = ".partial"

    /// Opens the file, or makes it.
    ///
    /// - Parameters:
    ///   - target: The file that it will be; a link is followed, also one that leads to no file yet.
    ///   - opening: What is done with what is there.
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)`` and ``ConversionError/nothingToResume(path:)``.
    init(for target: String, _ opening: WorkOpening) throws(ConversionError) {
        guard !target.isEmpty, !target.utf8.contains(0) else {
            throw .cannotWrite(path: target, reason: "that is not a file name")
        }
        var existing = stat()
        guard target.withSystemPath({ stat($0, &existing) }) != 0 || existing.st_mode & S_IFMT == S_IFREG
        else {
            throw .cannotWrite(path: target, reason: "it is not a regular file")
        }
        self.target = WorkDescriptor.resolved(target)
        isPlaced = opening == .placed
        path = isPlaced ? self.target : FileName.unfinished(target)
        let flags =
            O_NOFOLLOW | O_NONBLOCK
            | (isPlaced ? O_RDONLY : opening == .anew ? O_RDWR | O_CREAT : O_RDWR)
        guard let descriptor = WorkDescriptor(opening: path, flags, of: target) else {
            if opening != .anew, errno == ENOENT { throw .nothingToResume(path: path) }
            throw .cannotWrite(path: target, reason: SystemCall.reason)
        }
        self.descriptor = descriptor
        guard descriptor.isRegularFile else {
            throw .cannotWrite(path: path, reason: "it is not a regular file")
        }
        try descriptor.lock()
        if opening == .anew { try descriptor.setSize(0) }
    }

    func checkRoom(for byteCount: Int, moreBytes: Int) throws(ConversionError) {
        guard let free = descriptor.freeByteCount else { return }
        let needed = max(0, byteCount - descriptor.usedByteCount) + moreBytes
        guard free >= needed else { throw .noRoom(path: target, needed: needed, available: free) }
    }

    func setSize(_ byteCount: Int) throws(ConversionError) {
        try descriptor.setSize(byteCount)
    }

    func hasSize(_ byteCount: Int) -> Bool { descriptor.byteCount == byteCount }

    func write(_ bytes: [UInt8], at offset: Int) throws(ConversionError) {
        try descriptor.write(bytes, at: offset)
    }

    func read(_ byteCount: Int, at offset: Int) throws(ConversionError) -> [UInt8] {
        try descriptor.read(byteCount, at: offset)
    }

    func holds(_ bytes: [UInt8], at offset: Int) throws(ConversionError) -> Bool {
        try descriptor.holds(bytes, at: offset)
    }

    func synchronize() throws(ConversionError) {
        try descriptor.synchronize()
    }

    func place(replacing: Bool) throws(ConversionError) {
        guard !isPlaced else {
            // A run that was ended between the two names of a file leaves both.
            let unfinished = FileName.unfinished(target)
            if SystemCall.isSame(descriptor.number, unfinished) {
                unfinished.withSystemPath { _ = unlink($0) }
            }
            return
        }
        // What stands under the name by now may be anybody's.
        guard SystemCall.isSame(descriptor.number, path) else { throw .unfinishedGone(path: path) }
        if replacing || isEmpty {
            SystemCall.adoptRights(of: target, for: descriptor.number)
            try rename()
        } else if SystemCall.link(path, target) {
            path.withSystemPath { _ = unlink($0) }
        } else {
            // Not every file system has files of two names.
            guard errno != EEXIST, !InputFile.exists(target) else { throw .cameMeanwhile(path: target) }
            try rename()
        }
        WorkDescriptor.synchronizeFolder(of: target)
    }

    private func rename() throws(ConversionError) {
        guard SystemCall.rename(path, target) else {
            throw .cannotWrite(path: target, reason: SystemCall.reason)
        }
    }

    /// Whether an empty file stands in the place.
    private var isEmpty: Bool {
        var status = stat()
        return target.withSystemPath({ lstat($0, &status) }) == 0 && status.st_mode & S_IFMT == S_IFREG
            && status.st_size == 0
    }

    func remove() {
        guard !isPlaced else { return }
        path.withSystemPath { _ = unlink($0) }
    }
}
