import Foundation
import Text

/// The folder that a model is written to before it is whole: `OUT.partial` beside the folder that it will be.
///
/// Only what belongs to the model is in it in the end. A folder that stands in its place is moved aside, and removed when the new
/// one is there.
final class WorkFolder: WorkPlace {
    let path: String
    let isPlaced: Bool
    private let target: String
    private let files: [ModelDraft.File]
    private let companions: [CompanionFile]
    private let folder: WorkDescriptor
    private let descriptors: [WorkDescriptor]

    /// The ending of the name of what stood in the folder's place.
    private static let earlierEnding = ".earlier"

    /// Opens the folder, or makes it, and its files with tensors in it.
    ///
    /// - Parameters:
    ///   - target: The folder that it will be.
    ///   - files: The files with tensors.
    ///   - companions: The others.
    ///   - opening: What is done with what is there.
    /// - Throws: ``ConversionError/cannotWrite(path:reason:)`` and ``ConversionError/nothingToResume(path:)``.
    init(
        for target: String,
        files: [ModelDraft.File],
        companions: [CompanionFile],
        _ opening: WorkOpening
    ) throws(ConversionError) {
        guard !target.isEmpty, !target.utf8.contains(0) else {
            throw .cannotWrite(path: target, reason: "that is not the name of a folder")
        }
        var status = stat()
        guard target.withSystemPath({ stat($0, &status) }) != 0 || status.st_mode & S_IFMT == S_IFDIR else {
            throw .cannotWrite(path: target, reason: "it is not a folder")
        }
        self.target = WorkDescriptor.resolved(target)
        self.files = files
        self.companions = companions
        isPlaced = opening == .placed
        path = isPlaced ? self.target : FileName.unfinished(target)
        if opening == .anew, path.withSystemPath({ mkdir($0, 0o777) }) != 0, errno != EEXIST {
            throw .cannotWrite(path: target, reason: SystemCall.reason)
        }
        guard let folder = WorkDescriptor(opening: path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, of: target)
        else {
            if opening != .anew, errno == ENOENT { throw .nothingToResume(path: path) }
            throw .cannotWrite(path: path, reason: SystemCall.reason)
        }
        self.folder = folder
        try folder.lock()
        if !isPlaced {
            // A run with other shards may have left its own.
            let kept = opening == .resuming ? Set(files.map(\.name)) : []
            for name in try Self.names(in: path) where !kept.contains(name) {
                guard (path + "/" + name).withSystemPath({ unlink($0) }) == 0 else {
                    throw .cannotWrite(path: path + "/" + name, reason: SystemCall.reason)
                }
            }
        }
        var descriptors: [WorkDescriptor] = []
        for file in files {
            descriptors.append(try Self.opened(file.name, in: path, isPlaced ? O_RDONLY : O_RDWR | O_CREAT))
        }
        self.descriptors = descriptors
    }

    private static func opened(
        _ name: String,
        in path: String,
        _ flags: CInt = O_RDWR | O_CREAT
    ) throws(ConversionError) -> WorkDescriptor {
        let file = path + "/" + name
        guard let descriptor = WorkDescriptor(opening: file, flags | O_NOFOLLOW | O_NONBLOCK, of: file) else {
            throw .cannotWrite(path: file, reason: SystemCall.reason)
        }
        guard descriptor.isRegularFile else {
            throw .cannotWrite(path: file, reason: "it is not a regular file")
        }
        return descriptor
    }

    /// The names of what is in a folder.
    private static func names(in path: String) throws(ConversionError) -> [String] {
        do {
            return try Folder.names(in: path)
        } catch {
            throw .cannotWrite(path: path, reason: "it cannot be read")
        }
    }

    func checkRoom(for byteCount: Int, moreBytes: Int) throws(ConversionError) {
        guard let free = folder.freeByteCount else { return }
        let used = descriptors.reduce(0) { $0 + $1.usedByteCount }
        let needed = max(0, companions.reduce(byteCount) { $0 + $1.byteCount } - used) + moreBytes
        guard free >= needed else { throw .noRoom(path: target, needed: needed, available: free) }
    }

