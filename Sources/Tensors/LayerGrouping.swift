/// How a model's tensors become layers: which are decided together, and which are kept as they are.
///
/// A grouping is data. For each tensor the keep rules are asked in order, then the layer rules in order, and the
/// first that matches its name and its number of dimensions decides. Several rules may name one layer.
public struct LayerGrouping: Hashable, Sendable {
    /// Makes layers of the tensors whose names match a pattern.
    public struct Rule: Hashable, Sendable {
        /// The names of the tensors.
        public let pattern: Glob

        /// The name of the layer.
        ///
        /// Where the template wants a number and the capture is none, the rule does not match.
        public let layer: LayerTemplate

        /// How many dimensions the tensors have.
        public let dimensions: ClosedRange<Int>

        /// Makes a rule, with a pattern and a template as ``Glob`` and ``LayerTemplate`` write them.
        ///
        /// - Throws: The errors of ``Glob/init(_:)`` and ``LayerTemplate/init(_:)``, and
        ///   ``TensorError/missingCapture(template:capture:pattern:)``.
        public init(
            _ pattern: String,
            layer: String,
            dimensions: ClosedRange<Int> = 1...Int.max
        ) throws(TensorError) {
            self.pattern = try Glob(pattern)
            self.layer = try LayerTemplate(layer)
            self.dimensions = dimensions
            let capture = self.layer.highestCapture
            guard capture <= self.pattern.captureCount else {
                throw .missingCapture(template: layer, capture: capture, pattern: pattern)
            }
        }
    }

    /// Keeps the tensors whose names match a pattern in one format, whatever the plan.
    public struct Keep: Hashable, Sendable {
        /// The names of the tensors.
        public let pattern: Glob

        /// The format the tensors have in the finished file.
        public let format: QuantizationFormat

        /// How many dimensions the tensors have.
        public let dimensions: ClosedRange<Int>

        /// Makes a keep rule, with a pattern as ``Glob`` writes it.
        ///
        /// - Throws: The errors of ``Glob/init(_:)``.
        public init(
            _ pattern: String,
            in format: QuantizationFormat,
            dimensions: ClosedRange<Int> = 1...Int.max
        ) throws(TensorError) {
            self.pattern = try Glob(pattern)
            self.format = format
            self.dimensions = dimensions
        }
    }

    /// The grouping's name, for messages.
    public let name: String

    /// Beginnings of tensor names that the rules do not see; the first that a name begins with is left out.
    public let ignoredPrefixes: [String]

    /// What is kept as it is, asked first.
    public let keeps: [Keep]

    /// What becomes a layer.
    public let rules: [Rule]

    /// Makes a grouping of its rules.
    public init(name: String, ignoredPrefixes: [String] = [], keeps: [Keep], rules: [Rule]) {
        self.name = name
        self.ignoredPrefixes = ignoredPrefixes
        self.keeps = keeps
        self.rules = rules
    }

    /// Puts every tensor into one layer or among the kept ones, in the order in which they first appear.
    ///
    /// - Throws: ``TensorError/duplicateTensor(_:)``, ``TensorError/modelTooLarge``,
    ///   ``TensorError/formatDoesNotFit(tensor:format:rowLength:)`` for a tensor that cannot be kept as its rule
    ///   says, and ``TensorError/uncoveredTensors(_:grouping:)`` with every tensor that no rule matches.
    public func grouped(_ tensors: [TensorInfo]) throws(TensorError) -> LayeredModel {
        var layers: [(name: String, tensors: [TensorInfo])] = []
        var indices: [String: Int] = [:]
        var kept: [KeptTensor] = []
        var uncovered: [String] = []
        var seen: Set<String> = []
        var elementCount = 0
        for tensor in tensors {
            guard seen.insert(tensor.name).inserted else { throw .duplicateTensor(tensor.name) }
            // Both are at most 2^56, so the sum cannot overflow.
            elementCount += tensor.elementCount
            guard elementCount <= TensorInfo.maximumElementCount else { throw .modelTooLarge }

            let name = withoutPrefix(tensor.name)
            if let keep = keep(for: tensor, named: name) {
                guard let bytes = keep.format.byteCount(of: tensor) else {
                    throw .formatDoesNotFit(
                        tensor: tensor.name,
                        format: keep.format.name,
                        rowLength: tensor.rowLength
                    )
                }
                kept.append(KeptTensor(tensor: tensor, format: keep.format, bytes: bytes))
            } else if let layer = layer(for: tensor, named: name) {
                if let index = indices[layer] {
                    layers[index].tensors.append(tensor)
                } else {
                    indices[layer] = layers.count
                    layers.append((layer, [tensor]))
                }
            } else {
                uncovered.append(tensor.name)
            }
        }
        guard uncovered.isEmpty else { throw .uncoveredTensors(uncovered, grouping: name) }
        return LayeredModel(layers: layers.map { ModelLayer(name: $0.name, tensors: $0.tensors) }, kept: kept)
    }

    func withoutPrefix(_ name: String) -> String {
        guard let prefix = ignoredPrefixes.first(where: name.hasPrefix) else { return name }
        return String(name.dropFirst(prefix.count))
    }

    private func keep(for tensor: TensorInfo, named name: String) -> Keep? {
        keeps.first { $0.dimensions.contains(tensor.dimensionCount) && $0.pattern.matches(name) }
    }

    private func layer(for tensor: TensorInfo, named name: String) -> String? {
        for rule in rules where rule.dimensions.contains(tensor.dimensionCount) {
            if let captures = rule.pattern.match(name),
                let layer = rule.layer.name(for: name, captures: captures)
            {
                return layer
            }
        }
        return nil
    }
}
