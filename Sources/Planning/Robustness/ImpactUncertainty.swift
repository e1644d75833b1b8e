public import BitAllocation
import Foundation
public import Sensitivity

/// How far the impacts of a problem could have come out otherwise, as tables that are drawn at random.
///
/// There are two kinds of it.
///
/// **Sensitivities.** The impact of a layer is proportional to `S`, the sensitivity of the end to the state that the layer's error
/// enters (`impact = sqrt(L) · S / sqrt(R)`), and only `S` has a ± in Table 1. So a table is drawn by drawing every `S` anew
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
///
/// **Standard errors of cells.** Where the table has them, every impact is drawn from the logarithmic normal
/// distribution whose mean it is and whose standard deviation, as a share of the mean, is that of the cell: losses range over orders of
/// magnitude, and are never negative. The least of the relative errors of a layer's cells is common to the layer, as that of the
/// measurement from which the others were completed is, and drawn once; what a cell has beyond that is drawn for itself. An impact of 0
/// with a standard error is drawn from the upper half of the normal distribution around 0. Where the table says by which share it may be off as a
/// whole (`ImpactMeaning.uncertainty`), a factor of that spread is drawn once for all cells: what layers that were filled by
/// their kind have in common is in it. It is one for all kinds, so what single kinds have in common is drawn as if all had it. By
/// itself, as where gradients made a table of all rows, it changes no choice, as the best plan is the same whatever all impacts are
/// multiplied by: then there is nothing to draw.
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
    /// The standard error of every option's impact, in the order of the problem's columns; nil where sensitivities are drawn.
    public let optionErrors: [Double]?
    /// The share by which all impacts may be off together; 0 where sensitivities are drawn.
    public let commonSpread: Double

    private let variedLayers: [Int]

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
        optionErrors = nil
        commonSpread = 0
        variedLayers = sourceOfLayer.indices.filter { sourceOfLayer[$0] != nil }
    }

    /// Takes the uncertainty from the standard errors of a table's cells.
    ///
    /// - Parameters:
    ///   - table: The table.
    ///   - problem: The problem that was made of it.
    /// - Throws: ``PlanningError/noSpread(table:)`` if no cell of the problem has a standard error above 0, and
    ///   ``PlanningError/commonSpread(table:share:)`` if the table says then by which share it may be off as a whole.
    public init(table: ImpactTable, problem: AllocationProblem) throws(PlanningError) {
        var errors: [Double] = []
        for layer in 0..<problem.layerCount {
            for option in problem.options(ofLayer: layer) {
                let format = problem.formatNames[Int(problem.optionFormat[option])]
                let name = problem.layerNames[layer]
                // What costs nothing whatever the table says, as it is copied, has no error either.
                let isFree =
                    problem.optionImpact[option] == 0 && table.impact(layer: name, format: format) ?? 0 > 0
                errors.append(isFree ? 0 : table.standardError(layer: name, format: format) ?? 0)
            }
        }
        guard errors.contains(where: { $0 > 0 }) else {
            if let share = table.meaning.uncertainty, share > 0 {
                throw .commonSpread(table: table.name, share: share)
            }
            throw .noSpread(table: table.name)
        }
        optionErrors = errors
        commonSpread = table.meaning.uncertainty ?? 0
        sources = []
        sourceOfLayer = (0..<problem.layerCount).map { _ in nil }
        variedLayers = (0..<problem.layerCount).filter { layer in
            problem.options(ofLayer: layer).contains { errors[$0] > 0 }
        }
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
        optionErrors = nil
        commonSpread = 0
        variedLayers = sourceOfLayer.indices.filter { sourceOfLayer[$0] != nil }
    }

    /// The layers whose impacts are not varied, as nothing is known of their spread.
    public var unvariedLayers: [Int] {
        let varied = Set(variedLayers)
        return sourceOfLayer.indices.filter { !varied.contains($0) }
    }

    /// The impact of every option in one draw.
    ///
    /// - Parameters:
    ///   - draw: The number of the draw, from 0; draws may be asked for in any order.
    ///   - seed: The seed of all draws.
    ///   - problem: The problem, whose layers, and options where these have errors of their own, are those of the uncertainty.
    /// - Returns: An impact from 0 up per option; those of ``unvariedLayers`` are as they are.
    public func impacts(ofDraw draw: Int, seed: UInt64, of problem: AllocationProblem) -> [Double] {
        var numbers = SeededNumbers(seed: seed, sequence: UInt64(bitPattern: Int64(draw)))
        var impacts = problem.optionImpact
        if let optionErrors {
            for layer in 0..<problem.layerCount {
                Self.draw(&impacts, problem.options(ofLayer: layer), errors: optionErrors, &numbers)
            }
            guard commonSpread > 0 else { return impacts }
            let variance = log(1 + commonSpread * commonSpread)
            let factor = exp(variance.squareRoot() * numbers.normal() - variance / 2)
            return impacts.map { min($0 * factor, .greatestFiniteMagnitude.squareRoot()) }
        }
        let drawn = sources.map { source in
            while true {
                let factor = 1 + source.relativeSpread * numbers.normal()
                if factor >= 0 { return factor }
            }
        }
        for (layer, source) in sourceOfLayer.enumerated() {
            guard let source else { continue }
            for option in problem.options(ofLayer: layer) { impacts[option] *= drawn[source] }
        }
        return impacts
    }

    /// Draws the impacts of a layer's options.
    private static func draw(
        _ impacts: inout [Double],
        _ options: Range<Int>,
        errors: [Double],
        _ numbers: inout SeededNumbers
    ) {
        /// The variance of the logarithm.
        func variance(_ option: Int) -> Double {
            let relative = errors[option] / impacts[option]
            return log(1 + relative * relative)
        }
        let common = options.filter { errors[$0] > 0 && impacts[$0] > 0 }.map(variance).min() ?? 0
        let shared = common.squareRoot() * numbers.normal()
        for option in options where errors[option] > 0 {
            if impacts[option] > 0 {
                let variance = variance(option)
                let own = max(0, variance - common).squareRoot()
                let drawn = impacts[option] * exp(shared + own * numbers.normal() - variance / 2)
                // A cell whose error is many orders above it must not end the study.
                impacts[option] = min(drawn, .greatestFiniteMagnitude.squareRoot())
            } else {
                impacts[option] = abs(errors[option] * numbers.normal())
            }
        }
    }

    /// The moments of each option's impact over some draws.
    ///
    /// - Parameters:
    ///   - draws: The numbers of the draws; without any, the impacts are those of the problem.
    ///   - seed: The seed of all draws.
    ///   - problem: The problem.
    /// - Returns: The mean and the root mean square per option.
    public func moments(
        draws: some Collection<Int>,
        seed: UInt64,
        of problem: AllocationProblem
    ) -> (mean: [Double], rootMeanSquare: [Double]) {
        guard !draws.isEmpty else { return (problem.optionImpact, problem.optionImpact) }
        var sums = [CompensatedSum](repeating: CompensatedSum(), count: problem.optionImpact.count)
        var squares = sums
        for draw in draws {
            for (option, impact) in impacts(ofDraw: draw, seed: seed, of: problem).enumerated() {
                sums[option].add(impact)
                squares[option].add(impact * impact)
            }
        }
        let count = Double(draws.count)
        return (sums.map { $0.value / count }, squares.map { ($0.value / count).squareRoot() })
    }
}
