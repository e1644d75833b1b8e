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
            kept: kept,
            keptLayers: keptLayers
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
        var keptLayers = self.keptLayers
        planned.reserveCapacity(layers.count)
        for layer in layers {
            // Nearly all layers stay as they are.
            guard layer.tensors.contains(where: isKept) else {
                planned.append(layer)
                continue
            }
            let remaining = layer.tensors.filter { !isKept($0) }
            if remaining.isEmpty {
                keptLayers.append(layer.name)
            } else {
                planned.append(ModelLayer(name: layer.name, tensors: remaining))
            }
            for tensor in layer.tensors where isKept(tensor) {
                let format = keptFormat(tensor) ?? tensor.elementType ?? sourceFormat
                added.append(try KeptTensor(tensor, in: format))
            }
        }
        var kept: [KeptTensor] = []
        kept.reserveCapacity(self.kept.count + added.count)
        for tensor in self.kept {
            kept.append(try KeptTensor(tensor.tensor, in: keptFormat(tensor.tensor) ?? tensor.format))
        }
        return LayeredModel(layers: planned, kept: kept + added, keptLayers: keptLayers)
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

    /// The layers of a part of a model with all that is beside it kept as it is.
    ///
    /// - Parameters:
    ///   - tensors: The tensors of the whole model.
    ///   - sourceFormat: The format the model comes in.
    /// - Returns: The model with those tensors kept.
    /// - Throws: ``TensorError/formatDoesNotFit(tensor:format:rowLength:)``.
    public func keepingBeside(
        _ tensors: [TensorInfo],
        sourceFormat: QuantizationFormat
    ) throws(TensorError) -> LayeredModel {
        let own = Set(layers.flatMap(\.tensors).map(\.name)).union(kept.map(\.tensor.name))
        var added: [KeptTensor] = []
        for tensor in tensors where !own.contains(tensor.name) {
            added.append(try KeptTensor(tensor, in: tensor.elementType ?? sourceFormat))
        }
        return LayeredModel(layers: layers, kept: kept + added, keptLayers: keptLayers)
    }

    /// The same model with what patterns name kept.
    ///
    /// A pattern names a layer, or a tensor by itself, and keeps it in a format or, without one, in the type that it has in the
    /// source; of several patterns for a tensor the first counts.
    ///
    /// - Parameters:
    ///   - patterns: The patterns with their formats.
    ///   - layers: The names of layers that stay planned all the same.
    ///   - sourceFormat: The format the model comes in.
    /// - Returns: The model with those tensors kept; the index of the pattern that keeps a tensor, by the tensor's name; and the
    ///   patterns that keep nothing, as indices, with the cause.
    /// - Throws: ``TensorError/formatDoesNotFit(tensor:format:rowLength:)``.
    public func keeping(
        _ patterns: [(glob: Glob, format: QuantizationFormat?)],
        except layers: Set<String> = [],
        sourceFormat: QuantizationFormat
    ) throws(TensorError) -> (
        model: LayeredModel, keptBy: [String: Int], unused: [(index: Int, cause: UnusedPattern)]
    ) {
        guard !patterns.isEmpty else { return (self, [:], []) }
        var formats: [String: (format: QuantizationFormat, pattern: Int)] = [:]
        var used: Set<Int> = []
        var overruled: [Int: UnusedPattern] = [:]
        func note(_ tensor: TensorInfo, layer: String?, own: QuantizationFormat, isPlanned: Bool) {
            for (index, pattern) in patterns.enumerated()
            where pattern.glob.matches(tensor.name) || layer.map(pattern.glob.matches) ?? false {
                let format = pattern.format ?? own
                if isPlanned {
                    overruled[index] = .plannedAllTheSame
                } else if let first = formats[tensor.name], first.format != format {
                    overruled[index] = .keptOtherwise(byPattern: first.pattern)
                } else {
                    used.insert(index)
                    formats[tensor.name] = formats[tensor.name] ?? (format, index)
                }
            }
        }
        for layer in self.layers {
            let isPlanned = layers.contains(layer.name)
            for tensor in layer.tensors {
                let own = tensor.elementType ?? sourceFormat
                note(tensor, layer: layer.name, own: own, isPlanned: isPlanned)
            }
        }
        for tensor in kept { note(tensor.tensor, layer: nil, own: tensor.format, isPlanned: false) }
        let model = try keeping(
            where: { formats[$0.name] != nil },
            keptFormat: { formats[$0.name]?.format },
            sourceFormat: sourceFormat
        )
        let unused = patterns.indices.filter { !used.contains($0) }
        return (
            model,
            formats.mapValues(\.pattern),
            unused.map { ($0, overruled[$0] ?? .matchesNothing) }
        )
    }

    /// Why a pattern of what is kept keeps nothing.
    public enum UnusedPattern: Hashable, Sendable {
        /// There is no layer and no tensor of such a name.
        case matchesNothing
        /// All that it names stays planned all the same.
        case plannedAllTheSame
        /// What it names is kept in another format by an earlier pattern, whose index this is.
        case keptOtherwise(byPattern: Int)
    }
}
