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

        /// The format the tensors have in the finished file, or nil for the one that they have in the source.
        public let format: QuantizationFormat?

        /// How many dimensions the tensors have.
        public let dimensions: ClosedRange<Int>

        /// Makes a keep rule, with a pattern as ``Glob`` writes it; without a format it keeps tensors in their own.
        ///
        /// - Throws: The errors of ``Glob/init(_:)``.
        public init(
            _ pattern: String,
            in format: QuantizationFormat?,
            dimensions: ClosedRange<Int> = 1...Int.max
        ) throws(TensorError) {
            self.pattern = try Glob(pattern)
            self.format = format
            self.dimensions = dimensions
        }
    }

    /// The grouping's name, for messages.
    public let name: String

    /// What its layers are, in a few words; empty where nobody said it.
    public let purpose: String

    /// Beginnings of tensor names that the rules do not see; the first that a name begins with is left out.
    public let ignoredPrefixes: [String]

    /// What is kept as it is, asked first.
    public let keeps: [Keep]

    /// What becomes a layer.
    public let rules: [Rule]

    /// What the programs for language models in GGUF leave as it is; asked before all else for a model whose tensors are named as
    /// theirs, with `blk` between dots, and kept in its own type.
    public let untouchedInGGUF: UntouchedTensors?

    /// Makes a grouping of its rules.
    public init(
        name: String,
        purpose: String = "",
        ignoredPrefixes: [String] = [],
        keeps: [Keep],
        rules: [Rule],
        untouchedInGGUF: UntouchedTensors? = nil
    ) {
        self.name = name
        self.purpose = purpose
        self.ignoredPrefixes = ignoredPrefixes
        self.keeps = keeps
        self.rules = rules
        self.untouchedInGGUF = untouchedInGGUF
    }

    /// Puts every tensor into one layer or among the kept ones, in the order in which they first appear.
    ///
    /// In a model whose tensors are named as llama.cpp names them, a tensor whose rows no block divides is kept where its layer
    /// has others: see ``LayeredModel/unfitTensors``.
    ///
    /// - Throws: ``TensorError/duplicateTensor(_:)``, ``TensorError/modelTooLarge``,
    ///   ``TensorError/formatDoesNotFit(tensor:format:rowLength:)`` for a tensor that cannot be kept as its rule
    ///   says, and ``TensorError/uncoveredTensors(_:grouping:)`` with every tensor that no rule matches.
    public func grouped(_ tensors: [TensorInfo]) throws(TensorError) -> LayeredModel {
        try Self.check(tensors)
        return try groupedUnchecked(tensors)
    }

    /// Refuses tensors of one name, and more elements than a model may have.
    static func check(_ tensors: [TensorInfo]) throws(TensorError) {
        var seen: Set<String> = []
        seen.reserveCapacity(tensors.count)
        var elementCount = 0
        for tensor in tensors {
            guard seen.insert(tensor.name).inserted else { throw .duplicateTensor(tensor.name) }
            // Both are at most 2^56, so the sum cannot overflow.
            elementCount += tensor.elementCount
            guard elementCount <= TensorInfo.maximumElementCount else { throw .modelTooLarge }
        }
    }

    /// ``grouped(_:)`` of tensors that were checked already, as several groupings are tried on the same ones.
    ///
    /// - Parameters:
    ///   - tensors: The tensors.
    ///   - listsUncovered: Whether the error has all tensors that no rule matches, rather than the first.
    /// - Returns: The layers and what is kept.
    /// - Throws: As ``grouped(_:)``, but for what was checked.
    func groupedUnchecked(
        _ tensors: [TensorInfo],
        listsUncovered: Bool = true
    ) throws(TensorError) -> LayeredModel {
        var layers: [(name: String, tensors: [TensorInfo])] = []
        var indices: [String: Int] = [:]
        indices.reserveCapacity(tensors.count)
        var kept: [KeptTensor] = []
        var keptLayers: [String] = []
        let untouched = tensors.contains { $0.isOfGGUFBlock } ? untouchedInGGUF : nil
        var uncovered: [String] = []
        for tensor in tensors {
            let name = withoutPrefix(tensor.name)
            if let format = keptFormat(of: tensor, named: name, untouched: untouched) {
                kept.append(try KeptTensor(tensor, in: format))
                if let layer = layer(for: tensor, named: name) { keptLayers.append(layer) }
            } else if let layer = layer(for: tensor, named: name) {
                if let index = indices[layer] {
                    layers[index].tensors.append(tensor)
                } else {
                    indices[layer] = layers.count
                    layers.append((layer, [tensor]))
                }
            } else {
                uncovered.append(tensor.name)
                guard listsUncovered else { break }
            }
        }
        guard uncovered.isEmpty else { throw .uncoveredTensors(uncovered, grouping: name) }
        if untouched != nil {
            // One matrix of short rows would keep the whole block from every format.
            var hasUnfit = false
            for index in layers.indices where layers[index].tensors.contains(where: \.fitsNoBlock) {
                let unfit = layers[index].tensors.filter(\.fitsNoBlock)
                guard unfit.count < layers[index].tensors.count else { continue }
                for tensor in unfit { kept.append(try KeptTensor(tensor, in: tensor.elementType ?? .f32)) }
                layers[index].tensors.removeAll(where: \.fitsNoBlock)
                hasUnfit = true
            }
            if hasUnfit {
                let places = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0) })
                kept.sort { places[$0.tensor.name, default: 0] < places[$1.tensor.name, default: 0] }
            }
        }
        return LayeredModel(
            layers: layers.map { ModelLayer(name: $0.name, tensors: $0.tensors) },
            kept: kept,
            keptLayers: keptLayers
        )
    }

    func withoutPrefix(_ name: String) -> String {
        guard !ignoredPrefixes.isEmpty, let prefix = ignoredPrefixes.first(where: name.hasPrefix) else {
            return name
        }
        return String(name.dropFirst(prefix.count))
    }

    /// The format in which a tensor is kept, or nil for one that is not.
    ///
    /// Where the source does not say what it has, programs that keep a tensor have it in F32.
    private func keptFormat(
        of tensor: TensorInfo,
        named name: String,
        untouched: UntouchedTensors?
    ) -> QuantizationFormat? {
        if let untouched, untouched.contains(tensor) { return tensor.elementType ?? .f32 }
        for index in keeps.indices
        where keeps[index].dimensions.contains(tensor.dimensionCount) && keeps[index].pattern.matches(name) {
            return keeps[index].format ?? tensor.elementType ?? .f32
        }
        return nil
    }

    private func layer(for tensor: TensorInfo, named name: String) -> String? {
        for index in rules.indices where rules[index].dimensions.contains(tensor.dimensionCount) {
            if let captures = rules[index].pattern.match(name),
                let layer = rules[index].layer.name(for: name, captures: captures)
            {
                return layer
            }
        }
        return nil
    }
}
