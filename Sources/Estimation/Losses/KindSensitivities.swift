import Foundation

/// What the measured layers say of those that were not.
///
/// The logarithm of a layer's sensitivity is taken for the sum of what all layers have, of what its kind has beside that, and of what it has
/// itself, the latter two drawn from normal distributions (a random-effects model; Searle, Casella and McCulloch, Variance components,
/// 1992, sections 3.2 and 7.2). So the mean of a kind is drawn towards that of all, the more the fewer of its layers were measured.
/// Where sensitivities are of errors that a prior weighs by role, all kinds alike is what the prior expects, and it is the prior that a kind is
/// drawn towards.
///
/// The variances are learnt, with those that networks had it before counting as so many layers, or kinds, of their own.
struct KindSensitivities {
    /// What is to be expected of a layer of a kind that was not measured.
    struct Expectation {
        /// The sensitivity, with all that it may be off by.
        let sensitivity: LayerSensitivity
        /// The variance that all layers of the kind share.
        let ofKind: Double
        /// The share that the mean over all kinds has in it, by whose error all kinds are off together.
        let ofAll: Double
    }

    /// The kinds of which no layer was measured, in the order of the layers.
    let unknown: [String]
    /// The variance of the mean over all kinds.
    let varianceOfAll: Double

    private var known: [String: Expectation] = [:]
    private let fallback: Expectation

    /// As how many layers the usual scatter of layers counts.
    private static let usualLayers = 20.0
    /// As how many kinds the usual scatter of kinds counts.
    private static let usualKinds = 4.0

    /// Learns from layers; nil where nothing is known of any.
    ///
    /// - Parameters:
    ///   - sensitivities: What is known of each layer; nil where nothing is.
    ///   - kinds: The kind of each.
    ///   - kindScatter: The usual standard deviation of kinds.
    init?(_ sensitivities: [LayerSensitivity?], kinds: [String], kindScatter: Double) {
        var groups: [String: [LayerSensitivity]] = [:]
        var order: [String] = []
        for (kind, sensitivity) in zip(kinds, sensitivities) {
            if groups[kind] == nil { order.append(kind) }
            groups[kind, default: []] += sensitivity.map { [$0] } ?? []
        }
        unknown = order.filter { groups[$0]?.isEmpty ?? true }
        let measured = order.compactMap { kind in groups[kind].flatMap { $0.isEmpty ? nil : (kind, $0) } }
        guard !measured.isEmpty else { return nil }

        let spreads = measured.map { Self.spread($0.1) }
        let usual = LossCompletion.usualLayerScatter * LossCompletion.usualLayerScatter
        let ofLayers = Self.variance(
            squares: spreads.reduce(0) { $0 + $1.squares },
            freedom: spreads.reduce(0) { $0 + $1.freedom },
            usual: usual,
            counting: Self.usualLayers
        )
        var kindLayers: [Double] = []
        var means: [LayerSensitivity] = []
        for ((_, group), own) in zip(measured, spreads) {
            let spread = Self.variance(
                squares: own.squares,
                freedom: own.freedom,
                usual: ofLayers,
                counting: Self.usualLayers
            )
            guard let mean = LayerSensitivity.mean(of: group, scatter: spread) else { return nil }
            kindLayers.append(spread)
            means.append(mean)
        }
        let between = Self.spread(means)
        let ofKinds = Self.variance(
            squares: between.squares,
            freedom: between.freedom,
            usual: kindScatter * kindScatter,
            counting: Self.usualKinds
        )
        guard let all = LayerSensitivity.mean(of: means, scatter: ofKinds) else { return nil }
        varianceOfAll = all.variance
        func expectation(_ mean: LayerSensitivity?, layers: Double) -> Expectation {
            // How far the kind's own mean is believed.
            let weight = mean.map { ofKinds / ($0.variance + ofKinds) } ?? 0
            let own = ofKinds * (1 - weight)
            let rest = (1 - weight) * (1 - weight) * all.variance
            return Expectation(
                sensitivity: LayerSensitivity(
                    logarithm: all.logarithm + weight * ((mean?.logarithm ?? 0) - all.logarithm),
                    variance: own + rest + layers
                ),
                ofKind: own,
                ofAll: 1 - weight
            )
        }
        for (((kind, _), mean), layers) in zip(zip(measured, means), kindLayers) {
            known[kind] = expectation(mean, layers: layers)
        }
        fallback = expectation(nil, layers: ofLayers)
    }

    /// What is to be expected of a layer of a kind.
    func expectation(ofKind kind: String) -> Expectation { known[kind] ?? fallback }

    /// A variance from squares about means, with a usual one counting as some of them.
    private static func variance(
        squares: Double,
        freedom: Int,
        usual: Double,
        counting count: Double
    ) -> Double {
        (count * usual + max(0, squares)) / (count + Double(freedom))
    }

    /// The squares of logarithms about their mean that are beyond the measurements' variances, and of how many differences.
    private static func spread(_ group: [LayerSensitivity]) -> (squares: Double, freedom: Int) {
        let count = Double(group.count)
        let mean = group.reduce(0) { $0 + $1.logarithm } / count
        let squares = group.reduce(0) { $0 + ($1.logarithm - mean) * ($1.logarithm - mean) }
        let noise = group.reduce(0) { $0 + $1.variance } * (count - 1) / count
        return (squares - noise, group.count - 1)
    }
}
