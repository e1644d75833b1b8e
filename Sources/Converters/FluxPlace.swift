import Recipes
import Tensors

/// Where in FLUX.1 a tensor or a layer stands: the block, counted through both kinds, and the stream.
///
/// Blocks 0 to 18 are the double blocks, which have the streams `img` and `txt`; 19 to 56 are the single blocks, whose
/// one stream is `x`.
struct FluxPlace: Hashable {
    enum Stream: String, CaseIterable {
        case img
        case txt
        case x
    }

    static let doubleBlocks = 19
    static let blocks = 57
    static let prefix = "model.diffusion_model."

    let block: Int
    let stream: Stream

    /// Every place there is, in the model's order.
    static let all: [FluxPlace] = (0..<blocks).flatMap { block in
        (block < doubleBlocks ? [Stream.img, .txt] : [.x]).map { FluxPlace(block: block, stream: $0) }
    }

    init(block: Int, stream: Stream) {
        self.block = block
        self.stream = stream
    }

    /// The place that a name says, which is a tensor's (`double_blocks.5.img_mlp.0.weight`) or a layer's (`layer05.img`).
    init?(name: String) {
        if let place = Self.byLayerName[name] {
            self = place
            return
        }
        let bare = Self.bareName(name)
        let parts = bare.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, let number = Int(parts[1]), String(number) == parts[1] else { return nil }
        switch parts[0] {
        case "double_blocks" where number >= 0 && number < Self.doubleBlocks:
            if parts[2].hasPrefix("img_") {
                self.init(block: number, stream: .img)
            } else if parts[2].hasPrefix("txt_") {
                self.init(block: number, stream: .txt)
            } else {
                return nil
            }
        case "single_blocks" where number >= 0 && number < Self.blocks - Self.doubleBlocks:
            self.init(block: number + Self.doubleBlocks, stream: .x)
        default: return nil
        }
    }

    /// A tensor's name without the prefix that files of a whole pipeline have.
    static func bareName(_ name: String) -> Substring {
        name.hasPrefix(prefix) ? name.dropFirst(prefix.count) : name[...]
    }

    /// Refuses a model that lacks a block of FLUX.1, or whose blocks are others.
    ///
    /// - Throws: `RecipeError.lacksBlock(_:converter:expected:)`, or
    ///   `RecipeError.wrongModel(tensor:converter:expected:)` for a model that has a block more or none.
    static func check(_ tensors: [TensorInfo], for converter: any Converter) throws(RecipeError) {
        let expected = "FLUX.1's 19 double and 38 single blocks"
        let found = Set(tensors.compactMap { FluxPlace(name: $0.name) })
        let stray = tensors.first { tensor in
            let name = bareName(tensor.name)
            return FluxPlace(name: tensor.name) == nil
                && (name.hasPrefix("double_blocks.") || name.hasPrefix("single_blocks."))
        }
        guard stray == nil, !found.isEmpty else {
            throw .wrongModel(
                tensor: (stray ?? tensors.first)?.name ?? "",
                converter: converter.name,
                expected: expected
            )
        }
        if let missing = all.first(where: { !found.contains($0) }) {
            let hasOtherStream = found.contains { $0.block == missing.block }
            throw .lacksBlock(
                missing.moduleName + (hasOtherStream ? ".\(missing.stream.rawValue)_attn" : ""),
                converter: converter.name,
                expected: expected
            )
        }
    }

    /// The block's name in the model's file, as in `single_blocks.5`.
    private var moduleName: String {
        block < Self.doubleBlocks ? "double_blocks.\(block)" : "single_blocks.\(block - Self.doubleBlocks)"
    }

    /// The block's name, as in `layer05`.
    var blockName: String { "layer" + (block < 10 ? "0" : "") + String(block) }

    /// The layer's name, as in `layer05.img`.
    var layerName: String { "\(blockName).\(stream.rawValue)" }

    private static let byLayerName = Dictionary(
        uniqueKeysWithValues: all.map { ($0.layerName, $0) }
    )
}
