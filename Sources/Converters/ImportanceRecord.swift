public import Checkpoints
import Text

/// What a GGUF file says of the importance matrix that its encoders looked at, as `llama-quantize` records it.
public struct ImportanceRecord: Hashable, Sendable {
    /// The metadata entries: the file, its data set, the number of entries and of chunks.
    public let entries: [GGUFMetadata]

    /// The most bytes that a record takes in a file's header, its padding included.
    public static let maximumByteCount = 512

    /// `llama-quantize` keeps texts of at most this many bytes.
    private static let textLimit = 127

    /// Makes the record of a matrix.
    ///
    /// - Parameter matrix: The matrix, whose path is recorded as it was given.
    public init(_ matrix: ImportanceMatrix) {
        var entries = [GGUFMetadata("quantize.imatrix.file", .string(Self.cut(matrix.path)))]
        if let dataset = matrix.origin.dataset {
            entries.append(GGUFMetadata("quantize.imatrix.dataset", .string(Self.cut(dataset))))
        }
        entries.append(
            GGUFMetadata(
                "quantize.imatrix.entries_count",
                .uint32(UInt32(clamping: matrix.tensorNames.count))
            )
        )
        if matrix.origin.chunkCount > 0 {
            entries.append(
                GGUFMetadata(
                    "quantize.imatrix.chunks_count",
                    .uint32(UInt32(clamping: matrix.origin.chunkCount))
                )
            )
        }
        self.entries = entries
    }

    /// The longest record that there is, of a matrix that is not at hand.
    static let longest = ImportanceRecord(
        entries: [
            GGUFMetadata("quantize.imatrix.file", .string(String(repeating: " ", count: textLimit))),
            GGUFMetadata("quantize.imatrix.dataset", .string(String(repeating: " ", count: textLimit))),
            GGUFMetadata("quantize.imatrix.entries_count", .uint32(0)),
            GGUFMetadata("quantize.imatrix.chunks_count", .uint32(0)),
        ]
    )

    /// The name of the matrix that a file's metadata say it was made with.
    ///
    /// - Parameter metadata: What a GGUF file says about its model.
    /// - Returns: The name of the matrix's file, without folders; nil where there is no record of one.
    public static func fileName(in metadata: [GGUFMetadata]) -> String? {
        for entry in metadata where entry.key == "quantize.imatrix.file" {
            if case .string(let path) = entry.value { return FilePath(path).name }
        }
        return nil
    }

    private init(entries: [GGUFMetadata]) {
        self.entries = entries
    }

    /// A text without what goes beyond the limit; no character is cut in two.
    private static func cut(_ text: String) -> String {
        var cut = text[...]
        while cut.utf8.count > textLimit { cut = cut.dropLast() }
        return String(cut)
    }
}
