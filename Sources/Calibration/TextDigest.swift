import Text
import Checkpoints
import Tensors

/// The fingerprint of a file's content, which tells one text from another.
public enum TextDigest {
    private static let pieceBytes = 1 << 20

    /// The fingerprint of a file, which names its algorithm.
    ///
    /// - Throws: ``CalibrationError/checkpoint(_:)`` for a file that cannot be read, and ``CalibrationError/emptyText(path:)`` for one
    ///   that has nothing but white space.
    public static func digest(ofFile path: String) throws(CalibrationError) -> String {
        let (digest, isEmpty) = try CalibrationError.wrapping { () throws(CheckpointError) in
            let source = try ByteSource(path: path)
            var digest = ContentDigest()
            var isEmpty = true
            for start in stride(from: 0, to: source.byteCount, by: pieceBytes) {
                let bytes = try source.part(start..<min(start + pieceBytes, source.byteCount))
                digest.update(bytes: bytes)
                isEmpty = isEmpty && bytes.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
            }
            return (digest.text, isEmpty)
        }
        guard !isEmpty else { throw .emptyText(path: path) }
        return digest
    }
}
