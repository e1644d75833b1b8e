/// ComfyUI with the nodes of ComfyUI-GGUF.
///
/// Its models take turns on the card: text encoder, diffusion model and VAE are moved off when the next needs the room, so
/// other files do not add up, and the diffusion model has to fit beside its own activations only. What it reserves while
/// sampling is its own estimate (`comfy/model_management.py`, `comfy/model_base.py`), not a measured peak:
///
///     reserve = max(0.8 GiB + R, activations + R)      R: 400 MB, for Linux; 600 to 700 MB for Windows
///     activations = latent pixels · 2 bytes · 0.01 · factor MiB
///
/// A latent pixel stands for 8 by 8 pixels, in FLUX.2 for 16 by 16. The factor is 3.1 for FLUX.1, 2.8 · 4 · E / 2604 for FLUX.2 with
/// an embedding of width E, and 2 for networks without a factor of their own; those of other networks are not known here.
///
/// Weights of a GGUF file are expanded to 16 bits tensor by tensor while they are used, the largest among them. A model that does not
/// fit is loaded in part and the rest streamed, which is slow and no error.
public struct ComfyUIGGUF: Hashable, Sendable {
    /// What CUDA and PyTorch take, and slack: a judgement.
    public static let standingContext = 512 << 20
    /// What the program leaves to others (`--reserve-vram`), for Linux.
    public static let standingMargin = 400 << 20
    /// The name of the claim for what is computed while sampling.
    static let samplingName = "sampling"
    /// The name of the claim for the tensor that is expanded.
    public static let expandedName = "one layer"

    /// The picture.
    public let image: ImageSize
    /// The network.
    public let network: PictureNetwork
    /// The elements of the network's largest matrix.
    public let largestMatrix: Int

    /// Creates the runtime for one picture at a time.
    ///
    /// - Parameters:
    ///   - image: The picture.
    ///   - network: The network.
    ///   - largestMatrix: The elements of its largest matrix.
    public init(image: ImageSize, network: PictureNetwork, largestMatrix: Int) {
        self.image = image
        self.network = network
        self.largestMatrix = largestMatrix
    }

    /// What it takes of a card beside the weights of the diffusion model, but for the context and the margin.
    public var claims: [MemoryClaim] {
        let least = (8 << 30) / 10
        let isLeast = activations < least
        let note =
            switch network {
            case .flux1: isLeast ? "ComfyUI's least reserve" : "ComfyUI's own estimate"
            case .flux2: isLeast ? "ComfyUI's least reserve" : "ComfyUI's estimate for FLUX.2"
            case .other:
                isLeast
                    ? "ComfyUI's least reserve; what it estimates for this model is not known"
                    : "ComfyUI's estimate without a factor of the model's own, which is not known"
            }
        return [
            MemoryClaim(
                Self.samplingName,
                bytes: max(least, activations),
                note: "\(image): \(note)",
                certainty: .assumed
            ),
            MemoryClaim(
                Self.expandedName,
                bytes: product(2, largestMatrix),
                note: "the largest, in 16 bits while it is used",
                certainty: .assumed
            ),
        ]
    }

    /// The program's estimate for what is computed.
    private var activations: Int {
        let (side, hundredths) =
            switch network {
            case .flux1: (8, 310)
            // No network is as wide as the limit, which keeps the product small.
            case .flux2(let width): (16, 1_120 * min(width, 1 << 16) / 2_604)
            case .other: (8, 200)
            }
        return (image.pixels / (side * side) * 2 * hundredths / 100) * (1 << 20) / 100
    }

    /// Why other files take no room.
    public static let besideNote = "0: models take turns on the card"
}
