import Foundation
import Tensors

/// What the reference encoders make of seeded rows.
///
/// `Scripts/make-quantization-vectors` writes the file and describes it.
struct ReferenceVectors: Decodable {
    /// A row and its bytes in each format.
    struct Row: Decodable {
        let kind: String
        let seed: Int
        let plain: [String: Data]
        let weighted: [String: Data]
        let errors: [String: Double]
        let weightedErrors: [String: Double]
    }

    /// Many rows and a digest of their bytes in each format.
    struct Many: Decodable {
        let kind: String
        let firstSeed: Int
        let rows: Int
        let plain: [String: String]
        let weighted: [String: String]
    }

    /// Bytes and what they stand for.
    struct Decoded: Decodable {
        let bytes: Data
        let values: Data
    }

    let count: Int
    let importanceSeed: Int
    let rows: [Row]
    let many: [Many]
    let decoded: [String: Decoded]

    /// The vectors in the file, which is read once.
    static let shared = Result { try read() }

    private static func read() throws -> ReferenceVectors {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "Vectors/vectors.json"
        )
        return try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
    }
}
