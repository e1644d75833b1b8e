public import Sensitivity
import Text

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Appends measured losses to their file, one at a time, so that what is finished lasts.
public final class LossRecorder {
    /// The file.
    public let path: String
    /// The losses that were in the file before.
    public let known: [MeasuredLoss]
    /// The header of a file that is gone on with, or nil for a new one.
    public let earlierHeader: CalibrationHeader?
    /// Whether the file ended in the middle of a line, which was cut off.
    public let wasTorn: Bool

    private var descriptor: CInt?

    /// Opens the file to go on with it; a new one is made when there is something to write.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - header: What is measured, and how; its baseline does not count, nor do its chunks where it has none.
    ///   - resuming: Whether to go on with a file that exists.
    /// - Throws: ``CalibrationError/exists(path:)``, ``CalibrationError/cannotWrite(path:reason:)``, also while another
    ///   program writes to it, ``CalibrationError/differs(path:what:found:expected:)`` and
    ///   ``CalibrationError/malformed(path:line:problem:)``.
    public init(path: String, header: CalibrationHeader, resuming: Bool) throws(CalibrationError) {
        self.path = path
        var status = stat()
        guard path.withSystemPath({ stat($0, &status) }) == 0 else {
            (known, earlierHeader, wasTorn, descriptor) = ([], nil, false, nil)
            return
        }
        guard resuming else { throw .exists(path: path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .cannotWrite(path: path, reason: "it is not a regular file")
        }
        let descriptor = try Self.open(path, O_RDWR)
        do throws(CalibrationError) {
            let earlier = try Self.earlier(path, descriptor)
            earlierHeader = try earlier.map { table throws(CalibrationError) in
                try header.goingOn(with: table)
            }
            known = earlier?.losses ?? []
            wasTorn = earlier?.isTorn ?? false
            if let earlier, earlier.isTorn, ftruncate(descriptor, off_t(earlier.wholeByteCount)) != 0 {
                throw .cannotWrite(path: path, reason: SystemCall.reason)
            }
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    deinit {
        if let descriptor { close(descriptor) }
    }

    /// Opens the file for this program alone.
    private static func open(_ path: String, _ flags: CInt) throws(CalibrationError) -> CInt {
        let descriptor = systemOpen(path, flags | O_APPEND | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: SystemCall.reason) }
        // Two programs that go on with one file would write every loss twice.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .cannotWrite(path: path, reason: "another program writes to it")
        }
        return descriptor
    }

    /// What is in a file of losses.
    ///
    /// - Parameter path: The file.
    /// - Returns: The losses; nil where the file has no whole header, as a program left it that ended while it wrote that.
    /// - Throws: `SensitivityError` for a file that cannot be read, and one that holds no losses.
    public static func table(path: String) throws(SensitivityError) -> LossTable? {
        let text = try LossTable.text(path: path)
        let isTorn =
            text.isEmpty
            || (CalibrationHeader.beginning.hasPrefix(text.prefix(CalibrationHeader.beginning.count))
                && !text.contains("\n" + CalibrationHeader.columns))
        return isTorn ? nil : try LossTable(text: text, path: path, droppingTorn: true)
    }

    /// What is in a file that is gone on with, or nil for nothing.
    private static func earlier(_ path: String, _ descriptor: CInt) throws(CalibrationError) -> LossTable? {
        let table: LossTable?
        do throws(SensitivityError) {
            table = try Self.table(path: path)
        } catch {
            throw .losses(error)
        }
        guard table != nil || ftruncate(descriptor, 0) == 0 else {
            throw .cannotWrite(path: path, reason: SystemCall.reason)
        }
        return table
    }

    /// Writes the header of a new file.
    ///
    /// - Throws: ``CalibrationError/cannotWrite(path:reason:)``.
    public func begin(_ header: CalibrationHeader) throws(CalibrationError) {
        if descriptor == nil { descriptor = try Self.open(path, O_WRONLY | O_CREAT | O_EXCL) }
        try write(header.text)
    }

    /// Appends a loss, and waits until it is on the disk.
    ///
    /// - Throws: ``CalibrationError/cannotWrite(path:reason:)``.
    public func append(_ loss: MeasuredLoss) throws(CalibrationError) {
        try write(loss.csvLine)
    }

    private func write(_ text: String) throws(CalibrationError) {
        guard let descriptor else {
            preconditionFailure("a file of losses is begun before losses are added to it")
        }
        guard Array(text.utf8).withUnsafeBytes({ SystemCall.write($0, to: descriptor) }) else {
            throw .cannotWrite(path: path, reason: SystemCall.reason)
        }
        guard fsync(descriptor) == 0 || errno == EINVAL else {
            throw .cannotWrite(path: path, reason: SystemCall.reason)
        }
    }
}

/// `open` of the C library.
private func systemOpen(_ path: String, _ flags: CInt) -> CInt {
    path.withSystemPath({ open($0, flags, 0o666) })
}
