import Foundation
public import Sensitivity

/// A table of end losses, from a few that were measured and the relative errors of all cells.
///
/// 1. End losses of a layer go as the square of the relative error of its output: `loss(l, f) = s(l)·rel(l, f)²`. So
///    one measured format gives all: `loss(l, f) = loss(l, f₀)·(rel(l, f) / rel(l, f₀))²`. Of several, `s(l)` is the geometric mean of
///    `loss/rel²`, weighted by the inverse of each one's variance: of its standard error, and of the scatter of formats within a
///    layer.
/// 2. A measured cell stays what was measured, with the standard error of that. Where noise may have made it, a loss below three standard
///    errors, it is the mean of the measurement and of what the rest says of it, weighted by the inverse of their variances: the layer's other
///    formats, or the layers of its kind; of what noise may still have made, the mean of what it can be. So no cell is free for the
///    luck of its noise, which a plan would look for.
/// 3. A layer that was not measured has what is to be expected of its kind (`attn_v`, `ffn_down`): the mean of `log s` over the layers of
///    that kind, drawn towards that over all kinds, the more the fewer of them were measured. Where a prior weighs errors by role, kinds are
///    alike to begin with, and so a kind is drawn towards what the prior says of it.
/// 4. What is filled so is the mean of a logarithmic normal distribution, not its median: a plan minimizes a sum of losses, and what is to be
///    expected of a sum are the means. Its standard error is the distribution's standard deviation. The layers of a kind have part of it in
///    common; what that does to the sum over all layers is ``commonError``.
public struct LossCompletion: Sendable {
    /// Where a cell comes from.
    public enum Origin: String, Hashable, Sendable {
        /// It was measured.
        case measured
        /// The layer was measured in another format.
        case completed
        /// Other layers of its kind were measured.
        case ofKind = "kind"
    }

    /// A layer in a format.
    public struct Cell: Hashable, Sendable {
        /// The loss, and its standard error.
        public let loss: EstimatedSum
        /// Where it comes from.
        public let origin: Origin
    }

    /// A layer as it enters a completion.
    public struct Layer: Sendable {
        /// Its name.
        public let name: String
        /// Its kind, the same for layers that answer alike.
        public let kind: String
        /// The relative error of its output per format, weighed by role where there is a prior, with its standard error; nil where the
        /// format does not fit, infinite where it cannot hold a weight.
        public let relativeErrors: [EstimatedSum?]

        /// Creates a layer.
        public init(name: String, kind: String, relativeErrors: [EstimatedSum?]) {
            self.name = name
            self.kind = kind
            self.relativeErrors = relativeErrors
        }
    }

    /// The formats, those with relative errors first, then those that were only measured.
    public let formats: [String]
    /// One array per layer with one cell per format; nil where nothing is known of it.
    public let cells: [[Cell?]]
    /// The standard deviation of the logarithm of `loss/rel²` over the formats of a layer.
    public let formatScatter: Double
    /// Whether that was learnt from these losses; otherwise it is ``usualFormatScatter``.
    public let hasOwnFormatScatter: Bool
    /// The number of layers of which a loss was measured that says something.
    public let measuredLayerCount: Int
    /// The kinds of which no layer was measured, in the order of the layers.
    public let unknownKinds: [String]
    /// By which share the sum over all layers may be off by what layers that were not measured have in common, in the format where that is
    /// most; 0 where all were measured.
    public let commonError: Double
    /// The number of losses that are beyond what noise makes; without any, sizes of losses follow from the standard errors alone.
    public let sureCount: Int
    /// Whether most losses are within what noise makes: below three of their standard errors.
    public let isMostlyNoise: Bool
    /// By which share the sum over all layers may be off where most losses are within noise, in the format where that is most; 0 elsewhere.
    ///
    /// The sizes of such losses follow from their standard errors, and are off as these are: all in one direction, so that their errors do not
    /// even out over the layers.
    public let noiseError: Double
    /// The losses that say nothing of their layer's other formats, as there is no error in theirs to compare with.
    public let silent: [MeasuredLoss]
    /// The losses that are below zero by more than noise explains.
    public let negative: [MeasuredLoss]
    /// The number of losses whose standard error is not known, so that they are taken to have none.
    public let exactCount: Int
    /// The losses of layers that are not as far apart as relative errors are, by more than ten times, the farthest of each layer.
    public let contradictions: [Contradiction]

