import Text
import Checkpoints
import Quantization
import Tensors

/// A kind of diffusion model whose GGUF files ComfyUI-GGUF loads: how it is known, and what of it is not quantized.
///
/// The rules are those of ComfyUI-GGUF's `tools/convert.py` and of its patch for `llama-quantize`, `tools/lcpp.patch`. The
/// tensors keep the names of the model's first publication, without what a checkpoint puts in front of them.
package struct ImageArchitecture: Hashable, Sendable {
    /// The text of `general.architecture`.
    package let name: String
    /// Sets of names, any of which only such a model has.
    package let marks: [[String]]
    /// Names that tell the same model as diffusers names its tensors, which no loader of GGUF files reads.
    package let otherNames: [String]
    /// What stands in the names of tensors that are kept in 32 bits.
    let preciseParts: [String]
    /// What stands in the names of tensors that are not quantized.
    let vetoedParts: [String]
    /// The names of other tensors that are not quantized.
    let vetoedNames: [String]
    /// What stands in the names of tensors that hold the state of training, which no file is made with.
    package let ignoredParts: [String]
    /// Whether rows that 256 does not divide are laid together into rows of 256, as loaders undo by a key of the metadata.
    let reshapes: Bool

    init(
        _ name: String,
        marks: [[String]],
        otherNames: [String] = [],
        precise: [String] = [],
        vetoed: [String],
        vetoedNames: [String] = [],
        ignored: [String] = [],
        reshapes: Bool = false
    ) {
        self.name = name
        self.marks = marks
        self.otherNames = otherNames
        preciseParts = precise
        vetoedParts = vetoed
        self.vetoedNames = vetoedNames
        ignoredParts = ignored
        self.reshapes = reshapes
    }

    /// Finds the kind of a model by the names of its tensors, without what a checkpoint puts in front of them.
    package static func detected(in names: Set<String>) -> ImageArchitecture? {
        all.first { architecture in
            architecture.marks.contains { $0.allSatisfy(names.contains) }
                && !architecture.otherNames.contains(where: names.contains)
        }
    }

    /// Finds the kind of a model by the names of its tensors, whoever gave them and whatever stands in front of them.
    package static func recognized(in names: [String]) -> ImageArchitecture? {
        let bare = Set(
            names.map { name in
                GGUFTarget.prefixes.first(where: name.hasPrefix).map { String(name.dropFirst($0.count)) }
                    ?? name
            }
        )
        return all.first { architecture in
            architecture.marks.contains { $0.allSatisfy(bare.contains) }
                || architecture.otherNames.contains(where: bare.contains)
        }
    }

    /// Finds a kind by the text of `general.architecture`.
    package static func named(_ name: String?) -> ImageArchitecture? {
        all.first { $0.name == name }
    }

    /// Whether the file is made without a tensor.
    ///
    /// - Parameter name: The tensor's name, without what a checkpoint puts in front of it.
    /// - Returns: Whether the tensor is none of the file's.
    func leavesOut(_ name: String) -> Bool {
        ignoredParts.contains(where: name.hasBytes)
    }

    /// Whether a tensor is not quantized, whatever is planned for it.
    func neverQuantizes(_ tensor: TensorInfo) -> Bool {
        let name = tensor.name
        return tensor.asGGMLStores.dimensionCount != 2 || !name.hasSuffix("weight")
            || name.hasSuffix("_norm.weight") || vetoedParts.contains(where: name.hasBytes)
            || preciseParts.contains(where: name.hasBytes) || vetoedNames.contains { name.hasSuffix($0) }
    }

    /// The type that a tensor has that is not planned.
    ///
    /// Whatever is small or must be precise has 32 bits where it comes in 32 bits or as BF16; the others keep their type, and
    /// 8-bit floats become F16. Floats of more than four dimensions have 32 bits whatever they come in: ComfyUI-GGUF's converter passes them
    /// over, and its `tools/fix_5d_tensors.py` puts them into the file so.
    func keptFormat(of tensor: TensorInfo) -> QuantizationFormat? {
        let type = tensor.elementType ?? .bf16
        if tensor.dimensionCount > 4, SourceElements.formats.contains(type) { return .f32 }
        switch type {
        case .bf16, .f32:
            let isPrecise =
                tensor.dimensionCount == 1 || tensor.elementCount <= 1024
                || preciseParts.contains(where: tensor.name.contains)
            return isPrecise ? .f32 : type
        case .float8_e4m3fn, .float8_e5m2: return .f16
        default: return type
        }
    }

    /// The shape that a tensor has in the file.
    func shape(of tensor: TensorInfo) -> [Int] {
        guard reshapes, tensor.dimensionCount > 1, tensor.elementCount >= 512,
            tensor.elementCount.isMultiple(of: 256), !tensor.rowLength.isMultiple(of: 256)
        else { return tensor.shape }
        return [tensor.elementCount / 256, 256]
    }
}
