/// Where a reader takes a file's bytes from: a file, of which only what is asked for is read, or memory.
package struct ByteSource: Sendable {
    /// The file's path, or what messages call it.
    package let path: String

    /// The size of the whole file, in bytes.
    package let byteCount: Int

    private enum Storage {
        case file(OpenFile)
        case memory([UInt8])
    }

    private let storage: Storage

    /// Opens a file, once.
    ///
    /// A pipe or a device is read to its end, and so is standard input, whose path is `-`. What was read so before is there for
    /// everyone.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - streamLimit: The most bytes of a pipe; nil where only a file on a disk will do.
    /// - Throws: ``FileError``.
    package init(path: String, streamLimit: Int?) throws(FileError) {
        self.path = path
        if let kept = try InputFile.kept(path) {
            byteCount = kept.count
            storage = .memory(kept)
            return
        }
        let file =
            if streamLimit == nil {
                try Optional(OpenFile(path: path, waits: false))
            } else {
                try InputFile.open(path)
            }
        switch (file?.kind, streamLimit) {
        case (.folder, _): throw FileError(path: path, .folder)
        case (.regular(let byteCount), _):
            self.byteCount = byteCount
            if let beginning = try file?.read(at: 0, upTo: FileError.pointerBeginning.count) {
                try FileError.refusePointer(beginning, at: path)
            }
            storage = file.map(Storage.file) ?? .memory([])
        case (_, nil): throw FileError(path: path, .notRegular)
        case (_, let limit?):
            let bytes = try InputFile.bytes(of: file, at: path, limit: limit)
            byteCount = bytes.count
            storage = .memory(bytes)
        }
    }

    /// Takes the beginning of a file from memory.
    ///
    /// The file may be said to be longer than the bytes that are there, because readers need the header only.
    package init(bytes: [UInt8], path: String, byteCount: Int? = nil) {
        storage = .memory(bytes)
        self.path = path
        self.byteCount = max(byteCount ?? bytes.count, bytes.count)
    }

    /// The size of the file now, and in nanoseconds when it was last written, which may be set to any time, and when anything of it last
    /// changed, which may not; zeros for memory.
    package func state() throws(FileError) -> (byteCount: Int, modified: Int, changed: Int) {
        guard case .file(let file) = storage else { return (0, 0, 0) }
        return try file.state()
    }

    /// Reads at least one and at most so many bytes from an offset on.
    package func read(at offset: Int, upTo count: Int) throws(FileError) -> [UInt8] {
        let bytes =
            switch storage {
            case .file(let file): try file.read(at: offset, upTo: count)
            case .memory(let memory): Array(memory.dropFirst(offset).prefix(count))
            }
        guard !bytes.isEmpty else { throw FileError(path: path, .shortened) }
        return bytes
    }

    /// Reads exactly the bytes of a range, which must lie in the file.
    package func bytes(_ range: Range<Int>) throws(FileError) -> [UInt8] {
        guard !range.isEmpty else { return [] }
        var bytes = try read(at: range.lowerBound, upTo: range.count)
        while bytes.count < range.count {
            bytes += try read(at: range.lowerBound + bytes.count, upTo: range.count - bytes.count)
        }
        return bytes
    }

    /// All bytes, where they are no more than a limit.
    package func bytes(limit: Int) throws(FileError) -> [UInt8] {
        guard byteCount <= limit else { throw FileError(path: path, .tooLarge(limit: limit)) }
        return try bytes(0..<byteCount)
    }
}
