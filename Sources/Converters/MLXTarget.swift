public import Checkpoints
public import Recipes
public import Tensors
package import Text

/// The tensors of the folder for MLX that a recipe makes of a model, where each of the model's goes, and how its modules are
/// quantized.
///
/// A quantized weight becomes three tensors, its packed words, scales and biases, the last in mode `affine` only. The experts of a
/// layer go into one tensor, one after the other, as `mlx_lm` stacks them when it loads a model.
public struct MLXTarget: Hashable, Sendable {
    /// The most bytes of tensors in one file of the folder, as `mlx_lm` has it: 5 GiB.
    public static let shardByteCount = 5 << 30

    /// A tensor of the folder.
    public struct Tensor: Hashable, Sendable {
        /// The name.
        public let name: String
        /// The shape, outermost dimension first.
        public let shape: [Int]
        /// The type of the elements.
        public let type: QuantizationFormat
    }

    /// Where the bytes of a model's tensor go that belong to one tensor of the folder.
    public struct Place: Hashable, Sendable {
        /// The position of the tensor in ``MLXTarget/tensors``.
        public let tensor: Int
        /// The number of its bytes that come before, which are those of other experts.
        public let offset: Int
        /// The number of bytes of a row.
        public let rowByteCount: Int
    }

    /// A tensor of the model.
    public struct Source: Hashable, Sendable {
        /// The format that it ends in.
        public let format: QuantizationFormat
        /// Whether the recipe planned it, rather than kept it.
        public let isPlanned: Bool
        /// Where its bytes go: in the order in which a codec has those of a row.
        public let places: [Place]
    }

    /// The tensors, in the order of the model's, with those without elements at the end.
    public let tensors: [Tensor]
    /// Where the model's tensors go, in its order.
    public let sources: [Source]
    /// The dictionary `quantization` of `config.json`, or nil where nothing is quantized.
    package let quantization: JSONValue?

    /// Joins a recipe with a model.
    ///
    /// - Parameters:
    ///   - recipe: The recipe, of the converter `mlx` or of none.
    ///   - model: The model, in safetensors from Hugging Face.
    /// - Throws: `RecipeError` where the recipe is not one for MLX and the model, see ``CheckedRecipe``, and where the experts of
    ///   a layer cannot be stacked.
    public init(_ recipe: Recipe, model: Model) throws(RecipeError) {
        let converter = MLXQuantization()
        let checked = try CheckedRecipe(recipe, model: model.tensors, for: converter)
        try converter.check(model.tensors)
        let dictionary = try converter.dictionary(of: checked, isConverted: false)
        let isQuantized = checked.assignments.contains { MLXQuantization.setting(of: $0) != nil }
        quantization = isQuantized ? .object(dictionary) : nil
        let stacks = try Self.stacks(of: checked.assignments)
        var tensors: [Tensor] = []
        /// The first of the tensors that a stack, or a tensor alone, has.
        var firsts: [String: Int] = [:]
        var sources: [Source] = []
        for (index, assignment) in checked.assignments.enumerated() {
            let expert = MLXQuantization.expert(assignment.tensor.name)
            let name = expert?.stack ?? assignment.tensor.name
            let parts = Self.parts(of: assignment, shape: model.storedShape(ofTensor: index), converter)
            let first = firsts[name] ?? tensors.count
            if firsts.updateValue(first, forKey: name) == nil {
                for part in parts {
                    tensors.append(
                        Tensor(
                            name: WeightStorage.companionName(of: name, ending: part.ending) ?? name,
                            shape: (expert == nil ? [] : [stacks[name]?.count ?? 1]) + part.shape,
                            type: part.type
                        )
                    )
                }
            }
            sources.append(
                Source(
                    format: assignment.format,
                    isPlanned: assignment.layer != nil,
                    places: parts.enumerated().map { index, part in
                        let bytes = part.shape.dropLast().reduce(part.rowByteCount, *)
                        return Place(
                            tensor: first + index,
                            offset: (expert?.number ?? 0) * bytes,
                            rowByteCount: part.rowByteCount
                        )
                    }
                )
            )
        }
        tensors += model.tensorsWithoutElements.map { Tensor(name: $0.name, shape: $0.shape, type: $0.type) }
        if let name = Self.repeated(tensors.map(\.name)) {
            throw .cannotTake(
                tensor: name,
                reason: "which is also what a tensor beside it becomes",
                converter: converter.name
            )
        }
        self.tensors = tensors
        self.sources = sources
    }

    /// What a tensor becomes: one tensor, or those of a quantized weight.
    private struct Part {
        /// What the name has in place of `.weight`.
        let ending: String
        let shape: [Int]
        let type: QuantizationFormat

        var rowByteCount: Int { (shape.last ?? 1) / type.blockElements * type.blockBytes }
    }

    private static func parts(
        of assignment: CheckedRecipe.Assignment,
        shape: [Int],
        _ converter: MLXQuantization
    ) -> [Part] {
        let tensor = assignment.tensor
        guard let setting = MLXQuantization.setting(of: assignment), let length = tensor.shape.last else {
            return [Part(ending: ".weight", shape: shape, type: assignment.format)]
        }
        let rows = Array(tensor.shape.dropLast())
        let storage = converter.storage(of: assignment.format)
        let scales: QuantizationFormat = tensor.elementType == .f16 ? .f16 : .bf16
        return [Part(ending: ".weight", shape: rows + [length * setting.bits / 32], type: .u32)]
            + storage.companions.map { companion in
                let isFloat = companion.types.contains(scales.name)
                return Part(
                    ending: companion.ending,
                    shape: rows + [length / setting.groupSize],
                    type: isFloat ? scales : .u8
                )
            }
    }

    /// The tensors of each stack, which are one for every expert, all of the same shape, type and format.
    private static func stacks(
        of assignments: [CheckedRecipe.Assignment]
    ) throws(RecipeError) -> [String: [CheckedRecipe.Assignment]] {
        var numbered: [String: [Int: CheckedRecipe.Assignment]] = [:]
        for assignment in assignments {
            guard let expert = MLXQuantization.expert(assignment.tensor.name) else { continue }
            numbered[expert.stack, default: [:]][expert.number] = assignment
        }
        var stacks: [String: [CheckedRecipe.Assignment]] = [:]
        for assignment in assignments {
            guard let name = MLXQuantization.expert(assignment.tensor.name)?.stack,
                let experts = numbered[name]
            else { continue }
            let members = (0..<experts.count).compactMap { experts[$0] }
            let isEven = members.allSatisfy {
                $0.tensor.shape == assignment.tensor.shape && $0.format == assignment.format
                    && $0.tensor.elementType == assignment.tensor.elementType
                    && ($0.layer == nil) == (assignment.layer == nil)
            }
            guard members.count == experts.count, isEven else {
                throw .cannotTake(
                    tensor: assignment.tensor.name,
                    reason:
                        "which does not stack with the other experts of its layer: one is missing, or has another shape, type or format",
                    converter: MLXQuantization().name
                )
            }
            stacks[name] = members
        }
        return stacks
    }

    private static func repeated(_ names: [String]) -> String? {
        var seen: Set<String> = []
        return names.first { !seen.insert($0).inserted }
    }
}
