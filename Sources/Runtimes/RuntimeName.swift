/// The programs whose use of a card is known.
public enum RuntimeName: String, CaseIterable, Hashable, Sendable {
    /// llama.cpp, for language models.
    case llamaCpp = "llama.cpp"
    /// ComfyUI with the nodes of ComfyUI-GGUF, for pictures.
    case comfyUIGGUF = "comfyui-gguf"
    /// stable-diffusion.cpp, for pictures.
    case stableDiffusionCpp = "stable-diffusion.cpp"

    /// Whether the program makes pictures.
    public var makesPictures: Bool { self != .llamaCpp }
}
