import Tensors

/// How a scheme of quantization writes its packed integers: what their names end in, and what stands beside them.
struct IntegerPacking {
    /// The scheme.
    let scheme: PackedWeight.Scheme
    /// How the name of the integers ends.
    private let ending: String
    /// What stands in place of the ending in names beside it, any of which tells the scheme; the ending alone does where there
    /// are none.
    private let beside: [String]
    /// The types of the integers; empty for any.
    private let types: Set<String>

    private init(
        _ scheme: PackedWeight.Scheme,
        _ ending: String,
        beside: [String] = [],
        types: Set<String> = []
    ) {
        (self.scheme, self.ending, self.beside, self.types) = (scheme, ending, beside, types)
    }

    /// The schemes, those that others' signs fit too before these.
    ///
    /// Sources of the names: nunchaku-ai/nunchaku, turboderp-org/exllamav2 and exllamav3, IST-DASLab/marlin, Vahe1994/AQLM,
    /// huggingface/optimum-quanto, mobiusml/hqq, openai/gpt-oss (as published on Hugging Face), microsoft/VPTQ and NetEase-FuXi/EETQ,
    /// each as its own program saves a model.
    static let all: [IntegerPacking] = [
        IntegerPacking(.svdQuant, ".qweight", beside: [".wscales"]),
        IntegerPacking(.eetq, ".qweight", beside: [".weight_scales"], types: ["I8"]),
        IntegerPacking(.exllamaV2, ".q_weight", beside: [".q_scale", ".q_groups", ".q_invperm"]),
        IntegerPacking(.exllamaV3, ".trellis", beside: [".suh", ".svh", ".su", ".sv"]),
        IntegerPacking(.marlin, ".B", beside: [".s"]),
        IntegerPacking(.aqlm, ".codes", beside: [".codebooks"]),
        IntegerPacking(.quanto, "._data", beside: ["._scale"]),
        IntegerPacking(.hqq, ".W_q"),
        IntegerPacking(.mxfp4, "_blocks", beside: ["_scales"], types: ["U8"]),
        IntegerPacking(.vptq, ".indices", beside: [".centroids.weight", ".centroids"]),
        IntegerPacking(.eetq, ".weight", beside: [".weight_scales"], types: ["I8"]),
        IntegerPacking(.mlx, ".weight", beside: [".scales"], types: ["U32", "I32"]),
    ]

    /// Whether an integer tensor is written as the scheme writes its own.
    ///
    /// - Parameters:
    ///   - tensor: The tensor.
    ///   - type: The name of its type.
    ///   - isThere: Whether the model has a tensor of a name.
    /// - Returns: Whether it is.
    func fits(_ tensor: TensorInfo, type: String, isThere: (String) -> Bool) -> Bool {
        // A module at the top of a model has no point in front of its parts.
        let name = "." + tensor.name
        guard name.hasSuffix(ending), types.isEmpty || types.contains(type) else { return false }
        let stem = name.dropLast(ending.count)
        return beside.isEmpty || beside.contains { isThere(String((stem + $0).dropFirst())) }
    }
}
