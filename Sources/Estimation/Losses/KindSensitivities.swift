import Foundation

/// What the measured layers say of those that were not: the mean over their kind, and how far layers of a kind differ.
struct KindSensitivities {
    /// The kinds of which no layer was measured, in the order of the layers.
    let unknown: [String]

    private var known: [String: LayerSensitivity] = [:]
    private let fallback: LayerSensitivity

    /// With fewer layers a kind has the spread of all kinds.
    private static let fewestForSpread = 4

    /// Learns from layers; nil where nothing is known of any.
    ///
    /// - Parameters:
    ///   - sensitivities: What is known of each layer; nil where nothing is.
    ///   - kinds: The kind of each.
    init?(_ sensitivities: [LayerSensitivity?], kinds: [String]) {
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
        let freedom = spreads.reduce(0) { $0 + $1.freedom }
        let pooled =
            freedom > 0
            ? max(0, spreads.reduce(0) { $0 + $1.squares } / Double(freedom))
            : LossCompletion.usualLayerScatter * LossCompletion.usualLayerScatter
        var means: [LayerSensitivity] = []
        for ((kind, group), own) in zip(measured, spreads) {
            let spread =
                group.count >= Self.fewestForSpread ? max(0, own.squares / Double(own.freedom)) : pooled
            guard let mean = LayerSensitivity.mean(of: group, scatter: spread) else { continue }
            means.append(mean)
            // Another layer is off by the spread of its kind, and by what is not known of the kind's mean.
            known[kind] = mean.adding(variance: spread)
        }
        let between = Self.spread(means)
        let kindVariance =
            between.freedom > 0
            ? max(0, between.squares / Double(between.freedom))
            : LossCompletion.usualKindScatter * LossCompletion.usualKindScatter
        guard let mean = LayerSensitivity.mean(of: means, scatter: kindVariance) else { return nil }
        fallback = mean.adding(variance: kindVariance + pooled)
    }

    /// What is to be expected of a layer of a kind.
    func sensitivity(ofKind kind: String) -> LayerSensitivity { known[kind] ?? fallback }

    /// The squares of logarithms about their mean that are beyond the measurements' variances, and of how many differences.
    private static func spread(_ group: [LayerSensitivity]) -> (squares: Double, freedom: Int) {
        let count = Double(group.count)
        let mean = group.reduce(0) { $0 + $1.logarithm } / count
        let squares = group.reduce(0) { $0 + ($1.logarithm - mean) * ($1.logarithm - mean) }
        let noise = group.reduce(0) { $0 + $1.variance } * (count - 1) / count
        return (squares - noise, group.count - 1)
    }
}
