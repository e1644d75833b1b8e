public import Checkpoints
public import Tensors

/// A language model as `llama-quantize` makes its mixes of it.
public struct LlamaMixedModel: Sendable {
    /// The tensors, in the model's order.
    public let tensors: [TensorInfo]
    /// What the program knows of the network.
    public let network: LlamaNetwork

    private let places: [LlamaTensorPlace]
    /// The tensors that the program may quantize, as indices, in the order in which it comes to them.
    private let order: [Int]

    /// A model that `llama-quantize` knows, or nil for any other.
    public init?(_ model: Model) {
        guard let network = LlamaNetwork(model) else { return nil }
        self.init(model.tensors, in: network)
    }

    /// A model of some tensors, in any order, in a network.
    public init(_ tensors: [TensorInfo], in network: LlamaNetwork) {
        self.tensors = tensors
        self.network = network
        let places = tensors.map { LlamaTensorPlace($0.name) }
        self.places = places
        order = tensors.indices.filter { !UntouchedTensors.llamaCpp.contains(tensors[$0]) }
            .sorted { places[$0].isBefore(places[$1]) }
    }

    /// The formats that a mix gives the tensors.
    ///
    /// - Parameters:
    ///   - mix: The mix.
    ///   - hasImportanceMatrix: Whether the program is given an importance matrix, which changes a few rules.
    /// - Returns: A format per tensor, or nil where a tensor stays as it is; nil for all where the program gives up, which
    ///   it does for a tensor of a network with experts whose block it cannot tell from its name, and for rows that a block
    ///   longer than 32 does not divide where it has no shorter one to take instead.
    public func formats(of mix: LlamaMix, hasImportanceMatrix: Bool) -> [QuantizationFormat?]? {
        var rules = LlamaMixRules(
            mix: mix,
            network: network,
            hasImportanceMatrix: hasImportanceMatrix,
            isTied: !places.contains { $0.role == .output },
            valueCount: places.count { $0.role.isValue }
        )
        var formats = [QuantizationFormat?](repeating: nil, count: tensors.count)
        for index in order {
            guard let wanted = rules.format(of: tensors[index], at: places[index]),
                let format = LlamaTensors.format(wanted, fitting: tensors[index])
            else { return nil }
            formats[index] = format
        }
        return formats
    }

    /// Whether the program refuses to make a mix without an importance matrix.
    ///
    /// - Parameters:
    ///   - mix: The mix.
    ///   - formats: What ``formats(of:hasImportanceMatrix:)`` gives the tensors.
    /// - Returns: Whether a tensor other than the words' own takes a format that needs one.
    public func needsImportanceMatrix(_ mix: LlamaMix, _ formats: [QuantizationFormat?]) -> Bool {
        zip(places, formats).contains { place, format in
            guard let format, place.role != .output, place.role != .tokenEmbedding else { return false }
            return format.needsImportanceMatrix || mix == .q2_K_S && format == .q2_K
        }
    }
}
