public import Tensors

extension Model {
    /// The format that layers stay in at no cost: the type of most weights.
    ///
    /// A model that does not say its types is taken to be in BF16.
    public var sourceFormat: QuantizationFormat { mostFormat { $0.elementType } ?? .bf16 }

    /// The format that most weights have in the model's files: of scaled 8-bit floats, which are read as BF16, their own.
    public var fileFormat: QuantizationFormat {
        fileFormat { _, _ in true } ?? .bf16
    }

    /// The format that most of some weights have in the model's files.
    ///
    /// - Parameter isCounted: Whether a tensor counts that has a format there.
    /// - Returns: The format, or nil where no weight counts.
    public func fileFormat(where isCounted: (TensorInfo, QuantizationFormat) -> Bool) -> QuantizationFormat? {
        let formats = fileFormats
        return mostFormat { tensor in
            formats[tensor.name].flatMap { isCounted(tensor, $0) ? $0 : nil }
        }
    }

    /// The format of most weights; nil where none is known.
    private func mostFormat(_ format: (TensorInfo) -> QuantizationFormat?) -> QuantizationFormat? {
        // A model has a few types, which are found sooner one after the other than by their hashes.
        var totals: [(type: QuantizationFormat, elements: Int)] = []
        for tensor in tensors where tensor.dimensionCount > 1 {
            guard let type = format(tensor), type.isWeightFormat else { continue }
            if let place = totals.firstIndex(where: { $0.type == type }) {
                totals[place].elements += tensor.elementCount
            } else {
                totals.append((type, tensor.elementCount))
            }
        }
        return totals.max { ($0.elements, $1.type.name) < ($1.elements, $0.type.name) }?.type
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