    func setSize(_ byteCount: Int) throws(ConversionError) {
        for (file, descriptor) in zip(files, descriptors) { try descriptor.setSize(file.byteCount) }
    }

    func hasSize(_ byteCount: Int) -> Bool {
        zip(files, descriptors).allSatisfy { $1.byteCount == $0.byteCount }
            && companions.allSatisfy { companion in
                var status = stat()
                return (path + "/" + companion.name).withSystemPath({ stat($0, &status) }) == 0
                    && Int(status.st_size) == companion.byteCount
            }
    }

    /// The file that a place is in; no piece goes beyond its file.
    private func file(at offset: Int) -> Int {
        max(0, (files.firstIndex { $0.offset > offset } ?? files.count) - 1)
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(ConversionError) {
        let index = file(at: offset)
        try descriptors[index].write(bytes, at: offset - files[index].offset)
    }

    func read(_ byteCount: Int, at offset: Int) throws(ConversionError) -> [UInt8] {
        let index = file(at: offset)
        return try descriptors[index].read(byteCount, at: offset - files[index].offset)
    }

    func holds(_ bytes: [UInt8], at offset: Int) throws(ConversionError) -> Bool {
        let index = file(at: offset)
        return try descriptors[index].holds(bytes, at: offset - files[index].offset)
    }

    func synchronize() throws(ConversionError) {
        if !isPlaced {
            for companion in companions { try write(companion) }
        }
        for descriptor in descriptors { try descriptor.synchronize() }
        try folder.synchronize()
    }

    func place(replacing: Bool) throws(ConversionError) {
        guard !isPlaced else {
            Folder.remove(FileName.unfinished(target) + Self.earlierEnding)
            return
        }
        guard SystemCall.isSame(folder.number, path) else { throw .unfinishedGone(path: path) }
        // An empty folder is replaced by the renaming itself, and one that is not there needs no replacing.
        let earlier = path + Self.earlierEnding
        if !SystemCall.rename(path, target) {
            guard errno == ENOTEMPTY || errno == EEXIST else { throw unwritable }
            guard replacing else { throw .cameMeanwhile(path: target) }
            guard FinishedFolder.isOwn(target) else {
                throw .cannotWrite(path: target, reason: "it holds what this program did not write")
            }
            Folder.remove(earlier)
            guard SystemCall.rename(target, earlier) else { throw unwritable }
            guard SystemCall.rename(path, target) else {
                let error = unwritable
                _ = SystemCall.rename(earlier, target)
                throw error
            }
        }
        WorkDescriptor.synchronizeFolder(of: target)
        Folder.remove(earlier)
    }

    private var unwritable: ConversionError {
        .cannotWrite(path: target, reason: SystemCall.reason)
    }

    /// How much of a file is copied at a time.
    private static let pieceByteCount = 1 << 20

    private func write(_ companion: CompanionFile) throws(ConversionError) {
        let file = try Self.opened(companion.name, in: path)
        try file.setSize(0)
        switch companion.content {
        case .bytes(let bytes): try file.write(bytes, at: 0)
        case .copy(let source, let byteCount):
            guard let reader = WorkDescriptor(opening: source, O_RDONLY | O_NONBLOCK, of: source) else {
                throw .unreadableCompanion(path: source, reason: SystemCall.reason)
            }
            var offset = 0
            while true {
                let bytes = try reader.read(Self.pieceByteCount, at: offset)
                if bytes.isEmpty { break }
                try file.write(bytes, at: offset)
                offset += bytes.count
            }
            guard offset == byteCount else {
                throw .unreadableCompanion(path: source, reason: "it has changed meanwhile")
            }
        }
        try file.synchronize()
    }

    func remove() {
        guard !isPlaced else { return }
        Folder.remove(path)
    }
}
