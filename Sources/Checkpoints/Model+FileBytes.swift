public import Tensors

extension Model {
    /// The bytes that ``multipliedOut`` adds to the weights of the files: none in a model that is as its files have it.
    public var multipliedOutByteCount: Int {
        locations.reduce(0) { $0 + $1.byteCount - $1.fileByteCount }
    }

    /// The bytes that the model's files have for each tensor, scales among them, by the tensors' names.
    ///
    /// An inventory has no files; there it is what the tensors' types take, where they are said.
    public var fileByteCounts: [String: Int] {
        guard locations.count == tensors.count else {
            return Dictionary(
                uniqueKeysWithValues: tensors.compactMap { tensor in
                    tensor.elementType?.byteCount(of: tensor).map { (tensor.name, $0) }
                }
            )
        }
        return Dictionary(uniqueKeysWithValues: zip(tensors, locations).map { ($0.name, $1.fileByteCount) })
    }

    /// The formats that the model's files have tensors in, by the tensors' names: of weights that are multiplied out, those of
    /// the 8-bit floats.
    public var fileFormats: [String: QuantizationFormat] {
        let scalings = locations.count == tensors.count ? locations.map(\.scaling) : []
        var formats: [String: QuantizationFormat] = [:]
        for (index, tensor) in tensors.enumerated() {
            let scaled = scalings.isEmpty ? nil : scalings[index]?.format
            if let format = scaled ?? tensor.elementType { formats[tensor.name] = format }
        }
        return formats
    }
}
