public import Checkpoints
public import Recipes
import Tensors

/// A finished file held against a recipe: the format of every tensor, and the sizes.
public struct RecipeCheck: Hashable, Sendable {
    /// One way in which the file is not what the recipe says.
    public struct Difference: Hashable, Sendable {
        /// The tensor's name, or `nil` for the whole file.
        public let tensor: String?
        /// What differs: `format`, `shape`, `missing`, `extra`, `metadata`, `recipe`, `bytes`, `tensor bytes`, `file bytes`.
        public let kind: String
        /// What the recipe says.
        public let planned: String
        /// What the file has.
        public let found: String
    }

    /// The differences, in the recipe's order, what the file has beyond it last.
    public let differences: [Difference]
    /// The tensors that are as planned.
    public let matching: Int
    /// What could not be compared, in a sentence; nil where everything was.
    public let note: String?

    /// Compares a file's header with a recipe.
    ///
    /// Names count without the prefixes `model.diffusion_model.` and `diffusion_model.`, which some writers add and others
    /// take away. Beside each weight the file must have the tensors that its format needs in the recipe's converter, such
    /// as scales of the right shape, and no others; the experts that MLX stacks are looked for in their stack. The file's size
    /// counts only where the recipe says that it is known to the byte, and not for a model of several files, each of which has a
    /// header of its own, unless they were planned so. What `llama-quantize` notes of an importance matrix is no part of it, nor is the recipe's digest where
    /// the recipe does not count it; a digest that the file has must be this recipe's.
    ///
    /// - Parameters:
    ///   - recipe: The recipe.
    ///   - file: The finished file.
    ///   - model: The model that the recipe is for, whose shapes the file must have, or `nil` where it is not at hand.
    public init(_ recipe: Recipe, file: Model, model: Model? = nil) {
        let converter = recipe.converter.flatMap { try? Converters.named($0) }
        var weights = WeightCheck(recipe, converter: converter, file: file, model: model)
        for layer in recipe.layers {
            weights.check(layer)
        }
        for kept in recipe.kept {
            weights.check(kept)
        }
        var differences = weights.differences
        if let listing = converter?.listing(in: file) {
            differences += ListingCheck.differences(recipe, listing, file: file, converter: converter)
        }
        for tensor in file.tensors
        where !weights.expected.contains(TensorNames.bare(tensor.name))
            && !(converter?.isMarker(TensorNames.bare(tensor.name)) ?? false)
        {
            differences.append(
                Difference(
                    tensor: tensor.name,
                    kind: "extra",
                    planned: "none",
                    found: tensor.elementType?.name ?? "unknown"
                )
            )
        }
        if let found = RecipeRecord.digest(in: file), let planned = try? recipe.sha256(), found != planned {
            differences.append(
                Difference(
                    tensor: nil,
                    kind: "recipe",
                    planned: "sha256:" + planned,
                    found: "sha256:" + found
                )
            )
        }
        func compareBytes(_ kind: String, _ planned: Int, _ found: Int) {
            differences.append(
                Difference(
                    tensor: nil,
                    kind: kind,
                    planned: ByteSize(planned).grouped,
                    found: ByteSize(found).grouped
                )
            )
        }
        // What a converter adds is part of the formats' sizes, as MLX's scales are.
        let data = file.tensors.reduce(0) { $0 + ($1.elementType?.byteCount(of: $1) ?? 0) }
        if recipe.size.exact != .plannedLayers, data != recipe.size.tensorData {
            compareBytes("tensor bytes", recipe.size.tensorData, data)
        }
        let isWholeFileKnown = recipe.size.exact == .file && file.kind == .gguf
        let isOneWhole = file.files.count == 1 || recipe.recorded.keepsSplit
        if isWholeFileKnown, isOneWhole, let bytes = file.fileByteCount {
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
                compareBytes("file bytes", recipe.size.bytes, bytes - added)
            }
        }
        self.differences = differences
        matching = weights.matching
        note =
            isWholeFileKnown && !isOneWhole
            ? """
            the model is split over \(file.files.count) files, each with a header of its own: the bytes of its tensors were \
            compared, those of the files were not
            """ : nil
    }

    /// The padding that some writers leave out after the last tensor's data, in bytes.
    private static func missingPadding(of file: Model) -> Int {
        guard let last = file.locations.last, let bytes = file.files.last?.byteCount else { return 0 }
        let end = last.offset + last.byteCount
        guard end == bytes else { return 0 }
        return FileLayout(validHeaderBytes: 0, alignment: 32).paddedByteCount(end) - end
    }
}
