import Checkpoints
import Recipes
import Tensors

/// The sizes of a finished file held against a recipe's, as far as the recipe knows them.
struct FileSizeCheck {
    typealias Difference = RecipeCheck.Difference

    /// The differences.
    private(set) var differences: [Difference] = []
    /// What could not be compared, in a sentence; nil where everything was.
    private(set) var note: String?

    init(_ recipe: Recipe, file: Model, model: Model?) {
        // What a converter adds is part of the formats' sizes, as MLX's scales are.
        let data = file.tensors.reduce(0) { $0 + ($1.elementType?.byteCount(of: $1) ?? 0) }
        if recipe.size.exact != .plannedLayers, data != recipe.size.tensorData {
            add("tensor bytes", planned: recipe.size.tensorData, found: data)
        }
        guard recipe.size.exact == .file, file.kind == .gguf else { return }
        guard file.files.count == 1 || recipe.recorded.keepsSplit else {
            note = """
                the model is split over \(file.files.count) files, each with a header of its own: the bytes of its tensors were \
                compared, those of the files were not
                """
            return
        }
        guard let bytes = file.fileByteCount else { return }
        // The entries stand in the file, so that their bytes are no more than its own.
        let added = AddedEntries.headerBytes(
            in: file,
            besides: model,
            record: !recipe.recorded.countsRecord
        )
        let padding = Self.missingPadding(of: file)
        // A plan that knew the matrix counts what is said of it.
        let known = [bytes - added, bytes].flatMap { [$0, $0 + padding] }
        if !known.contains(recipe.size.bytes) {
            let uncounted = AddedEntries.headerBytes(
                in: file,
                besides: model,
                matrix: recipe.importancePath == nil,
                record: !recipe.recorded.countsRecord
            )
            add("file bytes", planned: recipe.size.bytes + uncounted, found: bytes)
        }
    }

    private mutating func add(_ kind: String, planned: Int, found: Int) {
        differences.append(
            Difference(
                tensor: nil,
                kind: kind,
                planned: ByteSize(planned).grouped,
                found: ByteSize(found).grouped
            )
        )
    }

    /// The padding that some writers leave out after the last tensor's data, in bytes.
    private static func missingPadding(of file: Model) -> Int {
        guard let last = file.locations.last, let bytes = file.files.last?.byteCount else { return 0 }
        let end = last.offset + last.byteCount
        guard end == bytes else { return 0 }
        return FileLayout(validHeaderBytes: 0, alignment: 32).paddedByteCount(end) - end
    }
}
