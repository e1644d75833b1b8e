import Foundation
import Sensitivity
import TestSupport
import Testing

@testable import Estimation

@Suite("Completing losses")
struct LossCompletionTests {
    private let formats = ["Q4_0", "Q5_0", "Q8_0"]

    private func layer(_ name: String, kind: String = "up", _ errors: [Double?], sampling: Double = 0)
        -> LossCompletion.Layer
    {
        LossCompletion.Layer(
            name: name,
            kind: kind,
            relativeErrors: errors.map {
                $0.map { EstimatedSum(value: $0, standardError: sampling * $0) }
            }
        )
    }

    private func complete(
        _ losses: [MeasuredLoss],
        _ layers: [LossCompletion.Layer]
    ) throws(EstimationError) -> LossCompletion {
        try LossCompletion(losses, layers: layers, formats: formats, path: "l.csv")
    }

    private func close(_ value: Double?, _ expected: Double, _ tolerance: Double = 1e-12) -> Bool {
        abs((value ?? .nan) - expected) <= tolerance * abs(expected)
    }

    @Test("one measured format gives the others by the squares of the relative errors", arguments: [0, 1, 2])
    func square(measured: Int) throws {
        let errors = [0.1, 0.05, 0.004]
        let loss = MeasuredLoss(layer: "a", format: formats[measured], loss: 0.02, standardError: 0.001)
        let cells = try complete([loss], [layer("a", errors)]).cells[0]
        for column in 0..<3 {
            let ratio = errors[column] / errors[measured]
            #expect(close(cells[column]?.loss.value, 0.02 * ratio * ratio))
            #expect(cells[column]?.origin == (column == measured ? .measured : .completed))
        }
        #expect(cells[measured]?.loss.standardError == 0.001)
        // 5 % of the measurement, and the scatter of formats both of it and of the completed cell.
        let variance = log(1 + 0.05 * 0.05) + 2 * 0.2 * 0.2
        let other = cells[measured == 0 ? 1 : 0]
        #expect(close(other?.loss.standardError, (other?.loss.value ?? 0) * expm1(variance).squareRoot()))
    }

    @Test("several formats are averaged geometrically, the more exact one counting more")
    func average() throws {
        let a = layer("a", [0.1, 0.1, 0.1])
        let equal = try complete(
            [
                MeasuredLoss(layer: "a", format: "Q4_0", loss: 1),
                MeasuredLoss(layer: "a", format: "Q5_0", loss: 4),
            ],
            [a]
        )
        #expect(close(equal.cells[0][2]?.loss.value, 2))
        #expect(equal.cells[0][0]?.loss.value == 1 && equal.cells[0][1]?.loss.value == 4)
        let uneven = try complete(
            [
                MeasuredLoss(layer: "a", format: "Q4_0", loss: 1, standardError: 0.001),
                MeasuredLoss(layer: "a", format: "Q5_0", loss: 4, standardError: 1.2),
            ],
            [a]
        )
        let (exact, rough) = (1 / 0.040001, 1 / (0.04 + log(1 + 0.09)))
        #expect(close(uneven.cells[0][2]?.loss.value, exp(log(4) * rough / (exact + rough)), 1e-4))
    }

    @Test("a measured loss that noise may have made is averaged with what the rest says of it")
    func noise() throws {
        let names = (0..<20).map { "up\($0)" }
        let layers = (names + ["a"]).map { layer($0, [0.1, 0.1, 0.01]) }
        let exact = names.map { MeasuredLoss(layer: $0, format: "Q4_0", loss: 0.01) }
        let noisy = MeasuredLoss(layer: "a", format: "Q4_0", loss: -0.001, standardError: 0.004)
        let completion = try complete(exact + [noisy], layers)
        // Its kind says 0.0109 ± 0.0048, so the measurement counts 0.588 of 0.0039 ± 0.0031; cut off at zero, that has this mean.
        let cell = completion.cells[20][0]?.loss
        #expect(close(cell?.value, 0.0045, 0.1))
        #expect(close(cell?.standardError, 0.0026, 0.1))
        #expect(completion.cells[20][0]?.origin == .measured)
        #expect(completion.negative.isEmpty)
        // A format of which nothing else is known is not free either.
        let unknown = MeasuredLoss(layer: "a", format: "IQ4_NL", loss: -0.001, standardError: 0.004)
        let others = try complete(exact + [noisy, unknown], layers)
        #expect((others.cells[20][3]?.loss.value).map { $0 > 0.0005 } == true)
        // Other formats of the layer say more of it than its kind does.
        let other = MeasuredLoss(layer: "a", format: "Q5_0", loss: 0.002, standardError: 0.00001)
        let both = try complete(exact + [noisy, other], layers)
        #expect((both.cells[20][0]?.loss.value).map { $0 > 0.0015 && $0 < 0.0025 } == true)
        #expect(both.cells[20][1]?.loss == EstimatedSum(value: 0.002, standardError: 0.00001))
    }

