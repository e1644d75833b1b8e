package import Text

extension ByteSource {
    /// Opens a file on a disk, whose bytes may be read from any place.
    ///
    /// - Throws: ``CheckpointError/file(_:)``.
    package init(path: String) throws(CheckpointError) {
        self = try CheckpointError.wrapping { () throws(FileError) in
            try ByteSource(path: path, streamLimit: nil)
        }
    }

    /// Opens a file, or reads a pipe to its end, as far as a file's header may go.
    ///
    /// - Throws: ``CheckpointError/file(_:)``.
    init(wholePath path: String) throws(CheckpointError) {
        self = try CheckpointError.wrapping { () throws(FileError) in
            try ByteSource(path: path, streamLimit: ReadingLimits.headerBytes)
        }
    }

    /// Reads exactly the bytes of a range, which must lie in the file.
    package func part(_ range: Range<Int>) throws(CheckpointError) -> [UInt8] {
        try CheckpointError.wrapping { () throws(FileError) in try bytes(range) }
    }

    /// The first bytes, at most so many.
    func beginning(_ count: Int) throws(CheckpointError) -> [UInt8] {
        try part(0..<min(count, byteCount))
    }

    /// The size of the file now, and in nanoseconds when it was last written and when anything of it last changed.
    func fileState() throws(CheckpointError) -> (byteCount: Int, modified: Int, changed: Int) {
        try CheckpointError.wrapping { () throws(FileError) in try state() }
    }

    /// The error for a defect that was found at a place in the file.
    func defect(_ defect: FileDefect, at offset: Int) -> CheckpointError {
        .malformedFile(path: path, offset: offset, defect)
    }
}

extension CheckpointError {
    /// Runs what reads a file, and makes its error one of these.
    static func wrapping<Result>(
        _ body: () throws(FileError) -> Result
    ) throws(CheckpointError) -> Result {
        do {
            return try body()
        } catch {
            throw .file(error)
        }
    }
}
