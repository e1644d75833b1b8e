public import Checkpoints
import Tensors

/// The network of a model that makes pictures, as far as what a program keeps for it is known.
public enum PictureNetwork: Hashable, Sendable {
    /// FLUX.1, whose figures are known.
    case flux1
    /// FLUX.2, whose figures follow from the width of its embedding.
    case flux2(width: Int)
    /// Another one, of which nothing is known.
    case other

    /// The network of a model, by the names of its tensors.
    public init(_ model: Model) {
        // FLUX.2 modulates all of its blocks by the same tensors.
        if let modulation = model.tensors.first(where: {
            $0.name.contains("double_stream_modulation_img.lin") && $0.dimensionCount == 2
        }) {
            self = .flux2(width: modulation.rowLength)
            return
        }
        // HunyuanVideo and Chroma have FLUX.1's blocks, and more.
        let others = ["token_refiner.", "distilled_guidance_layer."]
        let names = model.tensors.lazy.map(\.name)
        let hasBlocks = names.contains { $0.contains("double_blocks.") }
        self =
            hasBlocks && !names.contains { name in others.contains { name.contains($0) } } ? .flux1 : .other
    }
}
