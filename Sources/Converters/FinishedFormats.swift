public import Checkpoints
public import Tensors

/// The formats in which a finished file holds a model's tensors.
///
/// Names count without the prefixes that some writers of image models add and others take away; the experts that MLX
/// stacks are found in their stack. Weights that MLX packs into words have the format that their scales give.
public struct FinishedFormats: Hashable, Sendable {
    /// A tensor that the file has otherwise than any format makes of it.
    public struct Misfit: Hashable, Sendable {
        /// The tensor's name in the model.
        public let tensor: String
        /// How the file has it.
        public let found: String
    }

    /// The formats, by the tensors' names in the model.
    public let formats: [String: QuantizationFormat]
    /// The model's tensors that the file does not have, in the model's order.
    public let missing: [String]
    /// The tensors that are of another shape, or packed in a way that no known format packs, in the model's order.
    public let misfits: [Misfit]
    /// The file's tensors that belong to none of the model's, in the file's order.
    public let extra: [String]

    /// Finds the formats of a model's tensors in a file.
    public init(of model: Model, in file: Model) {
        let found = Dictionary(file.tensors.map { (TensorNames.bare($0.name), $0) }) { first, _ in first }
        var formats: [String: QuantizationFormat] = [:]
        var missing: [String] = []
        var misfits: [Misfit] = []
        var modules: Set<Substring> = []
        for tensor in model.tensors {
            let bare = TensorNames.bare(tensor.name)
            let stacked = MLXQuantization.stacked(bare)
            modules.insert(Self.module(bare))
            modules.insert(Self.module(stacked))
            guard let own = found[bare] ?? found[stacked] else {
                missing.append(tensor.name)
                continue
            }
            let isStacked = found[bare] == nil
            let shape = isStacked ? Array(own.shape.dropFirst()) : own.shape
            if let packed = Self.packedFormat(of: tensor, named: isStacked ? stacked : bare, shape, found) {
                formats[tensor.name] = packed
            } else if let type = own.elementType, Self.squeezed(shape) == Self.squeezed(tensor.shape),
                type.isWeightFormat || type == tensor.elementType
            {
                let scale = WeightStorage.companionName(of: bare, ending: ".weight_scale")
                let isScaled = scale.map { found[$0] != nil } ?? false
                formats[tensor.name] = isScaled ? type.scaledFormat ?? type : type
            } else {
                let type = own.elementType?.name ?? "an unknown type"
                misfits.append(Misfit(tensor: tensor.name, found: "\(type) \(own.shape)"))
            }
        }
        self.formats = formats
        self.missing = missing
        self.misfits = misfits
        extra = file.tensors.map(\.name).filter { !modules.contains(Self.module(TensorNames.bare($0))) }
    }

    /// The format of MLX whose packing a tensor has, or nil where it is not packed so.
    private static func packedFormat(
        of tensor: TensorInfo,
        named name: String,
        _ shape: [Int],
        _ found: [String: TensorInfo]
    ) -> QuantizationFormat? {
        let mlx = MLXQuantization()
        guard let type = found[name]?.elementType?.name,
            let scales = WeightStorage.companionName(of: name, ending: ".scales").flatMap({ found[$0] })
        else { return nil }
        let scaleShape = Array(scales.shape.suffix(shape.count))
        return QuantizationFormat.mlx.first { format in
            let storage = mlx.storage(of: format)
            let types = storage.companions.first { $0.ending == ".scales" }?.types ?? []
            return storage.type == type && types.contains(scales.elementType?.name ?? "")
                && storage.fits(weight: shape, scales: scaleShape, original: tensor.shape)
        }
    }

    /// A name without its last part, so that a weight and what stands beside it have one.
    private static func module(_ name: String) -> Substring {
        name[..<(name.lastIndex(of: ".") ?? name.endIndex)]
    }

    /// A shape without outer dimensions of one element, which GGUF does not count.
    private static func squeezed(_ shape: [Int]) -> ArraySlice<Int> { shape.drop { $0 == 1 } }
}
