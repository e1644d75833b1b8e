import Text

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Appends measured errors to their file, a tensor at a time, so that what is finished lasts.
public final class EstimateRecorder {
    /// The tensors that were in the file before.
    public let known: [TensorEstimate]
    /// Whether the file ended in the middle of a line, which was cut off.
    public let wasTorn: Bool

    private let descriptor: CInt
    private let path: String
    private let header: EstimateHeader

    /// Opens the file to go on with it, or makes it.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - header: What is measured, and how.
    ///   - resuming: Whether to go on with a file that exists.
    /// - Throws: ``EstimationError/exists(path:)``, ``EstimationError/cannotWrite(path:reason:)``, also while another
    ///   program writes to it, ``EstimationError/differs(path:what:found:expected:)``, and the errors of
    ///   ``EstimateDocument/init(path:)``.
    public init(path: String, header: EstimateHeader, resuming: Bool) throws(EstimationError) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw .cannotWrite(path: path, reason: "that is not a file name")
        }
        self.path = path
        self.header = header
        var status = stat()
        let exists = path.withSystemPath({ stat($0, &status) }) == 0
        guard !exists || resuming else { throw .exists(path: path) }
        guard !exists || status.st_mode & S_IFMT == S_IFREG else {
            throw .cannotWrite(path: path, reason: "it is not a regular file")
        }
        let descriptor = path.withSystemPath({
            open($0, O_WRONLY | O_APPEND | O_CLOEXEC | (exists ? 0 : O_CREAT | O_EXCL), 0o666)
        })
        guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: SystemCall.reason) }
        self.descriptor = descriptor
        // Two programs that go on with one file would write every tensor twice.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .cannotWrite(path: path, reason: "another program writes to it")
        }
        let earlier: EstimateDocument?
        do throws(EstimationError) {
            earlier = try exists ? Self.earlier(path, header, descriptor) : nil
        } catch {
            close(descriptor)
            throw error
        }
        known = earlier?.estimates ?? []
        wasTorn = earlier?.isTorn ?? false
        if earlier == nil { try write(header.json) }
    }

    deinit {
        close(descriptor)
    }

    /// What is in a file that is gone on with, nil for nothing; a line that was cut off is taken away.
    private static func earlier(
        _ path: String,
        _ header: EstimateHeader,
        _ descriptor: CInt
    ) throws(EstimationError) -> EstimateDocument? {
        // A program that ended while it wrote the header left no whole line.
        guard try !EstimateDocument.beginsTorn(path: path) else {
            guard ftruncate(descriptor, 0) == 0 else {
                throw .cannotWrite(path: path, reason: SystemCall.reason)
            }
            return nil
        }
        let document = try EstimateDocument(path: path)
        try document.header.check(against: header, path: path, sameParts: true)
        if document.isTorn, ftruncate(descriptor, off_t(document.wholeByteCount)) != 0 {
            throw .cannotWrite(path: path, reason: SystemCall.reason)
        }
        return document
    }

    /// Appends a tensor, and waits until it is on the disk.
    ///
    /// - Throws: ``EstimationError/cannotWrite(path:reason:)``.
    public func append(_ estimate: TensorEstimate) throws(EstimationError) {
        try write(estimate.json(formats: header.formats))
    }

    private func write(_ record: JSONValue) throws(EstimationError) {
        let bytes: [UInt8]
        do {
            bytes = try record.line()
        } catch {
            throw .cannotWrite(path: path, reason: "\(error)")
        }
        guard bytes.withUnsafeBytes({ SystemCall.write($0, to: descriptor) }) else {
            throw .cannotWrite(path: path, reason: SystemCall.reason)
        }
        guard fsync(descriptor) == 0 || errno == EINVAL else {
            throw .cannotWrite(path: path, reason: SystemCall.reason)
        }
    }
}
