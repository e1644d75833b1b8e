import Text

/// Reading an input, of text or of bytes: a file, a pipe, or standard input where the path is `-`.
enum TextFile {
    /// The largest file that is read, in bytes.
    static let byteLimit = 100_000_000

    /// The text of a file.
    ///
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - limit: The largest number of bytes.
    /// - Returns: The text, without a byte order mark.
    /// - Throws: ``SensitivityError/file(_:)``, ``SensitivityError/archive(path:)`` or ``SensitivityError/webPage(path:)``.
    static func read(path: String, limit: Int = byteLimit) throws(SensitivityError) -> String {
        let bytes = try bytes(path: path, limit: limit)
        // What spreadsheets write is an archive of the kind ZIP.
        guard !bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) else { throw .archive(path: path) }
        let beginning = String(decoding: bytes.withoutMark.prefix(100), as: UTF8.self).lowercased()
            .drop(while: \.isWhitespace)
        guard !["<!doctype html", "<html"].contains(where: beginning.hasPrefix) else {
            throw .webPage(path: path)
        }
        do throws(FileError) {
            return try InputFile.text(of: bytes, path: path)
        } catch {
            throw .file(error)
        }
    }

    /// The bytes of a file, of any kind.
    ///
    /// - Parameters:
    ///   - path: The path of the file.
    ///   - limit: The largest number of bytes.
    /// - Returns: The bytes.
    /// - Throws: ``SensitivityError/file(_:)``.
    static func bytes(path: String, limit: Int) throws(SensitivityError) -> [UInt8] {
        do throws(FileError) {
            return try InputFile.bytes(at: path, limit: limit)
        } catch {
            throw .file(error)
        }
    }
}
