public import Tensors

/// What the same relative error costs the end of a model in a tensor of each role, as networks had it on which it was measured.
///
/// Squared gradients of a sentence encoder (all-MiniLM-L6-v2) and of two small language models (gemma-3-270m, SmolLM2-135M) gave the loss
/// at the end of casting each linear tensor alone: 1 − cos on the first, a KL divergence on the others. Its quotient by the squared
/// relative error, averaged over the layers of a role and divided by that of `TensorRole.feedForwardUp`, was
///
/// | role | all-MiniLM-L6-v2 | gemma-3-270m | SmolLM2-135M | ``builtIn`` |
/// |---|---|---|---|---|
/// | query | 0.07 | 0.15 | 0.17 | 0.11 |
/// | key | 0.08 | 0.11 | 0.15 | 0.094 |
/// | value | 0.99 | 0.99 | 1.71 | 0.99 |
/// | output of attention | 0.31 | 0.47 | 0.21 | 0.39 |
/// | gate | – | 0.60 | 0.52 | 0.60 |
/// | up | 1 | 1 | 1 | 1 |
/// | down | 0.41 | 1.15 | 1.04 | 0.78 |
/// | down, of the last block | 1.03 | 3.64 | 9.7 | 2.3 |
///
/// The last block's down projection writes what the output reads, and no block after it makes up for its errors. In language models it has a weight of
/// its own.
///
/// The averages are arithmetic, as a plan minimizes a sum of losses and its expectation is what counts. ``builtIn`` is the mean of the first
/// two networks: the third is the one that `Benchmarks/quality` plans, and a prior should not be judged by what it was taken from.
public struct RolePrior: Hashable, Sendable {
    /// The weight of a squared relative error by role.
    public let weights: [TensorRole: Double]
    /// The weight of the last block's down projection in a language model; nil for that of all others.
    public let lastDownWeight: Double?
    /// The weight of a tensor that has none of these roles.
    public let otherWeight: Double
    /// Where the weights come from, in words.
    public let source: String
    /// What tables made with them say of how they were made.
    let method: String

    /// The means over all-MiniLM-L6-v2 and gemma-3-270m.
    ///
    /// What was not measured counts as much as what counts most, so that the matrix of a language model's output, which counts times twice
    /// the blocks, is not made light of.
    public static let builtIn = RolePrior(
        weights: [
            .attentionQuery: 0.11,
            .attentionKey: 0.094,
            .attentionValue: 0.99,
            .attentionOutput: 0.39,
            .feedForwardGate: 0.6,
            .feedForwardUp: 1,
            .feedForwardDown: 0.78,
        ],
        lastDownWeight: 2.3,
        otherWeight: 1,
        source: "all-MiniLM-L6-v2 and gemma-3-270m"
    )

    /// What was taken before there was ``builtIn``, on demand alone: the geometric means over all-MiniLM-L6-v2 and SmolLM2-135M.
    static let first = RolePrior(
        weights: [
            .attentionQuery: (0.05 * 0.18).squareRoot(),
            .attentionKey: (0.06 * 0.18).squareRoot(),
            .attentionValue: (0.51 * 1.28).squareRoot(),
            .attentionOutput: (0.15 * 0.23).squareRoot(),
            .feedForwardGate: 0.67,
            .feedForwardUp: 1,
            .feedForwardDown: (0.43 * 0.74).squareRoot(),
        ],
        lastDownWeight: nil,
        otherWeight: nil,
        source: "all-MiniLM-L6-v2 and SmolLM2-135M",
        method: "weights, and what errors cost by role in all-MiniLM-L6-v2 and SmolLM2-135M"
    )

    /// The priors that tables may have been made with.
    static let known = [builtIn, first]

    /// Creates a prior.
    ///
    /// - Parameters:
    ///   - weights: The weight of a squared relative error by role, above 0.
    ///   - lastDownWeight: The weight of the last block's down projection in a language model; nil for that of all others.
    ///   - otherWeight: The weight of a tensor that has none of these roles; nil for the mean of them.
    ///   - source: Where the weights come from, in words.
    public init(
        weights: [TensorRole: Double],
        lastDownWeight: Double? = nil,
        otherWeight: Double? = nil,
        source: String
    ) {
        self.init(
            weights: weights,
            lastDownWeight: lastDownWeight,
            otherWeight: otherWeight,
            source: source,
            method: "weights only, uncalibrated; errors by role as in \(source)"
        )
    }

    private init(
        weights: [TensorRole: Double],
        lastDownWeight: Double?,
        otherWeight: Double?,
        source: String,
        method: String
    ) {
        self.weights = weights
        self.lastDownWeight = lastDownWeight
        let mean = weights.isEmpty ? 1 : weights.values.sorted().reduce(0, +) / Double(weights.count)
        self.otherWeight = otherWeight ?? mean
        self.source = source
        self.method = method
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

    /// The weight of a tensor: that of its role, or ``otherWeight``.
    ///
    /// - Parameters:
    ///   - name: The tensor's name.
    ///   - isLastDownProjection: Whether it is the down projection of a language model's last block.
    /// - Returns: The weight.
    public func weight(ofTensor name: String, isLastDownProjection: Bool = false) -> Double {
        if isLastDownProjection, let lastDownWeight { return lastDownWeight }
        return TensorRole(tensorName: name).flatMap(weight) ?? otherWeight
    }
}
