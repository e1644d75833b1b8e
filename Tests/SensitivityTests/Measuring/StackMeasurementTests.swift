import Foundation
import Sensitivity
import TestSupport
import Testing

@Suite("tables of what was measured of a stack of layers")
struct StackMeasurementTests {
    /// Stacks with one stream, with two, and with two that are joined on the way or at the end.
    static let stacks: [(layers: Int, join: Int?, lengths: [Int])] = [
        (4, 0, [12]), (3, nil, [7, 5]), (5, 2, [8, 4]), (3, 3, [6, 6]), (1, 0, [1]),
    ]

    private func stack(_ kind: Int, seed: Int) throws -> LinearStack {
        let (layers, join, lengths) = Self.stacks[kind]
        return try LinearStack(layerCount: layers, joinLayer: join, lengths: lengths, seed: seed)
    }

    @Test("Table 1 agrees with its closed form within five standard errors", arguments: 0..<5, [0, 1])
    func tableOne(kind: Int, seed: Int) throws {
        let stack = try stack(kind, seed: seed)
        let sample = stack.samples(1, seed: seed + 50)
        let measurer = StackMeasurer(drawCount: 400, seed: UInt64(seed))
        let tables = try measurer.measure(stack, samples: sample).tables(named: "linear")
        #expect(tables.rows.map(\.state) == stack.shape.states)
        for row in tables.rows {
            let sensitivity = try #require(row.sensitivity)
            let expected = stack.expectedLoss(perturbing: row.state, of: sample[0], width: 0.01)
            #expect(sensitivity.spread > 0)
            // The values are floats, which moves a loss by 1e-4 of itself at the most here.
            #expect(abs(sensitivity.mean - expected) < 5 * sensitivity.spread + 1e-4 * expected)
            #expect(sensitivity.spread < 0.2 * sensitivity.mean)
            #expect(row.sampleCount == 1 && row.drawCount == 400)
        }
    }

    @Test(
        "over many samples the mean is that of the samples and the ± is that of their means",
        arguments: 0..<4
    )
    func overSamples(kind: Int) throws {
        let stack = try stack(kind, seed: 3)
        let samples = stack.samples(60, seed: 9)
        let measurement = try StackMeasurer(drawCount: 8).measure(stack, samples: samples)
        for row in try measurement.tables(named: "linear").rows {
            let sensitivity = try #require(row.sensitivity)
            let expected = samples.map { stack.expectedLoss(perturbing: row.state, of: $0, width: 0.01) }
            let mean = expected.reduce(0, +) / 60
            #expect(abs(sensitivity.mean - mean) < 5 * sensitivity.spread)
            // Samples differ, and eight draws of each do not hide that: the ± is at least the one of exact samples.
            let squares = expected.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            #expect(sensitivity.spread > 0.6 * (squares / 59 / 60).squareRoot())
            #expect(row.sampleCount == 60 && row.drawCount == 480)
        }
    }

    @Test("Table 2 is the mean square of every state", arguments: 0..<5)
    func tableTwo(kind: Int) throws {
        let stack = try stack(kind, seed: 5)
        let samples = stack.samples(7, seed: 6)
        for row in try StackMeasurer().measure(stack, samples: samples).tables(named: "linear").rows {
            let expected = samples.map { stack.meanSquare(of: row.state, of: $0) }.reduce(0, +) / 7
            #expect(abs(try #require(row.meanSquare) - expected) < 1e-5 * expected)
            let sensitivity = try #require(row.sensitivity)
            let relative = try #require(row.relativeSensitivity)
            #expect(abs(relative - sensitivity.mean / expected.squareRoot()) < 1e-5 * relative)
        }
    }

