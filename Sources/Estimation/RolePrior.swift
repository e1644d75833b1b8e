public import Tensors

/// What the same relative error costs the end of a model in a tensor of each role, as networks had it on which it was measured.
///
/// Of every linear tensor of a sentence encoder (all-MiniLM-L6-v2) and of a small language model (SmolLM2-135M) the loss at the end
/// of casting it alone was measured: 1 − cos on the one, a KL divergence on the other. Its quotient by the squared relative error,
/// averaged geometrically over the layers of a role and divided by that of `TensorRole.feedForwardUp`, was
///
/// | role | all-MiniLM-L6-v2 | SmolLM2-135M |
/// |---|---|---|
/// | query | 0.05 | 0.18 |
/// | key | 0.06 | 0.18 |
/// | value | 0.51 | 1.28 |
/// | output of attention | 0.15 | 0.23 |
/// | gate | – | 0.67 |
/// | up | 1 | 1 |
/// | down | 0.43 | 0.74 |
///
/// Two networks are thin evidence, so nothing takes it unasked.
public struct RolePrior: Hashable, Sendable {
    /// The weight of a squared relative error by role.
    public let weights: [TensorRole: Double]
    /// Where the weights come from, in words.
    public let source: String

    /// The geometric means over the two networks.
    public static let twoNetworks = RolePrior(
        weights: [
            .attentionQuery: (0.05 * 0.18).squareRoot(),
            .attentionKey: (0.06 * 0.18).squareRoot(),
            .attentionValue: (0.51 * 1.28).squareRoot(),
            .attentionOutput: (0.15 * 0.23).squareRoot(),
            .feedForwardGate: 0.67,
            .feedForwardUp: 1,
            .feedForwardDown: (0.43 * 0.74).squareRoot(),
        ],
        source: "all-MiniLM-L6-v2 and SmolLM2-135M"
    )

    /// Creates a prior.
    ///
    /// - Parameters:
    ///   - weights: The weight of a squared relative error by role, above 0.
    ///   - source: Where the weights come from, in words.
    public init(weights: [TensorRole: Double], source: String) {
        self.weights = weights
        self.source = source
    }

    /// The weight of a role; nil for one that was not measured.
    ///
    /// Tensors that do several things at once have the sum of what these cost, as the same relative error in each costs that. An
    /// expert has the weight of what it does in a block without experts.
    ///
    /// - Parameter role: The role.
    /// - Returns: The weight, or nil.
    public func weight(of role: TensorRole) -> Double? {
        if let weight = weights[role] { return weight }
        let parts: [TensorRole] =
            switch role {
            case .attentionQueryKeyValue: [.attentionQuery, .attentionKey, .attentionValue]
            case .feedForwardGateUp, .expertGateUp: [.feedForwardGate, .feedForwardUp]
            case .expertGate, .sharedExpertGate: [.feedForwardGate]
            case .expertUp, .sharedExpertUp: [.feedForwardUp]
            case .expertDown, .sharedExpertDown: [.feedForwardDown]
            default: []
            }
        let known = parts.compactMap { weights[$0] }
        return known.isEmpty || known.count < parts.count ? nil : known.reduce(0, +)
    }

    /// The weight of a tensor: that of its role, or the mean over the roles that were measured where it has no such role.
    ///
    /// - Parameter name: The tensor's name.
    /// - Returns: The weight.
    public func weight(ofTensor name: String) -> Double {
        TensorRole(tensorName: name).flatMap { weight(of: $0) } ?? mean
    }

    /// The weight of what was not measured: the mean of those that were.
    private var mean: Double {
        weights.isEmpty ? 1 : weights.values.sorted().reduce(0, +) / Double(weights.count)
    }
}
