public import Checkpoints
import Tensors

/// A finished file held against a recipe: the format of every tensor, and the sizes.
public struct RecipeCheck: Hashable, Sendable {
    /// One way in which the file is not what the recipe says.
    public struct Difference: Hashable, Sendable {
        /// The tensor's name, or `nil` for the whole file.
        public let tensor: String?
        /// What differs: `format`, `missing`, `extra`, `bytes`.
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

    /// Compares a file's header with a recipe.
    ///
    /// Names count without the prefixes `model.diffusion_model.` and `diffusion_model.`, which some writers add and others
    /// take away. The file's size counts only where the recipe says that it is known to the byte.
    /// Tensors that the recipe's converter adds, and types in which it packs weights, count as planned.
    ///
    /// - Parameters:
    ///   - recipe: The recipe.
    ///   - file: The finished file.
    ///   - model: The model that the recipe is for, whose shapes the file must have, or `nil` where it is not at hand.
    public init(_ recipe: Recipe, file: Model, model: Model? = nil) {
        let converter = recipe.converter.flatMap { try? Converters.named($0) }
        var shapes: [String: [Int]] = [:]
        for tensor in model?.tensors ?? [] {
            shapes[Self.bareName(tensor.name)] = tensor.shape
        }
        var found: [String: TensorInfo] = [:]
        for tensor in file.tensors {
            found[Self.bareName(tensor.name)] = tensor
        }
        var differences: [Difference] = []
        var matching = 0
        var planned = Set<String>()
        let kept = Set(recipe.kept.map(\.tensor))
        let expected =
            recipe.layers.flatMap { layer in layer.tensors.map { (name: $0, format: layer.format) } }
            + recipe.kept.map { (name: $0.tensor, format: $0.format) }
        for (name, format) in expected {
            let bare = Self.bareName(name)
            planned.insert(bare)
            guard let tensor = found[bare] else {
                differences.append(Difference(tensor: name, kind: "missing", planned: format, found: "none"))
                continue
            }
            let type = tensor.elementType?.name ?? "unknown"
            let storage =
                QuantizationFormat(named: format).flatMap { converter?.storageType(of: $0) } ?? format
            let isKept = kept.contains(name)
            if type != storage, !(isKept && converter?.castsWithLayer(tensor) ?? false) {
                differences.append(Difference(tensor: name, kind: "format", planned: storage, found: type))
            } else if storage == format, let shape = shapes[bare], shape != tensor.shape {
                differences.append(
                    Difference(tensor: name, kind: "shape", planned: "\(shape)", found: "\(tensor.shape)")
                )
            } else {
                matching += 1
            }
        }
        // Without the model, a layer's bytes still tell another model of the same names from this one.
        for layer in recipe.layers {
            let members = layer.tensors.compactMap { found[Self.bareName($0)] }
            let types = members.map { $0.elementType?.name }
            guard members.count == layer.tensors.count, types.allSatisfy({ $0 == layer.format }) else {
                continue
            }
            let bytes = members.reduce(0) { $0 + ($1.elementType?.byteCount(of: $1) ?? 0) }
            if bytes != layer.bytes {
                differences.append(
                    Difference(
                        tensor: layer.layer,
                        kind: "bytes",
                        planned: ByteSize(layer.bytes).grouped,
                        found: ByteSize(bytes).grouped
                    )
                )
            }
        }
        for tensor in file.tensors
        where !planned.contains(Self.bareName(tensor.name)) && !(converter?.isAddition(tensor.name) ?? false)
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
        // What a converter adds is part of the formats' sizes, as MLX's scales are.
        let data = file.tensors.reduce(0) { $0 + ($1.elementType?.byteCount(of: $1) ?? 0) }
        if recipe.size.exact != "plannedLayers", data != recipe.size.tensorData {
            differences.append(
                Difference(
                    tensor: nil,
                    kind: "tensor bytes",
                    planned: ByteSize(recipe.size.tensorData).grouped,
                    found: ByteSize(data).grouped
                )
            )
        }
        if recipe.size.exact == "file", file.kind == .gguf, let bytes = file.fileByteCount,
            bytes != recipe.size.bytes, bytes + Self.missingPadding(of: file) != recipe.size.bytes
        {
            differences.append(
                Difference(
                    tensor: nil,
                    kind: "file bytes",
                    planned: ByteSize(recipe.size.bytes).grouped,
                    found: ByteSize(bytes).grouped
                )
            )
        }
        self.differences = differences
        self.matching = matching
    }

    /// The padding that some writers leave out after the last tensor's data, in bytes.
    private static func missingPadding(of file: Model) -> Int {
        guard let last = file.locations.last, let bytes = file.files.last?.byteCount else { return 0 }
        let end = last.offset + last.byteCount
        guard end == bytes else { return 0 }
        return FileLayout(validHeaderBytes: 0, alignment: 32).paddedByteCount(end) - end
    }

    private static func bareName(_ name: String) -> String {
        for prefix in ["model.diffusion_model.", "diffusion_model."] where name.hasPrefix(prefix) {
            return String(name.dropFirst(prefix.count))
        }
        return name
    }
}
