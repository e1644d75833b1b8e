/// Where a reader takes a file's bytes from: a file, of which only what is asked for is read, or memory.
package struct ByteSource: Sendable {
    /// The file's path, or what messages call it.
    package let path: String

    /// The size of the whole file.
    package let byteCount: Int

    private enum Storage {
        case file(OpenFile)
        case memory([UInt8])
    }

    private let storage: Storage

    /// Opens a regular file.
    package init(path: String) throws(CheckpointError) {
        guard !path.utf8.contains(0) else { throw .noSuchFile(path: path) }
        do throws(SystemError) {
            let file = try OpenFile(path: path)
            storage = .file(file)
            byteCount = try file.byteCount()
        } catch {
            throw error.checkpointError(path: path)
        }
        self.path = path
    }

    /// Takes the beginning of a file from memory.
    ///
    /// The file may be said to be longer than the bytes that are there, because readers need the header only.
    package init(bytes: [UInt8], path: String, byteCount: Int? = nil) {
        storage = .memory(bytes)
        self.path = path
        self.byteCount = max(byteCount ?? bytes.count, bytes.count)
    }

    /// The size of the file now, and when it was last written in nanoseconds; zeros for memory.
    func state() throws(CheckpointError) -> (byteCount: Int, modified: Int) {
        guard case .file(let file) = storage else { return (0, 0) }
        do throws(SystemError) {
            return (try file.byteCount(), try file.modificationTime())
        } catch {
            throw error.checkpointError(path: path)
        }
    }

    /// Reads at least one and at most so many bytes from an offset on.
    func read(at offset: Int, upTo count: Int) throws(CheckpointError) -> [UInt8] {
        var bytes: [UInt8]
        switch storage {
        case .file(let file):
            do throws(SystemError) {
                bytes = try file.read(at: offset, upTo: count)
            } catch {
                throw error.checkpointError(path: path)
            }
        case .memory(let memory):
            bytes = Array(memory.dropFirst(offset).prefix(count))
        }
        guard !bytes.isEmpty else {
            throw .unreadableFile(path: path, reason: "it became shorter while it was read")
        }
        return bytes
    }

    /// The error for a defect that was found at a place in the file.
    func defect(_ defect: FileDefect, at offset: Int) -> CheckpointError {
        .malformedFile(path: path, offset: offset, defect)
    }
}
