/// A model's tensors, each in one layer or kept as it is; made by ``LayerGrouping/grouped(_:)``.
public struct LayeredModel: Hashable, Sendable {
    /// The layers, in the order in which their first tensors stand in the model.
    public let layers: [ModelLayer]

    /// The tensors that every plan keeps in one format, in the model's order.
    public let kept: [KeptTensor]

    init(layers: [ModelLayer], kept: [KeptTensor]) {
        self.layers = layers
        self.kept = kept
    }
}
