public import BitAllocation
public import Sensitivity

/// How far the impacts of layers could have come out otherwise: one factor per measured state, drawn at random.
///
/// The impact of a layer is proportional to `S`, the sensitivity of the end to the state that the layer's error enters
/// (`impact = sqrt(L) · S / sqrt(R)`), and only `S` has a ± in Table 1. So a table is drawn by drawing every `S` anew
/// and multiplying all impacts of a layer by `S drawn / S measured`: the formats of one layer move together.
///
/// An `S` is drawn from the normal distribution with the measured mean and with the ± as its standard deviation; a
/// negative value, which no loss can be, is drawn again, so the distribution is cut off at zero. For the ± of the
/// built-in table, at most 15 % of the mean, that never happens, and the mean of the draws is the measured mean.
///
/// Which `S` belongs to which layer of Table 3: `layerNN.stream` takes that of the same stream before layer N + 1. The
/// last layer with `img` and `txt` takes that of `x`, into which they are joined, for both; so those two layers and no
/// others share a draw. (For `txt` Table 3 itself was made so; for `img` it was made with 0.07, an approximation that
/// has no ± of its own.) For the last layer of all, Table 3 was made with an approximation and no measured state stands
/// behind it; its impacts, and those of layers with other names, are not varied: see ``unvariedLayers``.
public struct ImpactUncertainty: Hashable, Sendable {
    /// One quantity that is drawn.
    public struct Source: Hashable, Sendable {
        /// What is drawn, in words: `img before layer 6`.
        public let name: String
        /// Its standard deviation relative to its mean, finite and not negative.
        public let relativeSpread: Double

        /// Creates a source.
        public init(name: String, relativeSpread: Double) {
            self.name = name
            self.relativeSpread = relativeSpread
        }
    }

    /// The quantities that are drawn.
    public let sources: [Source]
    /// The source that a layer's impacts scale with, as an index into ``sources``, per layer; `nil` where none does.
    public let sourceOfLayer: [Int?]

    /// Creates an uncertainty from sources.
    ///
    /// - Throws: `AllocationError.invalidProblem(_:)` for spreads that are negative or not finite and for indices of
    ///   sources that are not there.
    public init(sources: [Source], sourceOfLayer: [Int?]) throws(AllocationError) {
        guard sources.allSatisfy({ $0.relativeSpread >= 0 && $0.relativeSpread.isFinite }) else {
            throw .invalidProblem("a spread is negative or not a finite number")
        }
        guard sourceOfLayer.allSatisfy({ $0.map(sources.indices.contains) ?? true }) else {
            throw .invalidProblem("a layer scales with a source that is not listed")
        }
        self.sources = sources
        self.sourceOfLayer = sourceOfLayer
    }

    /// Takes the uncertainty from the ± of Table 1.
    ///
    /// - Parameters:
    ///   - profile: Tables 1 and 2.
    ///   - layers: The layers' names, in the order of the problem.
    /// - Throws: ``PlanningError/noSpread(table:)`` if none of the layers scales with a row of Table 1 that has a ±.
    public init(profile: SensitivityProfile, layers: [String]) throws(PlanningError) {
        var sources: [Source] = []
        var indices: [HiddenState: Int] = [:]
        var sourceOfLayer: [Int?] = []
        for layer in layers {
            var source: Int?
            if let state = profile.state(afterLayerNamed: layer) {
                if let known = indices[state] {
                    source = known
                } else if let measured = try? profile.sensitivity(before: state.layer, stream: state.stream),
                    measured.mean > 0, measured.spread > 0, (measured.spread / measured.mean).isFinite
                {
                    source = sources.count
                    indices[state] = source
                    sources.append(
                        Source(name: state.description, relativeSpread: measured.spread / measured.mean)
                    )
                }
            }
            sourceOfLayer.append(source)
        }
        guard !sources.isEmpty else { throw .noSpread(table: profile.name) }
        self.sources = sources
        self.sourceOfLayer = sourceOfLayer
    }

    /// The layers whose impacts are not varied, as nothing is known of their spread.
    public var unvariedLayers: [Int] {
        sourceOfLayer.indices.filter { sourceOfLayer[$0] == nil }
    }

    /// The factor of every layer in one draw.
    ///
    /// - Parameters:
    ///   - draw: The number of the draw, from 0; draws may be asked for in any order.
    ///   - seed: The seed of all draws.
    /// - Returns: A factor from 0 up per layer, 1 for ``unvariedLayers``.
    public func factors(ofDraw draw: Int, seed: UInt64) -> [Double] {
        var numbers = SeededNumbers(seed: seed, sequence: UInt64(bitPattern: Int64(draw)))
        let drawn = sources.map { source in
            while true {
                let factor = 1 + source.relativeSpread * numbers.normal()
                if factor >= 0 { return factor }
            }
        }
        return sourceOfLayer.map { $0.map { drawn[$0] } ?? 1 }
    }

    /// The moments of each layer's factor over some draws.
    ///
    /// - Parameters:
    ///   - draws: The numbers of the draws; without any, the factors are 1.
    ///   - seed: The seed of all draws.
    /// - Returns: The mean and the root mean square per layer.
    public func moments(
        draws: some Collection<Int>,
        seed: UInt64
    ) -> (mean: [Double], rootMeanSquare: [Double]) {
        guard !draws.isEmpty else {
            let ones = sourceOfLayer.map { _ in 1.0 }
            return (ones, ones)
        }
        var sums = [CompensatedSum](repeating: CompensatedSum(), count: sourceOfLayer.count)
        var squares = sums
        for draw in draws {
            for (layer, factor) in factors(ofDraw: draw, seed: seed).enumerated() {
                sums[layer].add(factor)
                squares[layer].add(factor * factor)
            }
        }
        let count = Double(draws.count)
        return (sums.map { $0.value / count }, squares.map { ($0.value / count).squareRoot() })
    }
}
