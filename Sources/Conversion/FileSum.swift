import Tensors
public import Text

/// The SHA-256 of a whole file, and its size.
public struct FileSum: Hashable, Sendable {
    /// The SHA-256, in hexadecimal digits.
    public let sha256: String
    /// The size, in bytes.
    public let byteCount: Int

    /// How much of the file is read at a time, in bytes.
    private static let pieceByteCount = 1 << 20

    /// Reads a file whole.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - progress: Called with the bytes that were read so far; false ends the reading, and there is no sum.
    /// - Throws: `FileError` where the file cannot be read.
    public init?(of path: String, progress: (Int) -> Bool = { _ in true }) throws(FileError) {
        let source = try ByteSource(path: path, streamLimit: nil)
        var digest = SHA256()
        var byteCount = 0
        while byteCount < source.byteCount {
            let piece = try source.read(at: byteCount, upTo: Self.pieceByteCount)
            digest.update(piece)
            byteCount += piece.count
            guard progress(byteCount) else { return nil }
        }
        (sha256, self.byteCount) = (digest.text, byteCount)
    }
}
