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
    ///   - resuming: Whether to go on with a file that exists. One without a loss, as a full disk leaves it, is begun anew where it is
    ///     not gone on with, or is of another measurement.
    /// - Throws: ``CalibrationError/exists(path:)``, ``CalibrationError/cannotWrite(path:reason:)``, also while another
    ///   program writes to it, ``CalibrationError/differs(path:what:found:expected:)`` and
    ///   ``CalibrationError/malformed(path:line:problem:)``.
    public init(path: String, header: CalibrationHeader, resuming: Bool) throws(CalibrationError) {
        self.path = path
        guard InputFile.exists(path) else {
            (known, earlierHeader, wasTorn, file) = ([], nil, false, nil)
            return
        }
        guard resuming || Self.hasNoLoss(path) else { throw .exists(path: path) }
        let file = try CalibrationError.writing { () throws(FileError) in try AppendedFile(path, isNew: false)
        }
        // Looked at again now that no other program writes to it.
        let hasNoLoss = Self.hasNoLoss(path)
        guard resuming || hasNoLoss else { throw .exists(path: path) }
        var earlier = try Self.earlier(path)
        if hasNoLoss, let table = earlier, !resuming || (try? header.goingOn(with: table)) == nil {
            earlier = nil
        }
        if earlier == nil { try CalibrationError.writing { () throws(FileError) in try file.cut(to: 0) } }
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
        let beginning = CalibrationHeader.beginning
        guard text.hasPrefix(beginning) else { return beginning.hasPrefix(text) }
        var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        // What follows the last end of a line is empty, or cut off.
        let last = lines.removeLast()
        // A table of something else, which begins so too, has a line that is no comment.
        return lines.allSatisfy { $0.hasPrefix("#") }
            && (last.hasPrefix("#") || CalibrationHeader.columns.hasPrefix(last))
    }

    /// Whether a file was begun by a program that ended before its first loss was measured.
    private static func hasNoLoss(_ path: String) -> Bool {
        // A pipe would be waited for.
        guard InputFile.byteCount(of: path) != nil, let text = try? LossTable.text(path: path) else {
            return false
        }
        if isTorn(text) { return true }
        guard text.hasPrefix(CalibrationHeader.beginning),
            let columns = text.firstRange(of: "\n" + CalibrationHeader.columns)
        else { return false }
        // Nothing but comments stands before, and no whole line of any kind behind.
        return text[..<columns.lowerBound].split(separator: "\n").allSatisfy { $0.hasPrefix("#") }
            && !text[columns.upperBound...].utf8.contains(UInt8(ascii: "\n"))
    }

    /// What is in a file that is gone on with, or nil for nothing.
    private static func earlier(_ path: String) throws(CalibrationError) -> LossTable? {
        do throws(SensitivityError) {
            return try Self.table(path: path)
        } catch {
            throw .losses(error)
        }
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
