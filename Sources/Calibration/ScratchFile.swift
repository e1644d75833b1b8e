import Text

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// One file of a scratch copy, open for writing, and locked so that no second program measures on it.
final class ScratchFile: Sendable {
    let path: String
    private let descriptor: OwnedDescriptor
    private let byteCount: Int

    /// Opens the file, or makes it.
    ///
    /// - Throws: ``CalibrationError/scratchIsModel(path:)`` if it is the source itself, and
    ///   ``CalibrationError/cannotWrite(path:reason:)``.
    init(path: String, source: String, byteCount: Int) throws(CalibrationError) {
        self.path = path
        self.byteCount = byteCount
        // Following a link could lead to the model itself.
        guard let descriptor = OwnedDescriptor(opening: path, O_RDWR | O_CREAT | O_NOFOLLOW),
            let own = FileIdentity(ofDescriptor: descriptor.number)
        else {
            throw .cannotWrite(path: path, reason: SystemCall.reason)
        }
        guard own.isRegularFile else {
            throw .cannotWrite(path: path, reason: "it is not a regular file")
        }
        guard own != FileIdentity(of: source) else { throw .scratchIsModel(path: path) }
        guard descriptor.lock() else {
            throw .cannotWrite(path: path, reason: "another program measures on it")
        }
        self.descriptor = descriptor
    }

    /// Writes bytes at an offset unless they are there.
    func mend(_ bytes: [UInt8], at offset: Int) throws(CalibrationError) {
        if SystemCall.read(bytes.count, from: descriptor.number, at: offset) == bytes { return }
        try write(bytes, at: offset)
    }

    /// Cuts off what goes beyond the source's end.
    func end() throws(CalibrationError) {
        guard ftruncate(descriptor.number, off_t(byteCount)) == 0 else {
            throw .cannotWrite(path: path, reason: SystemCall.reason)
        }
    }

    /// Writes bytes at an offset.
    func write(_ bytes: [UInt8], at offset: Int) throws(CalibrationError) {
        guard SystemCall.write(bytes, to: descriptor.number, at: offset) else {
            throw .cannotWrite(path: path, reason: SystemCall.reason)
        }
    }
}
