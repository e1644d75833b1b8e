public import Tensors

extension Model {
    /// The weights that the model's files have in 8-bit floats with one scale or none, by the tensors' names, with the format of the
    /// floats.
    ///
    /// A file that has such floats with one scale can hold them as they stand, which loses nothing; without a scale in the model it is 1.
    public var storedFloats: [String: QuantizationFormat] {
        let scalings = locations.count == tensors.count ? locations.map(\.scaling) : []
        var formats: [String: QuantizationFormat] = [:]
        for (index, tensor) in tensors.enumerated() {
            let scaling = scalings.isEmpty ? nil : scalings[index]
            if let scaling {
                if scaling.count == 1 { formats[tensor.name] = scaling.format }
            } else if let type = tensor.elementType, type.scaledFormat != nil {
                formats[tensor.name] = type
            }
        }
        return formats
    }
}
