public import Sensitivity
import Text

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

    /// The file once it is open; a new one is made when there is something to write.
    private var file: AppendedFile?

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
        guard InputFile.exists(path) else {
            (known, earlierHeader, wasTorn, file) = ([], nil, false, nil)
            return
        }
        guard resuming else { throw .exists(path: path) }
        let file = try CalibrationError.writing { () throws(FileError) in try AppendedFile(path, isNew: false)
        }
        let earlier = try Self.earlier(path, file)
        earlierHeader = try earlier.map { table throws(CalibrationError) in
            try header.goingOn(with: table)
        }
        known = earlier?.losses ?? []
        wasTorn = earlier?.isTorn ?? false
        if let earlier, earlier.isTorn {
            try CalibrationError.writing { () throws(FileError) in try file.cut(to: earlier.wholeByteCount) }
        }
        self.file = file
    }

    /// What is in a file of losses.
    ///
    /// - Parameter path: The file.
    /// - Returns: The losses; nil where the file has no whole header, as a program left it that ended while it wrote that.
    /// - Throws: `SensitivityError` for a file that cannot be read, and one that holds no losses.
    public static func table(path: String) throws(SensitivityError) -> LossTable? {
        let text = try LossTable.text(path: path)
        return isTorn(text) ? nil : try LossTable(text: text, path: path, droppingTorn: true)
    }

    /// What the header of a file of losses says, whatever is wrong with its losses.
    ///
    /// - Parameter path: The file.
    /// - Returns: A table without losses; nil where the file has no whole header.
    /// - Throws: As ``table(path:)``, for the header.
    public static func header(path: String) throws(SensitivityError) -> LossTable? {
        let text = try LossTable.text(path: path)
        guard !isTorn(text) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let columns = lines.firstIndex { "\($0)\n" == CalibrationHeader.columns } ?? lines.count - 1
        return try LossTable(text: lines[...columns].joined(separator: "\n") + "\n", path: path)
    }

    /// Whether a program ended while it wrote the header.
    private static func isTorn(_ text: String) -> Bool {
        text.isEmpty
            || (CalibrationHeader.beginning.hasPrefix(text.prefix(CalibrationHeader.beginning.count))
                && !text.contains("\n" + CalibrationHeader.columns))
    }

    /// What is in a file that is gone on with, or nil for nothing.
    private static func earlier(_ path: String, _ file: AppendedFile) throws(CalibrationError) -> LossTable? {
        let table: LossTable?
        do throws(SensitivityError) {
            table = try Self.table(path: path)
        } catch {
            throw .losses(error)
        }
        if table == nil { try CalibrationError.writing { () throws(FileError) in try file.cut(to: 0) } }
        return table
    }

    /// Writes the header of a new file.
    ///
    /// - Throws: ``CalibrationError/cannotWrite(path:reason:)``.
    public func begin(_ header: CalibrationHeader) throws(CalibrationError) {
        if file == nil {
            file = try CalibrationError.writing { () throws(FileError) in try AppendedFile(path, isNew: true)
            }
        }
        try write(header.text)
    }

    /// Appends a loss, and waits until it is on the disk.
    ///
    /// - Throws: ``CalibrationError/cannotWrite(path:reason:)``.
    public func append(_ loss: MeasuredLoss) throws(CalibrationError) {
        try write(loss.csvLine)
    }

    private func write(_ text: String) throws(CalibrationError) {
        guard let file else {
            preconditionFailure("a file of losses is begun before losses are added to it")
        }
        try CalibrationError.writing { () throws(FileError) in try file.append(Array(text.utf8)) }
    }
}
