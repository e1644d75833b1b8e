public import Tensors

extension Model {
    /// The format that layers stay in at no cost: the type of most weights.
    ///
    /// A model that does not say its types is taken to be in BF16.
    public var sourceFormat: QuantizationFormat {
        var elements: [QuantizationFormat: Int] = [:]
        for tensor in tensors where tensor.dimensionCount > 1 {
            guard let type = tensor.elementType, type.isWeightFormat else { continue }
            elements[type, default: 0] += tensor.elementCount
        }
        let most = elements.max { ($0.value, $1.key.name) < ($1.value, $0.key.name) }?.key
        return most ?? .bf16
    }

    /// The header of a GGUF file made from the model: its own metadata, or those that ComfyUI-GGUF's converter writes.
    ///
    /// - Throws: ``CheckpointError`` for metadata that cannot be written.
    public var header: GGUFHeader {
        get throws {
            metadata.isEmpty ? .flux() : try GGUFHeader(metadata: metadata)
        }
    }
}