    @Test("a layer whose loss noise hid is free in no format, the measured one included")
    func hidden() throws {
        let losses = [
            MeasuredLoss(layer: "a", format: "Q4_0", loss: -0.001, standardError: 0.001),
            MeasuredLoss(layer: "b", format: "Q4_0", loss: 0, standardError: 0.001),
            MeasuredLoss(layer: "c", format: "Q4_0", loss: 1, standardError: 0.001),
        ]
        let completion = try complete(losses, ["a", "b", "c"].map { layer($0, [0.1, 0.1, 0.01]) })
        // Half of a normal distribution has the mean sqrt(2/π).
        #expect(close(completion.cells[1][1]?.loss.value, 0.001 * (2 / Double.pi).squareRoot()))
        // And its tail beyond one standard deviation has its mean 0.525135 above that.
        #expect(close(completion.cells[0][1]?.loss.value, 0.001 * 0.525135, 1e-5))
        #expect(completion.cells[..<2].allSatisfy { $0[0].map { $0.loss.value > 0.0002 } == true })
    }

    @Test("measured cells are nearer to what layers truly lose than noise left them")
    func isNearer() throws {
        var generator = SeededGenerator(seed: 1)
        func normal() -> Double {
            (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) }
        }
        let layers = (0..<120).map { layer("l\($0)", kind: "kind \($0 % 6)", [0.1, 0.05, 0.01]) }
        var (raw, averaged) = (0.0, 0.0)
        for _ in 0..<30 {
            let kinds = (0..<6).map { _ in 0.8 * normal() }
            let truth = layers.indices.map { 0.01 * exp(kinds[$0 % 6] + 0.5 * normal()) }
            let losses = layers.indices.map { index in
                let loss = truth[index] + 0.004 * normal()
                return MeasuredLoss(layer: "l\(index)", format: "Q4_0", loss: loss, standardError: 0.004)
            }
            let completion = try complete(losses, layers)
            for index in layers.indices {
                raw += pow(max(0, losses[index].loss) - truth[index], 2)
                averaged += pow((completion.cells[index][0]?.loss.value ?? .nan) - truth[index], 2)
            }
        }
        #expect(averaged < 0.92 * raw)
    }

    @Test("a negative loss far beyond noise is told, and one of unknown noise says nothing of its layer")
    func negative() throws {
        let sure = MeasuredLoss(layer: "c", format: "Q4_0", loss: 1, standardError: 0.001)
        let layers = ["a", "c", "d"].map { layer($0, [0.1, 0.1, 0.01]) }
        let completion = try complete([sure, MeasuredLoss(layer: "d", format: "Q4_0", loss: -1)], layers)
        #expect(close(completion.cells[1][1]?.loss.value, 1))
        #expect(completion.cells[2][0]?.loss.value == 0)
        #expect(completion.cells[2][1]?.origin == .ofKind)
        #expect(completion.measuredLayerCount == 1)
        #expect(completion.negative.isEmpty)
        let far = MeasuredLoss(layer: "a", format: "Q4_0", loss: -1, standardError: 0.001)
        let odd = try complete([far, sure], layers)
        #expect(odd.negative == [far])
        #expect((odd.cells[0][0]?.loss.value).map { $0 >= 0 && $0 < 0.001 } == true)
    }

    @Test(
        "a layer that was not measured gets the mean of what its kind can be, drawn towards all kinds, with its spread"
    )
    func ofKind() throws {
        let logs = [0.0, 0.5, 1.0, 1.5, 2.0]
        var layers = logs.indices.map { layer("up\($0)", [0.1, 0.05, 0.01]) }
        layers += [layer("up", [0.2, 0.1, 0.01]), layer("v", kind: "v", [0.1, 0.1, 0.1])]
        layers.append(layer("q", kind: "q", [0.1, 0.1, 0.1]))
        var losses = logs.enumerated().map {
            MeasuredLoss(layer: "up\($0)", format: "Q4_0", loss: exp($1) * 0.01)
        }
        losses.append(MeasuredLoss(layer: "v", format: "Q4_0", loss: exp(3) * 0.01))
        let completion = try complete(losses, layers)
        let cell = completion.cells[5][0]
        #expect(cell?.origin == .ofKind)
        // Reckoned apart. Layers scatter by (20·0.49 + 2.34)/24 = 0.514, those of the kind by (20·0.514 + 2.34)/24 = 0.526, which leaves
        // 0.113 of its mean 1; the other kind's mean 3 is off by 0.554, and kinds by (4·0.64 + 1.666)/5 = 0.845. So the mean of all is
        // 1.813, off by 0.569 in squares, and the kind is drawn to 1.095; with the scatter of formats the variance is 0.6655.
        #expect(close(cell?.loss.value, 0.16679837288, 1e-9))
        #expect(close(cell?.loss.standardError, 0.16218864270, 1e-9))
        // Of the kind q nothing is known but what other kinds have.
        #expect(completion.unknownKinds == ["q"])
        let stranger = completion.cells[7][0]
        #expect(close(stranger?.loss.value, 0.16364182080, 1e-9))
        #expect(close(stranger?.loss.standardError, 0.16364182080 * 2.469045960728, 1e-9))
        // Both have part of that in common.
        #expect(completion.commonError > 0.1 && completion.commonError < 1)
    }

    @Test("where every layer was measured, cells have no error in common")
    func wholeHasNoCommonError() throws {
        let layers = ["a", "b"].map { layer($0, [0.1, 0.05, 0.01]) }
        let losses = ["a", "b"].map { MeasuredLoss(layer: $0, format: "Q4_0", loss: 1, standardError: 0.1) }
        #expect(try complete(losses, layers).commonError == 0)
    }

    @Test(
        "the more layers of a kind were measured, the less it is drawn towards the others",
        arguments: 1...12
    )
    func drawsTogether(count: Int) throws {
        let odd = (0..<count).map { "v\($0)" }
        let layers =
            (0..<12).map { layer("up\($0)", [0.1, 0.05, 0.01]) }
            + (odd + ["new"]).map { layer($0, kind: "v", [0.1, 0.05, 0.01]) }
        let losses =
            (0..<12).map { MeasuredLoss(layer: "up\($0)", format: "Q4_0", loss: 0.01, standardError: 1e-4) }
            + odd.map { MeasuredLoss(layer: $0, format: "Q4_0", loss: 0.08, standardError: 1e-4) }
        let completion = try complete(losses, layers)
        let cell = try #require(completion.cells[layers.count - 1][0])
        let share = cell.loss.standardError / cell.loss.value
        let median = cell.loss.value / (1 + share * share).squareRoot()
        #expect(median > 0.01 && median < 0.08)
        #expect(count < 12 || median > 0.07, "\(median)")
        #expect(count > 1 || median < 0.06, "\(median)")
    }

    @Test(
        "totals of tables of which few layers were measured are off by what is said of them",
        arguments: 0..<6
    )
    func totals(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        func normal() -> Double {
            (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &random) }
        }
        var (scores, ratios): ([Double], [Double]) = ([], [])
        for _ in 0..<40 {
            let kinds = (0..<6).map { _ in 0.5 * normal() }
            var (layers, losses, total): ([LossCompletion.Layer], [MeasuredLoss], Double) = ([], [], 0)
            for index in 0..<150 {
                let name = "l\(index)"
                let loss = 0.01 * exp(kinds[index % 6] + 0.7 * normal())
                total += loss
                layers.append(layer(name, kind: "k\(index % 6)", [0.1, nil, nil]))
                if index < 30 {
                    losses.append(
                        MeasuredLoss(
                            layer: name,
                            format: "Q4_0",
                            loss: loss * exp(0.03 * normal()),
                            standardError: 0.03 * loss
                        )
                    )
                }
            }
            let completion = try complete(losses, layers)
            let cells = completion.cells.compactMap { $0[0]?.loss }
            let sum = cells.reduce(0) { $0 + $1.value }
            let common = completion.commonError * sum
            let variance = cells.reduce(common * common) { $0 + $1.standardError * $1.standardError }
            scores.append((sum - total) / variance.squareRoot())
            ratios.append(sum / total)
        }
        let meanSquare = scores.reduce(0) { $0 + $1 * $1 } / 40
        let ratio = ratios.reduce(0, +) / 40
        #expect((0.3...1.6).contains(meanSquare), "\(meanSquare)")
        // Medians would come to 0.8.
        #expect((0.9...1.15).contains(ratio), "\(ratio)")
    }

    @Test(
        "losses that follow the law with a known scatter are completed with the error that is stated",
        arguments: 0..<5
    )
    func calibrated(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        func normal() -> Double {
            (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &random) }
        }
        var layers: [LossCompletion.Layer] = []
        var truth: [[Double]] = []
        var losses: [MeasuredLoss] = []
        for index in 0..<200 {
            let sensitivity = exp(normal())
            let errors = [0.1, 0.05, 0.004].map { $0 * exp(0.1 * normal()) }
            let row = errors.map { sensitivity * $0 * $0 * exp(0.3 * normal()) }
            layers.append(layer("l\(index)", kind: "k\(index % 4)", errors))
            truth.append(row)
            for column in 0..<2 where index % 5 < 4 {
                let error = 0.1 * row[column]
                losses.append(
                    MeasuredLoss(
                        layer: "l\(index)",
                        format: formats[column],
                        loss: row[column] + error * normal(),
                        standardError: error
                    )
                )
            }
        }
        let completion = try complete(losses, layers)
        #expect(completion.hasOwnFormatScatter && abs(completion.formatScatter - 0.3) < 0.06)
        for origin in [LossCompletion.Origin.completed, .ofKind] {
            var scores: [Double] = []
            for (row, cells) in zip(truth, completion.cells) {
                for (value, cell) in zip(row, cells) {
                    guard let cell, cell.origin == origin else { continue }
                    let relative = cell.loss.standardError / cell.loss.value
                    let variance = log(1 + relative * relative)
                    // What is filled is the mean of the distribution, not its median.
                    let median = cell.loss.value * exp(origin == .ofKind ? -variance / 2 : 0)
                    scores.append(log(value / median) / variance.squareRoot())
                }
            }
            let meanSquare = scores.reduce(0) { $0 + $1 * $1 } / Double(scores.count)
            // The cells of a layer that was not measured are off together: of 120 scores 40 are independent.
            let range = origin == .completed ? 0.6...1.5 : 0.4...1.8
            #expect(range.contains(meanSquare), "\(origin): \(meanSquare)")
        }
    }

    @Test(
        "formats that do not fit stay out, those that cannot hold a weight are forbidden, others are only measured"
    )
    func oddFormats() throws {
        let layers = [layer("a", [0.1, nil, .infinity]), layer("b", [0.1, 0.05, 0])]
        let completion = try complete(
            [
                MeasuredLoss(layer: "a", format: "Q4_0", loss: 1),
                MeasuredLoss(layer: "b", format: "IQ2_XS", loss: 3),
                MeasuredLoss(layer: "b", format: "Q4_0", loss: 1),
            ],
            layers
        )
        #expect(completion.formats == formats + ["IQ2_XS"])
        #expect(completion.cells[0][1] == nil)
        #expect(completion.cells[0][2]?.loss.value == .infinity)
        #expect(completion.cells[0][3] == nil)
        #expect(completion.cells[1][2]?.loss == EstimatedSum(value: 0, standardError: 0))
        #expect(completion.cells[1][3]?.loss.value == 3)
    }

    @Test("losses of layers that are not there, and losses that say nothing, are refused")
    func refuses() throws {
        let a = layer("a", [0.1, 0.05, 0.01])
        let stranger = MeasuredLoss(layer: "x", format: "Q4_0", loss: 1)
        #expect(throws: EstimationError.lossOfUnknownLayer(layer: "x", count: 1, path: "l.csv")) {
            try complete([stranger], [a])
        }
        for losses in [
            [], [MeasuredLoss(layer: "a", format: "Q4_0", loss: 0)],
            [MeasuredLoss(layer: "a", format: "X", loss: 1)],
        ] {
            #expect(throws: EstimationError.noUsableLoss(path: "l.csv")) { try complete(losses, [a]) }
        }
    }
}