    /// Two losses of a layer that say different things of it.
    public struct Contradiction: Hashable, Sendable {
        /// The layer's name.
        public let layer: String
        /// The format whose loss is small for its error.
        public let low: String
        /// The format whose loss is large for its error.
        public let high: String
        /// By which factor losses for an error of one size differ.
        public let factor: Double
    }

    /// Losses of one layer for an error of one size do not differ by so much, whatever the format.
    private static let largestFactor = 10.0

    /// The scatter of formats within a layer where it is not learnt: that of a sentence encoder and of a small
    /// language model of which many cells were measured.
    public static let usualFormatScatter = 0.2
    /// The standard deviation of the logarithm over layers of one kind, before anything is learnt: over 28 kinds of layers of a sentence
    /// encoder and two small language models it was 0.3 to 1.2.
    static let usualLayerScatter = 0.7
    /// The standard deviation of the logarithm over kinds, before anything is learnt.
    public static let usualKindScatter = 0.8
    /// How far the loss of a whole mix is from the sum of its layers', as a share, where each loss itself is right.
    ///
    /// In SmolLM2-135M files of three plans by 16 to 211 losses lost 1.19 to 1.44 times what their tables said, most of them because
    /// layers are measured one at a time, and on another text. By gradients 16 files lost 0.86 to 1.32 times what was predicted, 5 of them more
    /// than 1.2 times (`Benchmarks/quality`); 60 and 30 random mixes of an encoder and a language model were off by -22 to 16 %.
    public static let wholeError = 0.3
    /// The same where errors are weighed by role.
    public static let usualKindScatterByRole = 0.5
    /// Means of logarithmic normal distributions are taken of variances up to this one.
    ///
    /// A greater one is that of losses of which noise or a
    /// mistake made one nearly nothing, and the mean would be nearly infinite.
    static let largestVariance = 4.0
    /// Fewer differences than these say nothing of a scatter.
    private static let fewestDifferences = 10

    /// Completes a table.
    ///
    /// - Parameters:
    ///   - losses: What was measured, each layer and format once.
    ///   - layers: The layers, with their relative errors.
    ///   - formats: The formats of the relative errors.
    ///   - path: What messages call the losses.
    ///   - kindScatter: The standard deviation over kinds of the logarithm of `loss/rel²`, before anything is learnt.
    /// - Throws: ``EstimationError/lossOfUnknownLayer(layer:count:path:)`` and ``EstimationError/noUsableLoss(path:)``.
    public init(
        _ losses: [MeasuredLoss],
        layers: [Layer],
        formats: [String],
        path: String,
        kindScatter: Double = LossCompletion.usualKindScatter
    ) throws(EstimationError) {
        let measured = try LayerMeasurements(losses, layers: layers, formats: formats, path: path)
        let scatter = Self.formatScatter(measured.parts.map { $0.map(\.sensitivity) })
        formatScatter = (scatter ?? Self.usualFormatScatter * Self.usualFormatScatter).squareRoot()
        hasOwnFormatScatter = scatter != nil
        let variance = formatScatter * formatScatter
        let known = measured.parts.map { LayerSensitivity.mean(of: $0.map(\.sensitivity), scatter: variance) }
        guard let kinds = KindSensitivities(known, kinds: layers.map(\.kind), kindScatter: kindScatter) else {
            throw .noUsableLoss(path: path)
        }
        self.formats = formats + measured.extraFormats
        let cells = layers.indices.map { index in
            CompletedRow(
                layers[index],
                losses: measured.losses[index],
                parts: measured.parts[index],
                known: known[index],
                ofKind: kinds.expectation(ofKind: layers[index].kind).sensitivity,
                scatter: variance
            ).cells(formats: formats, extraFormats: measured.extraFormats)
        }
        self.cells = cells
        commonError = Self.commonError(of: cells, kinds: layers.map(\.kind), kinds)
        measuredLayerCount = known.count { $0 != nil }
        unknownKinds = kinds.unknown
        negative = losses.filter {
            $0.loss < -LayerSensitivity.significance * ($0.standardError ?? .infinity)
        }
        exactCount = losses.count { $0.standardError == nil }
        sureCount = losses.count { LayerSensitivity.isSure($0) && $0.loss > 0 }
        isMostlyNoise = 2 * losses.count { !LayerSensitivity.isSure($0) } > losses.count
        noiseError = isMostlyNoise ? Self.noiseError(of: cells) : 0
        silent = losses.filter { !formats.contains($0.format) }
        contradictions = layers.indices.compactMap { index in
            // What noise may have made contradicts nothing.
            Self.contradiction(in: layers[index].name, measured.parts[index].filter(\.isSure))
        }
    }

