import Tensors

extension Model {
    /// The weights that another program has quantized already, in the model's order; none in a model of plain weights.
    ///
    /// Sources, by what they write: GPTQModel and AutoAWQ (`qweight`), vllm-project/compressed-tensors (`weight_packed`,
    /// `weight_scale`), bitsandbytes (`absmax`, `quant_state`, `SCB`), MLX (`scales` beside unsigned integers), and the
    /// scaled 8-bit floats of ComfyUI (`scale_weight`, `weight_scale`) and DeepSeek (`weight_scale_inv`).
    public var packedWeights: [PackedWeight] {
        let types = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0) })
        // What lies beside a weight of plain floats would only be looked for in vain, several names for each.
        let plain: Set<QuantizationFormat> = [.f32, .f16, .bf16]
        let hasMaxima = tensors.contains { $0.name.hasSuffix(".absmax") }
        return tensors.compactMap { tensor in
            guard let format = tensor.elementType,
                hasMaxima || !plain.contains(format) || Self.namesPacking(tensor),
                let scheme = Self.scheme(of: tensor, format, types)
            else {
                return nil
            }
            return PackedWeight(scheme: scheme, tensor: tensor.name, format: format)
        }
    }

    /// The first weight that another program has packed in a way that nothing here reads, so that nothing can be planned for the
    /// model; nil where there is none, as in a model that is in formats of ggml.
    public var foreignWeight: PackedWeight? {
        packedWeights.first { $0.scheme != .ggml }
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
        let stem = name.lastIndex(of: ".").map { String(name[...$0]) } ?? ""
        if name.hasSuffix("qweight"), isInteger(format) {
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
        if has(stem + "SCB") || has(name + ".SCB"), isInteger(format) { return .llmInt8 }
        let scales = [
            name + "_scale", name + "_scale_inv", stem + "scale_weight", stem + "scale",
            stem + "weight_scale",
        ]
        .filter { $0 != name }
        let isScaled = scales.contains(where: has)
        if let bits = integerBits(format) {
            if bits == 32 || bits == 8, name.hasSuffix("weight"), has(stem + "scales") { return .mlx }
            if bits == 8, has(stem + "weight_scale_2") || has(stem + "weight_scale_inv_2") {
                return .packedFloat4
            }
            return isScaled ? .compressedTensors : nil
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

    private static func isInteger(_ format: QuantizationFormat) -> Bool { integerBits(format) != nil }

    /// The bits of an integer type's elements, or nil for floats.
    private static func integerBits(_ format: QuantizationFormat) -> Int? {
        guard ["I8", "I16", "I32", "I64", "U8", "U16", "U32", "U64"].contains(format.name) else { return nil }
        return format.blockBytes * 8
    }
}
