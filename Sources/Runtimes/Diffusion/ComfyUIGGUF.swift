/// ComfyUI with the nodes of ComfyUI-GGUF.
///
/// Its models take turns on the card: text encoder, diffusion model and VAE are moved off when the next needs the room, so
/// other files do not add up, and the diffusion model has to fit beside its own activations only. What it reserves while
/// sampling is its own estimate (`comfy/model_management.py`, `comfy/model_base.py`), not a measured peak:
///
///     reserve = max(0.8 GiB + R, activations + R)      R: 400 MB, for Linux; 600 to 700 MB for Windows
///     activations = width/8 · height/8 · 2 bytes · 0.01 · factor MiB        factor: 3.1 for FLUX.1, else 2
///
/// A model that does not fit is loaded in part and the rest streamed, which is slow and no error.
public struct ComfyUIGGUF: Hashable, Sendable {
    /// What CUDA and PyTorch take, and slack: a judgement.
    public static let standingContext = 512 << 20
    /// What the program leaves to others (`--reserve-vram`), for Linux.
    public static let standingMargin = 400 << 20

    /// The picture.
    public let image: ImageSize
    /// Whether the model is FLUX.1, which has a factor of its own.
    public let isFlux: Bool

    /// Creates the runtime for one picture at a time.
    public init(image: ImageSize, isFlux: Bool) {
        self.image = image
        self.isFlux = isFlux
    }

    /// What it takes of a card beside the weights of the diffusion model, but for the context and the margin.
    public var claims: [MemoryClaim] {
        let hundredths = isFlux ? 310 : 200
        // A latent pixel stands for 8 by 8 pixels.
        let activations = (image.pixels / 64 * 2 * hundredths / 100) * (1 << 20) / 100
        let least = (8 << 30) / 10
        let isLeast = activations < least
        return [
            MemoryClaim(
                "sampling",
                bytes: max(least, activations),
                note: isLeast ? "\(image): ComfyUI's least reserve" : "\(image): ComfyUI's own estimate",
                certainty: .assumed
            )
        ]
    }

    /// Why other files take no room.
    public static let besideNote = "0: models take turns on the card"
}
