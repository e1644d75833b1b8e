/// stable-diffusion.cpp, run with `--diffusion-fa --vae-tiling`, and `--clip-on-cpu` where no text encoder is to be on the card.
///
/// All of its models stay on the card together unless it is told otherwise, and the largest of their buffers comes on top.
/// Read from a build of it that allocates nothing, with the shapes of FLUX.1-dev; the formulas are 0 to 4 % above:
///
///     diffusion  = 0.182 MiB · T                 T: width · height / 256 + 256 tokens; with --diffusion-fa
///     VAE        = 416 MiB with --vae-tiling;    6,656 bytes · width · height without
///
/// For other networks the same is assumed. Builds and backends differ, so a part of the card is left free.
public struct StableDiffusionRuntime: Hashable, Sendable {
    /// What CUDA takes, and slack: a judgement.
    public static let standingContext = 512 << 20
    /// What is left free for builds that take more than the one that was read: a judgement.
    public static let standingMargin = 128 << 20
    /// The name of the claim for text encoders.
    public static let encodersName = "text encoders"
    /// The name of the claim for the weights of the VAE.
    public static let decoderName = "VAE weights"

    /// The picture.
    public let image: ImageSize
    /// The network.
    public let network: PictureNetwork
    /// Whether text encoders are on the card, as other files that are counted there.
    public let hasEncodersOnCard: Bool
    /// Whether the VAE is another file that is counted as one.
    public let hasDecoderBeside: Bool

    /// Creates the runtime for one picture at a time.
    ///
    /// - Parameters:
    ///   - image: The picture.
    ///   - network: The network.
    ///   - hasEncodersOnCard: Whether text encoders are on the card, as other files that are counted there.
    ///   - hasDecoderBeside: Whether the VAE is another file that is counted as one.
    public init(
        image: ImageSize,
        network: PictureNetwork = .flux1,
        hasEncodersOnCard: Bool = false,
        hasDecoderBeside: Bool = false
    ) {
        self.image = image
        self.network = network
        self.hasEncodersOnCard = hasEncodersOnCard
        self.hasDecoderBeside = hasDecoderBeside
    }

    /// What it takes of a card beside the weights of the diffusion model, but for the context and other files.
    public var claims: [MemoryClaim] {
        let tokens = image.pixels / 256 + 256
        let diffusion = tokens * 182 * (1 << 20) / 1_000
        let tiled = 416 << 20
        // Only FLUX.1 was run.
        let source = network == .flux1 ? "" : "; FLUX.1's, as this model's is not known"
        var claims: [MemoryClaim] = []
        if !hasEncodersOnCard {
            claims.append(
                MemoryClaim(
                    Self.encodersName,
                    bytes: 0,
                    note: "on the host, with --clip-on-cpu",
                    certainty: .assumed
                )
            )
        }
        if !hasDecoderBeside {
            claims.append(
                MemoryClaim(
                    Self.decoderName,
                    bytes: 95 << 20,
                    note: "they stay on the card\(source)",
                    certainty: .assumed
                )
            )
        }
        let note =
            diffusion > tiled
            ? "\(image) with --diffusion-fa --vae-tiling" : "the VAE's, with --vae-tiling"
        return claims + [
            MemoryClaim(
                "compute",
                bytes: max(diffusion, tiled),
                note: note + source,
                certainty: .assumed
            )
        ]
    }

    /// The command that runs a model so.
    ///
    /// - Parameter modelPath: The finished file.
    /// - Returns: The program and its arguments, but for the other models' files and the words.
    public func command(modelPath: String) -> [String] {
        [
            "sd-cli", "--diffusion-model", modelPath, "-W", "\(image.width)", "-H", "\(image.height)",
            "--diffusion-fa", "--vae-tiling",
        ] + (hasEncodersOnCard ? [] : ["--clip-on-cpu"])
    }
}
