import BitAllocation
import Foundation
import Planning
import Sensitivity
import TestSupport
import Testing

@Suite("whether impacts add")
struct AdditivityTests {
    /// Recipes that spread impact over few layers or many, so that rules can be told apart.
    private func recipes(_ count: Int, layers: Int, seed: Int) -> [[Double]] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            let share = Double.random(in: 0.05...1, using: &generator)
            var impacts = (0..<layers).map { _ in
                Double.random(in: 0...1, using: &generator) < share
                    ? exp(Double.random(in: -4...0, using: &generator)) : 0
            }
            impacts[Int.random(in: 0..<layers, using: &generator)] = 0.3
            return impacts
        }
    }

    private func combined(_ impacts: [Double], _ exponent: Double) -> Double {
        guard exponent.isFinite else { return impacts.max() ?? 0 }
        return pow(impacts.reduce(0) { $0 + pow($1, exponent) }, 1 / exponent)
    }

    @Test(
        "an exponent that losses were made with is found again, with factor and power",
        arguments: [0.5, 1, 1.5, 2, 3, 8, .infinity],
        0..<3
    )
    func findsTheExponent(exponent: Double, seed: Int) throws {
        let impacts = recipes(20, layers: 40, seed: seed)
        for power in [1, 2.0] {
            let losses = impacts.map { 0.7 * pow(combined($0, exponent), power) }
            for given in [nil, power] {
                let study = try AdditivityStudy(impacts: impacts, losses: losses, power: given)
                if exponent.isFinite {
                    #expect(abs(study.best.exponent / exponent - 1) < 1e-4)
                } else {
                    #expect(study.best.exponent == .infinity)
                }
                #expect(abs(study.best.power - power) < 1e-4)
                #expect(abs(study.best.scale - 0.7) < 1e-3)
                #expect(study.explainedShare > 1 - 1e-8)
                #expect(abs(study.best.loss(ofRecipe: 3) / losses[3] - 1) < 1e-4)
            }
        }
    }

    @Test(
        "the rule behind noisy losses is the best one, and its exponent lies in the interval",
        arguments: 0..<20
    )
    func findsTheRule(seed: Int) throws {
        var generator = SeededGenerator(seed: seed + 100)
        let impacts = recipes(24, layers: 40, seed: seed)
        var inside = 0
        for (rule, exponent) in [(ImpactCombination.sum, 1.0), (.rss, 2), (.max, .infinity)] {
            let losses = impacts.map {
                combined($0, exponent) * exp(Double.random(in: -0.03...0.03, using: &generator))
            }
            let study = try AdditivityStudy(impacts: impacts, losses: losses)
            #expect(study.bestRule == rule)
            if study.interval.contains(exponent), study.isPlausible(rule) { inside += 1 }
            #expect(study.best.typicalError < 0.05)
        }
        // An interval of 95 % misses now and then, though hardly twice of three.
        #expect(inside >= 2)
    }

    @Test(
        "the interval has the true exponent in some 95 % of cases, also where it is narrower than the steps of the search",
        arguments: [0.000_5, 0.05]
    )
    func coverage(noise: Double) throws {
        let exponent = 1.47
        var inside = 0
        for seed in 0..<100 {
            var generator = SeededGenerator(seed: 1_000 + seed)
            let losses = recipes(12, layers: 8, seed: seed).map { impacts in
                // Twelve uniform numbers have the variance 1.
                let normal = (0..<12).reduce(-6) { sum, _ in
                    sum + Double.random(in: 0...1, using: &generator)
                }
                return combined(impacts, exponent) * exp(noise * normal)
            }
            let study = try AdditivityStudy(impacts: recipes(12, layers: 8, seed: seed), losses: losses)
            if study.interval.contains(exponent) { inside += 1 }
        }
        // Of a hundred with a chance of 95 %, fewer than 88 in one of a thousand.
        #expect(inside >= 88)
    }

    @Test("recipes that only scale say nothing of the rule, and none is ruled out")
    func cannotTell() throws {
        let impacts = (1...8).map { scale in [1.0, 2, 3].map { $0 * Double(scale) } }
        let losses = impacts.enumerated().map { combined($1, 2) * ($0.isMultiple(of: 2) ? 1.01 : 0.99) }
        let study = try AdditivityStudy(impacts: impacts, losses: losses)
        #expect(ImpactCombination.allCases.allSatisfy(study.isPlausible))
        #expect(study.interval.lowerBound == AdditivityStudy.smallestExponent)
        #expect(study.interval.upperBound == .infinity)
    }

    @Test("what says nothing is an error with a sentence, never a trap")
    func refuses() throws {
        let impacts = recipes(6, layers: 5, seed: 1)
        let losses = impacts.map { combined($0, 1) }
        func few(_ count: Int, _ unknowns: String) -> String {
            "\(count) recipes are too few to fit \(unknowns)"
        }
        let free = "3 unknowns; measure at least 4, or give the power of the loss"
        let power = "give a number above 0 and up to 100"
        let noRule =
            "the losses do not grow with the impacts under any rule; check that each loss stands beside its recipe"
        let noImpact = "a recipe has no impact at all, so no rule says anything of its loss; leave it out"
        let impact = "give finite numbers that are not negative"
        // Zeros stay what they are where the sign is turned.
        let first = try #require(impacts.joined().first { $0 > 0 })
        let cases: [(impacts: [[Double]], losses: [Double], power: Double?, sentence: String)] = [
            ([], [], nil, few(0, free)),
            (impacts, Array(losses.dropLast()), nil, "there are 5 losses for 6 recipes; give one for each"),
            (Array(impacts.prefix(3)), Array(losses.prefix(3)), nil, few(3, free)),
            (
                Array(impacts.prefix(2)), Array(losses.prefix(2)), 1,
                few(2, "2 unknowns; measure at least 3")
            ),
            (impacts, losses, 0, "the power of the loss is 0.0; \(power)"),
            (impacts, losses, .nan, "the power of the loss is nan; \(power)"),
            (
                impacts, losses.map { _ in 1 }, nil,
                "all losses are the same, which any rule explains; measure recipes that differ more"
            ),
            (impacts, losses.map { 1 / $0 }, nil, noRule),
            (impacts, losses.map { _ in 0 }, nil, "a loss is 0.0; give positive finite numbers"),
            (impacts, losses.map { _ in .infinity }, nil, "a loss is inf; give positive finite numbers"),
            (impacts.map { $0.map { _ in 0 } }, losses, nil, noImpact),
            (impacts.map { $0.map { -$0 } }, losses, nil, "an impact is \(-first); \(impact)"),
            (impacts.map { _ in [.nan] }, losses, nil, "an impact is nan; \(impact)"),
            (impacts.map { _ in [] }, losses, nil, noImpact),
        ]
        do {
            _ = try AdditivityStudy(impacts: [[1]], losses: [1])
            Issue.record("one recipe is fitted")
        } catch {
            #expect("\(error)".hasPrefix("1 recipe is too few to fit 3 unknowns"))
        }
        for (impacts, losses, power, sentence) in cases {
            #expect(throws: PlanningError.unusableLosses(sentence)) {
                try AdditivityStudy(impacts: impacts, losses: losses, power: power)
            }
        }
        // Equal impacts and unequal losses: nothing is explained.
        #expect(throws: PlanningError.unusableLosses(noRule)) {
            try AdditivityStudy(impacts: losses.map { _ in [1, 2] }, losses: losses)
        }
        // Values at the ends of what a number can be.
        let extreme = (0..<6).map { [1e-300, 1e300 / Double(1 + $0)] }
        let study = try AdditivityStudy(impacts: extreme, losses: extreme.map { $0[1] * 1e-300 })
        #expect(abs(study.best.power - 1) < 1e-6)
    }

    // MARK: - A stack whose truth is known

    /// Layers that pass their state on; casting one adds an error of a known size in a known direction.
    private struct ErrorStack: LayerStack {
        let shape: StackShape
        let formats = ["small", "medium", "large"]
        /// Whether all errors point the same way; else each is at right angles to every other.
        let areAligned: Bool
        let sizes: [[Float]]
        let width = 64

        init(layers: Int, areAligned: Bool, seed: Int) throws {
            shape = try StackShape(layerCount: layers, joinLayer: 0)
            self.areAligned = areAligned
            var generator = SeededGenerator(seed: seed)
            sizes = (0..<layers).map { _ in
                let size = Float.random(in: 0.01...0.3, using: &generator)
                return [size / 16, size / 4, size]
            }
        }

        func run(_ layers: Range<Int>, from states: [[Float]]) -> [[Float]] { states }

        func run(_ layer: Int, from states: [[Float]], casting stream: Sensitivity.Stream, to format: String)
            -> [[Float]]?
        {
            guard let place = formats.firstIndex(of: format) else { return nil }
            var values = states[0]
            values[areAligned ? 0 : layer] += sizes[layer][place]
            return [values]
        }

        /// The loss at the end with every layer cast.
        func loss(of recipe: [String], on sample: [[Float]]) -> Double {
            var states = sample
            for (layer, format) in recipe.enumerated() {
                states = run(layer, from: states, casting: .x, to: format) ?? states
            }
            return zip(states[0], sample[0]).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
                / Double(width)
        }
    }

    @Test(
        "impacts measured on a stack add where its errors point the same way, and in squares where they do not",
        arguments: [true, false],
        0..<3
    )
    func measuredStack(areAligned: Bool, seed: Int) throws {
        let stack = try ErrorStack(layers: 24, areAligned: areAligned, seed: seed)
        var generator = SeededGenerator(seed: seed + 7)
        let sample = [(0..<stack.width).map { _ in Float.random(in: -2...2, using: &generator) }]
        let measurer = StackMeasurer(drawCount: 200, seed: UInt64(seed))
        let table = try #require(
            try measurer.measure(stack, samples: [sample]).tables(named: "errors").impacts
        )
        // A few layers coarse and the others fine, or all alike: the spread of the impacts differs.
        let recipes = (0..<16).map { index in
            (0..<24).map { _ in
                let coarse = Double.random(in: 0...1, using: &generator) < Double(index) / 15
                return coarse ? "large" : index.isMultiple(of: 2) ? "small" : "medium"
            }
        }
        let impacts = recipes.map { recipe in
            zip(table.layers, recipe).map { table.impact(layer: $0, format: $1) ?? .nan }
        }
        let losses = recipes.map { stack.loss(of: $0, on: sample) }
        for power in [nil, 2.0] {
            let study = try AdditivityStudy(impacts: impacts, losses: losses, power: power)
            #expect(study.bestRule == (areAligned ? .sum : .rss))
            #expect(abs(study.best.exponent / (areAligned ? 1 : 2) - 1) < 0.1)
            // The loss is a mean square, and the impact an amplitude.
            #expect(abs(study.best.power - 2) < 0.1)
        }
    }
}
