public import Runtimes

/// What a finished model is: a kind of file, or a folder.
public enum ModelContainer: Hashable, Sendable, CaseIterable, CustomStringConvertible {
    /// A GGUF file.
    case gguf
    /// A safetensors file for ComfyUI, with weights in scaled 8-bit floats.
    case safetensors
    /// A folder for MLX.
    case folder

    /// What a program loads.
    public init(loadedBy runtime: TargetRuntime) {
        switch runtime {
        case .llamaCpp, .comfyUIGGUF, .stableDiffusionCpp: self = .gguf
        case .comfyUI: self = .safetensors
        case .mlx: self = .folder
        }
    }

    /// Whether what encodes its weights looks at the importance of their inputs.
    public var looksAtImportance: Bool { self == .gguf }

    /// What it is, without an article.
    public var description: String {
        switch self {
        case .gguf: "GGUF file"
        case .safetensors: "safetensors file"
        case .folder: "folder for MLX"
        }
    }
}
