import Foundation

/// What `mlx.core.quantize` makes of seeded rows.
///
/// `Scripts/make-quantization-vectors` writes the file and describes it.
struct MLXVectors: Decodable {
    /// What one format makes of rows of one type.
    struct Entry: Decodable {
        /// The bytes of the first row of the kind `gaussian`.
        let row: Data
        /// A digest of the bytes of all rows of each kind.
        let digests: [String: String]
        /// A digest of the 32-bit floats that these bytes stand for.
        let values: [String: String]
    }

    let rowsPerKind: Int
    /// The entries by the names of format and type.
    let formats: [String: [String: Entry]]

    /// The vectors in the file, which is read once.
    static let shared = Result { try read() }

    private static func read() throws -> MLXVectors {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/mlx.json")
        return try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
    }
}