    @Test("Table 3 is the relative error of a cast times the sensitivity after the layer", arguments: 0..<5)
    func tableThree(kind: Int) throws {
        let stack = try stack(kind, seed: 7)
        let sample = stack.samples(1, seed: 8)
        let tables = try StackMeasurer(drawCount: 3).measure(stack, samples: sample).tables(
            named: "linear"
        )
        let impacts = try #require(tables.impacts)
        #expect(Set(impacts.formats) == Set(stack.formats))
        #expect(
            impacts.layers == stack.shape.layers.map { stack.shape.name(of: $0.layer, stream: $0.stream) }
        )
        for (layer, stream) in stack.shape.layers {
            let name = stack.shape.name(of: layer, stream: stream)
            let state = stack.shape.state(after: layer, stream: stream)
            let row = try #require(tables.row(of: state))
            let sensitivity = try #require(row.sensitivity).mean
            // A stream that grows by ε makes a loss of ε² R in itself; where it is joined, only its part of x grows.
            let share =
                stack.meanSquare(of: HiddenState(before: layer + 1, stream: stream), of: sample[0])
                * Double(stack.positions(of: stream, before: layer).count)
                / (stack.meanSquare(of: state, of: sample[0])
                    * Double(stack.positions(of: state.stream, before: layer + 1).count))
            for (format, error) in stack.errors {
                let expected = error * share.squareRoot() * sensitivity
                #expect(
                    abs(try #require(impacts.impact(layer: name, format: format)) - expected) < 1e-4
                        * expected
                )
            }
            #expect(impacts.cell(layer: name, format: "broken") == .forbidden(.infinite))
            let ofFirst: ImpactCell? = layer == 0 ? .forbidden(.infinite) : .forbidden(.blank)
            #expect(impacts.cell(layer: name, format: "unfit") == ofFirst)
        }
    }

    @Test("the impact of Tables 1 and 2 is that of Table 3, on a stack that joins its streams as FLUX does")
    func profileAgrees() throws {
        let stack = try LinearStack(layerCount: 5, joinLayer: 2, lengths: [6, 3], seed: 1)
        let tables = try StackMeasurer(drawCount: 2).measure(stack, samples: stack.samples(3, seed: 2))
            .tables(named: "linear")
        let profile = try tables.profile()
        #expect(profile.joinLayer == 2 && profile.layerCount == 5)
        let row = try #require(tables.row(of: HiddenState(before: 1, stream: .txt)))
        #expect(try profile.sensitivity(before: 1, stream: .txt) == row.sensitivity)
        #expect(try profile.relativeSensitivity(before: 1, stream: .txt) == row.relativeSensitivity)
        #expect(profile.state(afterLayerNamed: "layer01.txt") == HiddenState(before: 2, stream: .x))
        // Unlike the seed's page, a measured stack has the state that leaves it.
        let end = HiddenState(before: 5, stream: .x)
        #expect(profile.state(afterLayerNamed: "layer04.x") == end)
        #expect(
            profile.relativeSensitivity(afterLayerNamed: "layer04.x")
                == tables.row(of: end)?.relativeSensitivity
        )
        #expect(try profile.sensitivity(before: 5, stream: .x) == tables.row(of: end)?.sensitivity)
        #expect(profile.state(afterLayerNamed: "layer02.img") == nil)
    }

    @Test("parts measured apart and merged are what one run measures", arguments: 0..<4)
    func merges(kind: Int) throws {
        let stack = try stack(kind, seed: 11)
        let samples = stack.samples(9, seed: 12)
        let measurer = StackMeasurer(drawCount: 2, seed: 4)
        let whole = try measurer.measure(stack, samples: samples)
        var merged = try measurer.measure(stack, samples: samples[..<4])
        try merged.merge(measurer.measure(stack, samples: samples[4...], firstSample: 4))
        let tables = try whole.tables(named: "t")
        for (one, other) in zip(tables.rows, try merged.tables(named: "t").rows) {
            let (left, right) = (try #require(one.sensitivity), try #require(other.sensitivity))
            #expect(abs(left.mean - right.mean) <= 1e-13 * left.mean)
            #expect(abs(left.spread - right.spread) <= 1e-10 * left.spread)
            #expect(one.drawCount == other.drawCount)
        }
        #expect(try measurer.measure(stack, samples: samples) == whole)
        #expect(try StackMeasurer(drawCount: 2, seed: 5).measure(stack, samples: samples) != whole)
    }

    @Test("moments are those of all values, in one piece or in many", arguments: 0..<20)
    func moments(seed: Int) {
        var generator = SeededGenerator(seed: seed)
        let values = (0..<200).map { _ in 1e6 + Double.random(in: -1...1, using: &generator) }
        var whole = RunningMoments()
        var parts = [RunningMoments](repeating: RunningMoments(), count: 4)
        for value in values {
            whole.add(value)
            parts[Int.random(in: 0..<4, using: &generator)].add(value)
        }
        var merged = RunningMoments()
        for part in parts { merged.merge(part) }
        let mean = values.reduce(0, +) / 200
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        for moments in [whole, merged] {
            #expect(moments.count == 200)
            #expect(abs(moments.mean - mean) < 1e-8)
            #expect(abs(moments.squares - squares) < 1e-6 * squares)
            #expect(abs(moments.standardError - (squares / 199 / 200).squareRoot()) < 1e-7)
        }
        #expect(RunningMoments().standardError == 0)
    }

    @Test("shapes and perturbations that no stack has are errors")
    func refusesShapes() throws {
        let shape = try StackShape(layerCount: 2, joinLayer: 0)
        for (perturbation, text) in [(0, "0.0"), (-1, "-1.0"), (2.5, "2.5"), (.nan, "nan")]
            as [(Double, String)]
        {
            #expect(
                throws: SensitivityError.unusableMeasurement(
                    "the perturbation is \(text): give a number above 0 and up to 2"
                )
            ) { try StackMeasurement(shape: shape, perturbation: perturbation) }
        }
        for (layerCount, joinLayer, sentence) in [
            (0, nil, "a stack has 0 layers: give 1 to 100000"),
            (3, 4, "the streams are joined before layer 4: give one of 0 to 3"),
            (3, -1, "the streams are joined before layer -1: give one of 0 to 3"),
        ] {
            #expect(throws: SensitivityError.unusableMeasurement(sentence)) {
                try StackShape(layerCount: layerCount, joinLayer: joinLayer)
            }
        }
    }

    @Test("values that no measurement has are errors, and what was not measured is not made up")
    func refusesValues() throws {
        var measurement = try StackMeasurement(shape: StackShape(layerCount: 2, joinLayer: 1))
        let img = HiddenState(before: 0, stream: .img)
        func refuses(_ sentence: String, _ body: () throws -> Void) {
            #expect(throws: SensitivityError.unusableMeasurement(sentence)) { try body() }
        }
        refuses("a sample has no draw for img before layer 0: give at least one") {
            try measurement.addEndLosses([], of: img)
        }
        for loss in [-1, Double.nan, .infinity] {
            refuses(
                "a loss at the end after perturbing img before layer 0 is \(loss): give a finite number from 0 up"
            ) { try measurement.addEndLosses([loss], of: img) }
        }
        for state in [
            HiddenState(before: 3, stream: .x), .init(before: 1, stream: .img), .init(before: -1, stream: .x),
        ] {
            refuses(
                "there is a value for \(state): the stack has no such state"
            ) { try measurement.addMeanSquare(1, of: state) }
        }
        for value in [-1, Double.nan, .infinity] {
            refuses("the mean square of img before layer 0 is \(value): give a finite number from 0 up") {
                try measurement.addMeanSquare(value, of: img)
            }
        }
        let noColumn = "a format cannot be a column of a table: "
        for (cast, sentence) in [
            (
                StackMeasurement.Cast(layer: 2, stream: .x, format: "Q8_0"),
                "layer 2 with the stream x is cast: the stack has no such layer"
            ),
            (
                .init(layer: 1, stream: .txt, format: "Q8_0"),
                "layer 1 with the stream txt is cast: the stack has no such layer"
            ),
            (.init(layer: 0, stream: .img, format: ""), noColumn + "the format has no name: give one"),
            (
                .init(layer: 0, stream: .img, format: "layer"),
                noColumn
                    + #""layer" cannot be a name: leave out control characters, spaces at the ends and words of the header"#
            ),
        ] {
            refuses(sentence) { try measurement.addLoss(1, of: cast) }
        }
        #expect(try measurement.tables(named: "t").impacts == nil)
        refuses(
            "there is no loss at the end and positive mean square for img before layer 0: measure every state"
        ) { _ = try measurement.tables(named: "t").profile() }
        try measurement.addLoss(1, of: .init(layer: 0, stream: .img, format: "torch.float8_e4m3fn"))
        #expect(measurement.formats == ["float8_e4m3fn"])
        let error = #expect(throws: SensitivityError.self) { try measurement.tables(named: "t") }
        #expect(error?.description.contains("layer00.img was cast, but") == true)
        refuses("the measurements are of stacks of different shapes: merge those of one model") {
            try measurement.merge(StackMeasurement(shape: StackShape(layerCount: 3, joinLayer: 1)))
        }
        refuses("the perturbations are 0.01 and 0.02: merge measurements with the same") {
            try measurement.merge(StackMeasurement(shape: measurement.shape, perturbation: 0.02))
        }
    }
}
