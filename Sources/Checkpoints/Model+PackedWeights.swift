import Tensors
import Text

extension Model {
    /// The weights that another program has quantized already, in the model's order; none in a model of plain weights.
    ///
    /// Sources, by what they write: GPTQModel and AutoAWQ (`qweight`), vllm-project/compressed-tensors (`weight_packed`,
    /// `weight_scale`), bitsandbytes (`absmax`, `quant_state`, `SCB`), MLX (`scales` beside unsigned integers), the scaled
    /// 8-bit floats of ComfyUI (`scale_weight`, `weight_scale`) and DeepSeek (`weight_scale_inv`), and others that pack integers,
    /// which `IntegerPacking` lists. Integers that nobody's names explain are packed weights, too, where they are called weights
    /// or are much of the model.
    public var packedWeights: [PackedWeight] {
        // What lies beside a weight of plain floats would only be looked for in vain, several names for each.
        let plain: [QuantizationFormat] = [.f32, .f16, .bf16]
        let hasMaxima = tensors.contains { $0.name.hasSuffix(".absmax") }
        let suspects = tensors.indices.filter { index in
            tensors[index].elementType.map {
                hasMaxima || !plain.contains($0) || Self.namesPacking(tensors[index])
            } ?? false
        }
        var schemes: [Int: PackedWeight.Scheme] = [:]
        if !suspects.isEmpty {
            let types = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0) })
            for index in suspects {
                guard let format = tensors[index].elementType else { continue }
                schemes[index] = Self.scheme(of: tensors[index], format, types)
            }
        }
        for index in unexplainedIntegers(besides: schemes) { schemes[index] = .otherPacking }
        return schemes.sorted { $0.key < $1.key }.compactMap { index, scheme in
            tensors[index].elementType.map {
                PackedWeight(scheme: scheme, tensor: tensors[index].name, format: $0)
            }
        }
    }

    /// The first weight that another program has packed in a way that nothing here reads, so that nothing can be planned for the
    /// model; nil where there is none, as in a model that is in formats of ggml.
    public var foreignWeight: PackedWeight? {
        packedWeights.first { $0.scheme != .ggml }
    }

    /// The share of a model's bytes from which integers are no buffer.
    private static let packedShare = 0.01
    /// What the names of buffers of integers have in them: positions, indices and masks.
    private static let bufferParts = ["position", "index", "indices", "_ids", "mask", "bias", "tid2eid"]

    /// The positions of matrices of integers that no scheme explains, of a model in which they are more than its buffers.
    ///
    /// GGUF files have no packed integers, and nobody packs weights into 64 bits, which indices have.
    ///
    /// - Parameter known: The schemes of tensors by their positions; what stands beside these is theirs.
    /// - Returns: The positions, in order.
    private func unexplainedIntegers(besides known: [Int: PackedWeight.Scheme]) -> [Int] {
        guard kind != .gguf else { return [] }
        let modules = Set(known.keys.map { Self.module(of: tensors[$0].name) })
        var (found, bytes, isCalledWeight) = ([Int](), 0, false)
        for (index, tensor) in tensors.enumerated() where tensor.dimensionCount > 1 && known[index] == nil {
            guard let format = tensor.elementType, let bits = Self.integerBits(format), bits <= 32,
                !modules.contains(Self.module(of: tensor.name)),
                !Self.bufferParts.contains(where: tensor.name.hasBytes)
            else { continue }
            found.append(index)
            isCalledWeight = isCalledWeight || tensor.name.hasSuffix("weight")
            bytes += format.byteCount(of: tensor) ?? 0
        }
        guard !found.isEmpty, !isCalledWeight else { return found }
        let all = tensors.reduce(0.0) { sum, tensor in
            sum + Double((tensor.elementType ?? .bf16).byteCount(of: tensor) ?? 0)
        }
        return Double(bytes) >= Self.packedShare * all ? found : []
    }

    /// A tensor's name up to its last part, with the point.
    private static func module(of name: String) -> String {
        name.lastIndex(of: ".").map { String(name[...$0]) } ?? ""
    }

    /// Whether a tensor's name alone says that its values are packed.
    private static func namesPacking(_ tensor: TensorInfo) -> Bool { tensor.name.hasSuffix("weight_packed") }

    /// How a tensor's values are packed, or nil if they are what they seem.
    private static func scheme(
        of tensor: TensorInfo,
        _ format: QuantizationFormat,
        _ tensors: [String: TensorInfo]
    ) -> PackedWeight.Scheme? {
        let name = tensor.name
        func has(_ other: String) -> Bool { tensors[other] != nil }
        let stem = module(of: name)
        let bits = integerBits(format)
        if bits != nil,
            let packing = IntegerPacking.all.first(where: { $0.fits(tensor, type: format.name, isThere: has) }
            )
        {
            return packing.scheme
        }
        if name.hasSuffix("qweight"), bits != nil {
            // Without an order of the inputs, the scales tell: they have a column per output, which AWQ packs.
            guard !has(stem + "g_idx"), let outputs = tensors[stem + "scales"]?.rowLength else {
                return .gptq
            }
            return outputs == tensor.rowLength ? .gptq : .awq
        }
        if name.hasSuffix("weight_packed") {
            return has(stem + "weight_global_scale") || has(stem + "weight_shape")
                || has(stem + "weight_scale")
                ? .compressedTensors : .otherPacking
        }
        guard tensor.dimensionCount > 1 else { return nil }
        if has(name + ".absmax") { return .bitsandbytes }
        if has(stem + "SCB") || has(name + ".SCB"), bits != nil { return .llmInt8 }
        let scales = [
            name + "_scale", name + "_scale_inv", stem + "scale_weight", stem + "scale",
            stem + "weight_scale",
        ]
        .filter { $0 != name }
        let isScaled = scales.contains(where: has)
        if let bits {
            if bits == 8, has(stem + "weight_scale_2") || has(stem + "weight_scale_inv_2") {
                return .packedFloat4
            }
            // compressed-tensors leaves integers of 8 bits as they are, with their sign, and so does ComfyUI, which says so.
            if isScaled {
                return format.name == "I8" && name.hasSuffix("weight") && !has(stem + "comfy_quant")
                    ? .compressedTensors : .otherPacking
            }
            return nil
        }
        if format == .float8_e4m3fn || format == .float8_e5m2 { return isScaled ? .scaledFloat8 : nil }
        if ["F8_E4M3FNUZ", "F8_E5M2FNUZ"].contains(format.name) {
            return isScaled ? .scaledFloat8 : .otherPacking
        }
        if ["F6_E2M3", "F6_E3M2", "F4"].contains(format.name) {
            return format.name == "F4" && isScaled ? .packedFloat4 : .otherPacking
        }
        return format.blockElements > 1 ? .ggml : nil
    }

    /// The bits of an integer type's elements, or nil for floats.
    private static func integerBits(_ format: QuantizationFormat) -> Int? {
        guard !format.isWeightFormat,
            ["I8", "I16", "I32", "I64", "U8", "U16", "U32", "U64"].contains(format.name)
        else { return nil }
        return format.blockBytes * 8
    }
}
