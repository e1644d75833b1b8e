extension LayeredModel {
    /// The same model with kept tensors that are cast with a layer, such as biases, in that layer.
    ///
    /// The layer is that of the weight beside the tensor, whose name differs in its last part only; where there is none, the
    /// tensor stays kept.
    ///
    /// - Parameter isCast: Whether a kept tensor is cast with its layer.
    /// - Returns: The model with those tensors in layers.
    public func joining(where isCast: (TensorInfo) -> Bool) -> LayeredModel {
        func stem(_ name: String) -> Substring { name[..<(name.lastIndex(of: ".") ?? name.endIndex)] }
        var places: [Substring: Int] = [:]
        for (index, layer) in layers.enumerated() {
            for tensor in layer.tensors { places[stem(tensor.name)] = index }
        }
        var joined = layers.map(\.tensors)
        var kept: [KeptTensor] = []
        for tensor in self.kept {
            if isCast(tensor.tensor), let place = places[stem(tensor.tensor.name)] {
                joined[place].append(tensor.tensor)
            } else {
                kept.append(tensor)
            }
        }
        return LayeredModel(
            layers: zip(layers, joined).map { ModelLayer(name: $0.name, tensors: $1) },
            kept: kept
        )
    }

    /// The same model with more tensors kept, and kept tensors in other formats.
    ///
    /// Converters differ in what they never quantize and in the format in which they leave it. A layer all of whose tensors are
    /// kept is none any more.
    ///
    /// - Parameters:
    ///   - isKept: Whether a planned tensor has to be kept.
    ///   - keptFormat: The format that a kept tensor ends in, or `nil` for what the grouping says, which for a tensor that was
    ///     planned is `sourceFormat`.
    ///   - sourceFormat: The format the model comes in.
    /// - Returns: The model with those tensors kept.
    /// - Throws: ``TensorError/formatDoesNotFit(tensor:format:rowLength:)``.
    public func keeping(
        where isKept: (TensorInfo) -> Bool,
        keptFormat: (TensorInfo) -> QuantizationFormat?,
        sourceFormat: QuantizationFormat
    ) throws(TensorError) -> LayeredModel {
        var planned: [ModelLayer] = []
        var added: [KeptTensor] = []
        func keep(_ tensor: TensorInfo, _ format: QuantizationFormat) throws(TensorError) -> KeptTensor {
            guard let bytes = format.byteCount(of: tensor) else {
                throw .formatDoesNotFit(tensor: tensor.name, format: format.name, rowLength: tensor.rowLength)
            }
            return KeptTensor(tensor: tensor, format: format, bytes: bytes)
        }
        for layer in layers {
            let remaining = layer.tensors.filter { !isKept($0) }
            if !remaining.isEmpty {
                planned.append(ModelLayer(name: layer.name, tensors: remaining))
            }
            for tensor in layer.tensors where isKept(tensor) {
                added.append(try keep(tensor, keptFormat(tensor) ?? tensor.elementType ?? sourceFormat))
            }
        }
        var kept: [KeptTensor] = []
        for tensor in self.kept {
            kept.append(try keep(tensor.tensor, keptFormat(tensor.tensor) ?? tensor.format))
        }
        return LayeredModel(layers: planned, kept: kept + added)
    }

    /// The same model with integers and whatever else is no weight kept as it is, whatever its shape.
    ///
    /// - Parameter sourceFormat: The format the model comes in.
    /// - Returns: The model with those tensors kept.
    /// - Throws: ``TensorError/formatDoesNotFit(tensor:format:rowLength:)``.
    public func keepingIntegers(sourceFormat: QuantizationFormat) throws(TensorError) -> LayeredModel {
        func isWeight(_ tensor: TensorInfo) -> Bool { tensor.elementType?.isWeightFormat ?? true }
        return try keeping(
            where: { !isWeight($0) },
            keptFormat: { isWeight($0) ? nil : $0.elementType },
            sourceFormat: sourceFormat
        )
    }
}
