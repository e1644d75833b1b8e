import Foundation

/// Reading a file, of text or of bytes.
enum TextFile {
    /// The largest file that is read, in bytes.
    static let byteLimit = 100_000_000

    /// The text of a file.
    ///
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - limit: The largest number of bytes.
    /// - Returns: The text, which still has its byte order mark if it has one.
    /// - Throws: ``SensitivityError/noSuchFile(path:)``, ``SensitivityError/unreadableFile(path:reason:)``,
    ///   ``SensitivityError/fileTooLarge(path:limit:)``, ``SensitivityError/spreadsheet(path:)``,
    ///   ``SensitivityError/filePointer(path:)`` or ``SensitivityError/notUTF8(path:)``.
    static func read(path: String, limit: Int = byteLimit) throws(SensitivityError) -> String {
        let bytes = try bytes(path: path, limit: limit)
        // What spreadsheets write is an archive of the kind ZIP.
        guard !bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) else { throw .spreadsheet(path: path) }
        guard !bytes.starts(with: Array("version https://git-lfs.github.com/spec/".utf8)) else {
            throw .filePointer(path: path)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8(path: path) }
        return text
    }

    /// The bytes of a file, of any kind.
    ///
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - limit: The largest number of bytes.
    /// - Returns: The bytes.
    /// - Throws: As ``read(path:limit:)``, but for the encoding.
    static func bytes(path: String, limit: Int) throws(SensitivityError) -> Data {
        var isFolder: ObjCBool = false
        guard !path.isEmpty, FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw .noSuchFile(path: path)
        }
        guard !isFolder.boolValue else {
            throw .unreadableFile(path: path, reason: "it is a folder")
        }
        var bytes = Data()
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? handle.close() }
            // In pieces, as the size of a pipe or a device is not known before.
            while bytes.count <= limit, let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
                bytes.append(piece)
            }
        } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
            throw .noSuchFile(path: path)
        } catch let error as CocoaError where error.code == .fileReadNoPermission {
            throw .unreadableFile(path: path, reason: "there is no permission to read it")
        } catch {
            throw .unreadableFile(path: path, reason: "it could not be read")
        }
        guard bytes.count <= limit else { throw .fileTooLarge(path: path, limit: limit) }
        return bytes
    }
}
