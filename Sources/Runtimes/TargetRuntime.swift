public import Tensors

/// A program that loads finished models, by its name on the command line: which formats it decodes, and how fast.
public enum TargetRuntime: String, CaseIterable, Hashable, Sendable {
    /// llama.cpp, for language models.
    case llamaCpp = "llama.cpp"
    /// ComfyUI with the nodes of ComfyUI-GGUF, which load GGUF files.
    case comfyUIGGUF = "comfyui-gguf"
    /// ComfyUI itself, which loads safetensors.
    case comfyUI = "comfyui"
    /// stable-diffusion.cpp, for pictures.
    case stableDiffusionCpp = "stable-diffusion.cpp"
    /// MLX, on Macs.
    case mlx

    /// Whether the program computes with weights of a format at its full speed.
    ///
    /// ComfyUI-GGUF's `dequant.py` decodes some of ggml's formats on the card, and all others in numpy, row by row. ComfyUI multiplies
    /// in 8-bit floats, and knows no other quantized format that is written here. llama.cpp and stable-diffusion.cpp have ggml, which
    /// has a kernel for each of its formats, and MLX has one for each of its own.
    public func decodes(_ format: QuantizationFormat) -> Bool {
        let plain: [QuantizationFormat] = [.f32, .f16, .bf16]
        if plain.contains(format) { return true }
        return switch self {
        case .llamaCpp, .stableDiffusionCpp: format.isWeightFormat && format.ggufTypeID != nil
        case .comfyUIGGUF: Self.comfyUIGGUFFormats.contains(format)
        case .comfyUI: comfyUIFormats.contains(format)
        case .mlx: QuantizationFormat.mlx.contains(format)
        }
    }

    /// 8-bit floats, with a scale for the whole tensor and without.
    private var comfyUIFormats: [QuantizationFormat] {
        [.float8_e4m3fn, .float8_e5m2] + QuantizationFormat.scaled
    }

    /// What `dequantize_functions` of ComfyUI-GGUF's `dequant.py` has; every other format of ggml is slow there.
    private static let comfyUIGGUFFormats: Set<QuantizationFormat> = [
        .q8_0, .q5_1, .q5_0, .q4_1, .q4_0, .q2_K, .q3_K, .q4_K, .q5_K, .q6_K, .iq4_nl, .iq4_xs,
    ]

    /// The program whose use of a card is the same, or nil where it is not known.
    public var onCard: RuntimeName? {
        switch self {
        case .llamaCpp: .llamaCpp
        case .comfyUIGGUF, .comfyUI: .comfyUIGGUF
        case .stableDiffusionCpp: .stableDiffusionCpp
        case .mlx: nil
        }
    }
}
