import Checkpoints
import Tensors

/// The fingerprint of a file's content, which tells one text from another.
public enum TextDigest {
    private static let pieceBytes = 1 << 20

    /// The fingerprint of a file, which names its algorithm.
    ///
    /// - Throws: ``CalibrationError/checkpoint(_:)`` for a file that cannot be read.
    public static func digest(ofFile path: String) throws(CalibrationError) -> String {
        try CalibrationError.wrapping { () throws(CheckpointError) in
            let source = try ByteSource(path: path)
            var digest = ContentDigest()
            for start in stride(from: 0, to: source.byteCount, by: pieceBytes) {
                digest.update(bytes: try source.bytes(start..<min(start + pieceBytes, source.byteCount)))
            }
            return digest.text
        }
    }
}
