import Checkpoints
import Tensors

/// What a finished file's metadata have besides the model's own that a plan may not know of.
///
/// `llama-quantize` adds entries where it quantizes with an importance matrix: two strings, `quantize.imatrix.file` and
/// `quantize.imatrix.dataset`, each cut off after 127 bytes, and two numbers of `uint32`, `quantize.imatrix.entries_count` and
/// `quantize.imatrix.chunks_count`; what is not known is left out. Source: `tools/quantize/quantize.cpp` in llama.cpp. This
/// program itself adds the ``RecipeRecord`` where it is asked to.
enum AddedEntries {
    /// The most bytes that either string has.
    static let textLimit = 127

    /// Whether an entry is one of the four that say which importance matrix was used.
    private static func isOfImportance(_ entry: GGUFMetadata) -> Bool {
        switch (entry.key, entry.value) {
        case ("quantize.imatrix.file", .string(let text)), ("quantize.imatrix.dataset", .string(let text)):
            text.utf8.count <= textLimit
        case ("quantize.imatrix.entries_count", .uint32), ("quantize.imatrix.chunks_count", .uint32): true
        default: false
        }
    }

    /// The bytes by which those entries make a file's header longer, padding included.
    ///
    /// - Parameters:
    ///   - file: The finished file.
    ///   - model: The model that it was made from, whose own entries do not count; nil where it is not at hand.
    ///   - matrix: Whether what is said of an importance matrix is among them.
    ///   - record: Whether the recipe's digest is one of them, too.
    /// - Returns: The bytes, 0 for a file without such entries.
    static func headerBytes(
        in file: Model,
        besides model: Model?,
        matrix: Bool = true,
        record: Bool
    ) -> Int {
        let own = Set((model?.metadata ?? []).map(\.key))
        let without = file.metadata.filter { entry in
            if RecipeRecord.isRecord(entry) { return !record }
            return own.contains(entry.key) || !matrix || !isOfImportance(entry)
        }
        guard without.count < file.metadata.count, let whole = headerBytes(file, file.metadata),
            let rest = headerBytes(file, without)
        else { return 0 }
        return whole - rest
    }

    /// The bytes of a file's header with these metadata, in which an alignment is an entry like any other.
    private static func headerBytes(_ file: Model, _ metadata: [GGUFMetadata]) -> Int? {
        let plain = metadata.filter { $0.key != FinishedFile.alignmentKey }
        return (try? GGUFHeader(metadata: plain))?.layout(
            for: file.tensors,
            extraBytes: FinishedFile.alignmentBytes(of: metadata)
        ).headerBytes
    }
}