    /// The two measurements of a layer that are farthest apart, or nil where noise and formats explain how far.
    private static func contradiction(in layer: String, _ parts: [LayerMeasurements.Part]) -> Contradiction? {
        func isBefore(_ one: LayerMeasurements.Part, _ other: LayerMeasurements.Part) -> Bool {
            one.sensitivity.logarithm < other.sensitivity.logarithm
        }
        guard let low = parts.min(by: isBefore), let high = parts.max(by: isBefore) else { return nil }
        let noise = (low.sensitivity.variance + high.sensitivity.variance).squareRoot()
        let distance = high.sensitivity.logarithm - low.sensitivity.logarithm
        guard distance > log(largestFactor) + LayerSensitivity.significance * noise else { return nil }
        return Contradiction(layer: layer, low: low.format, high: high.format, factor: exp(distance))
    }

    /// By which share sums over the layers may be off by what layers that were not measured have in common, in the format where that is most.
    private static func commonError(
        of cells: [[Cell?]],
        kinds names: [String],
        _ kinds: KindSensitivities
    ) -> Double {
        var largest = 0.0
        for column in cells.first?.indices ?? 0..<0 {
            var total = 0.0
            var filled: [String: Double] = [:]
            for (name, row) in zip(names, cells) {
                guard let cell = row[column], cell.loss.value.isFinite else { continue }
                total += cell.loss.value
                if cell.origin == .ofKind { filled[name, default: 0] += cell.loss.value }
            }
            guard total > 0 else { continue }
            // In the order of the names, as sums of floats depend on theirs.
            var (ofKinds, ofAll) = (0.0, 0.0)
            for (name, sum) in filled.sorted(by: { $0.key < $1.key }) {
                let expectation = kinds.expectation(ofKind: name)
                ofKinds += sum * sum * expm1(min(expectation.ofKind, largestVariance))
                ofAll += sum * expectation.ofAll
            }
            let variance = ofKinds + ofAll * ofAll * expm1(min(kinds.varianceOfAll, largestVariance))
            largest = max(largest, variance.squareRoot() / total)
        }
        return largest
    }

    /// By which share sums over the layers are off where the errors of all that was measured point in one direction, in the format where
    /// that is most.
    private static func noiseError(of cells: [[Cell?]]) -> Double {
        var largest = 0.0
        for column in cells.first?.indices ?? 0..<0 {
            let known = cells.compactMap { $0[column] }.filter { $0.loss.value.isFinite }
            let total = known.reduce(0) { $0 + $1.loss.value }
            guard total > 0 else { continue }
            let errors = known.reduce(0) { $0 + ($1.origin == .ofKind ? 0 : $1.loss.standardError) }
            largest = max(largest, errors / total)
        }
        return largest
    }

    /// The variance of formats within layers, beyond that of the measurements, or nil where too few say so.
    private static func formatScatter(_ parts: [[LayerSensitivity]]) -> Double? {
        var squares = 0.0
        var noise = 0.0
        var differences = 0
        for group in parts where group.count > 1 {
            let mean = group.reduce(0) { $0 + $1.logarithm } / Double(group.count)
            squares += group.reduce(0) { $0 + ($1.logarithm - mean) * ($1.logarithm - mean) }
            // Of the squares about their mean, so much is expected of the measurements' own variances.
            noise += group.reduce(0) { $0 + $1.variance } * Double(group.count - 1) / Double(group.count)
            differences += group.count - 1
        }
        guard differences >= fewestDifferences else { return nil }
        return max(0.05 * 0.05, (squares - noise) / Double(differences))
    }
}
