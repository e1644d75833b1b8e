public import Tensors

extension Model {
    /// The bytes that ``multipliedOut`` adds to the weights of the files: none in a model that is as its files have it.
    public var multipliedOutByteCount: Int {
        locations.reduce(0) { $0 + $1.byteCount - $1.fileByteCount }
    }

    /// The bytes that the model's files have for a tensor, scales among them, by the tensors' names, where that is not what the
    /// tensor's type takes.
    ///
    /// It is so for weights that are multiplied out. An inventory has no files, and no such tensor.
    public var unusualFileByteCounts: [String: Int] {
        guard locations.count == tensors.count else { return [:] }
        var counts: [String: Int] = [:]
        for (tensor, location) in zip(tensors, locations)
        where tensor.elementType?.byteCount(of: tensor) != location.fileByteCount {
            counts[tensor.name] = location.fileByteCount
        }
        return counts
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
