/// What a finished model is: a kind of file, or a folder.
public enum ModelContainer: Hashable, Sendable {
    /// A GGUF file.
    case gguf
    /// A safetensors file for ComfyUI, with weights in scaled 8-bit floats.
    case safetensors
    /// A folder for MLX.
    case folder
}
