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
    public init(_ recipe: Recipe, file: Model) {
        var found: [String: TensorInfo] = [:]
        for tensor in file.tensors {
            found[Self.bareName(tensor.name)] = tensor
        }
        var differences: [Difference] = []
        var matching = 0
        var planned = Set<String>()
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
            if type == format {
                matching += 1
            } else {
                differences.append(Difference(tensor: name, kind: "format", planned: format, found: type))
            }
        }
        for tensor in file.tensors where !planned.contains(Self.bareName(tensor.name)) {
            differences.append(
                Difference(
                    tensor: tensor.name,
                    kind: "extra",
                    planned: "none",
                    found: tensor.elementType?.name ?? "unknown"
                )
            )
        }
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
            bytes != recipe.size.bytes
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

    private static func bareName(_ name: String) -> String {
        for prefix in ["model.diffusion_model.", "diffusion_model."] where name.hasPrefix(prefix) {
            return String(name.dropFirst(prefix.count))
        }
        return name
    }
}
