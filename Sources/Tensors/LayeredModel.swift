/// A model's tensors, each in one layer or kept as it is; made by ``LayerGrouping/grouped(_:)``.
public struct LayeredModel: Hashable, Sendable {
    /// The layers, in the order in which their first tensors stand in the model.
    public let layers: [ModelLayer]

    /// The tensors that every plan keeps in one format, in the model's order.
    public let kept: [KeptTensor]

    /// The names of layers that would be there if none of their tensors had to be kept, each once.
    public let keptLayers: [String]

    /// The names of kept matrices of a language model in GGUF that could be quantized, if a block divided their rows.
    ///
    /// ``LayerGrouping/grouped(_:)`` keeps them where they would keep the other tensors of their layers from every format.
    public var unfitTensors: [String] {
        kept.map(\.tensor).filter {
            $0.isOfGGUFBlock && $0.fitsNoBlock && $0.elementType?.isWeightFormat ?? true
                && !UntouchedTensors.llamaCpp.contains($0)
        }.map(\.name)
    }

    init(layers: [ModelLayer], kept: [KeptTensor], keptLayers: [String]) {
        self.layers = layers
        self.kept = kept
        guard !keptLayers.isEmpty else {
            self.keptLayers = []
            return
        }
        var seen = Set(layers.map(\.name))
        self.keptLayers = keptLayers.filter { seen.insert($0).inserted }
    }
}
