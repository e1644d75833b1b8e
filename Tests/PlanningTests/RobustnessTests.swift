import BitAllocation
import Planning
import Sensitivity
import Synchronization
import TestSupport
import Testing

@Suite("plans under drawn tables")
struct RobustnessTests {
    /// A small problem whose layers scale with sources of their own, but the first two with one together.
    private func instance(
        seed: Int,
        combination: ImpactCombination = .sum,
        largestSpread: Double = 0.8
    ) throws -> (problem: AllocationProblem, uncertainty: ImpactUncertainty) {
        var problem = try randomProblem(seed: seed, combination: combination, layerLimit: 5, optionLimit: 4)
        problem.budget = max(problem.budget, problem.smallestBytes)
        var generator = SeededGenerator(seed: seed + 1_000)
        let sources = (0..<problem.layerCount).map {
            ImpactUncertainty.Source(
                name: "\($0)",
                relativeSpread: .random(in: 0...largestSpread, using: &generator)
            )
        }
        let sourceOfLayer = (0..<problem.layerCount).map { $0 == 1 ? 0 : $0 == 4 ? nil : $0 }
        return (problem, try ImpactUncertainty(sources: sources, sourceOfLayer: sourceOfLayer))
    }

    /// Every choice of one option per layer within the budget.
    private func everyPlan(_ problem: AllocationProblem) -> [[Int]] {
        var plans: [[Int]] = [[]]
        for layer in 0..<problem.layerCount {
            plans = plans.flatMap { plan in problem.options(ofLayer: layer).map { plan + [$0] } }
        }
        return plans.filter { problem.bytes(ofChoices: $0) <= problem.budget }
    }

    private func impact(_ choices: [Int], _ problem: AllocationProblem, _ impacts: [Double]) -> Double {
        problem.combination.total(choices.map { impacts[$0] })
    }

    @Test("every draw's best impact and the regret agree with exhaustive search", arguments: 0..<30)
    func agreesWithExhaustiveSearch(seed: Int) throws {
        for combination in ImpactCombination.allCases {
            let (problem, uncertainty) = try instance(seed: seed, combination: combination)
            let plan = try Allocator().plan(for: problem)
            let study = try RobustnessStudy(
                of: plan.choices,
                for: problem,
                uncertainty: uncertainty,
                drawCount: 12,
                seed: UInt64(seed)
            )
            let plans = everyPlan(problem)
            var regrets: [Double] = []
            for draw in 0..<12 {
                let impacts = uncertainty.impacts(ofDraw: draw, seed: UInt64(seed), of: problem)
                let best = plans.map { impact($0, problem, impacts) }.min() ?? .nan
                regrets.append(impact(plan.choices, problem, impacts) - best)
            }
            let expected = regrets.reduce(0, +) / 12
            #expect(abs(study.regret.mean - expected) <= 1e-9 * (expected + study.impact.mean))
            #expect(study.drawCount == 12)
            #expect(study.bestImpact.mean <= study.impact.mean * (1 + 1e-12))
        }
    }

    @Test(
        "the best plan of the mean table has the least mean impact of all plans under sum",
        arguments: 0..<30
    )
    func leastMeanUnderSum(seed: Int) throws {
        let (problem, uncertainty) = try instance(seed: seed)
        let impacts = uncertainty.moments(draws: 0..<25, seed: 7, of: problem).mean
        let robust = try Allocator().plan(for: problem.with(impacts: impacts))
        #expect(robust.status == .optimal)
        func mean(_ choices: [Int]) -> Double {
            (0..<25).reduce(0) {
                $0 + impact(choices, problem, uncertainty.impacts(ofDraw: $1, seed: 7, of: problem))
            }
                / 25
        }
        let least = everyPlan(problem).map(mean).min() ?? .nan
        #expect(abs(mean(robust.choices) - least) <= 1e-9 * least)
        #expect(abs(robust.impact - least) <= 1e-9 * least)
    }

    @Test("under rss it has the least root mean square of all plans", arguments: 0..<30)
    func leastMeanSquareUnderRss(seed: Int) throws {
        let (problem, uncertainty) = try instance(seed: seed, combination: .rss)
        let impacts = uncertainty.moments(draws: 0..<25, seed: 7, of: problem).rootMeanSquare
        let robust = try Allocator().plan(for: problem.with(impacts: impacts))
        func rootMeanSquare(_ choices: [Int]) -> Double {
            let squares = (0..<25).map { draw in
                let value = impact(choices, problem, uncertainty.impacts(ofDraw: draw, seed: 7, of: problem))
                return value * value
            }
            return (squares.reduce(0, +) / 25).squareRoot()
        }
        let least = everyPlan(problem).map(rootMeanSquare).min() ?? .nan
        #expect(abs(rootMeanSquare(robust.choices) - least) <= 1e-9 * least)
        #expect(abs(robust.impact - least) <= 1e-9 * least)
    }

    @Test("under max the mean impact is no less than the impact on the mean table", arguments: 0..<30)
    func maxUnderestimates(seed: Int) throws {
        let (problem, uncertainty) = try instance(seed: seed, combination: .max)
        let impacts = uncertainty.moments(draws: 0..<25, seed: 7, of: problem).mean
        let robust = try Allocator().plan(for: problem.with(impacts: impacts))
        let study = try RobustnessStudy(
            of: robust.choices,
            for: problem,
            uncertainty: uncertainty,
            drawCount: 25,
            seed: 7
        )
        #expect(study.impact.mean >= robust.impact * (1 - 1e-12))
        #expect(study.leastMeanImpact <= study.impact.mean * (1 + 1e-12))
    }

    @Test("the robust plan's mean is never above the nominal plan's nor below the bound", arguments: 0..<30)
    func robustIsNoWorse(seed: Int) throws {
        for combination in ImpactCombination.allCases {
            let (problem, uncertainty) = try instance(seed: seed, combination: combination)
            let nominal = try Allocator().plan(for: problem)
            let study = try RobustnessStudy(
                of: nominal.choices,
                for: problem,
                uncertainty: uncertainty,
                drawCount: 25,
                seed: 3
            )
            let robust = try RobustPlan(
                insteadOf: nominal,
                studied: study,
                for: problem,
                uncertainty: uncertainty,
                allocator: Allocator()
            )
            #expect(robust.study.impact.mean <= study.impact.mean * (1 + 1e-12))
            #expect(robust.study.impact.mean >= study.leastMeanImpact * (1 - 1e-12))
            #expect(robust.plan.bytes <= problem.budget)
            let scaled = try problem.with(impacts: robust.impacts)
            #expect(
                robust.plan == nominal
                    || abs(scaled.impact(ofChoices: robust.plan.choices) - robust.plan.impact) <= 1e-12
            )
            let mean = { (choices: [Int]) in
                (0..<25).reduce(0) {
                    $0 + impact(choices, problem, uncertainty.impacts(ofDraw: $1, seed: 3, of: problem))
                }
                    / 25
            }
            let least = everyPlan(problem).map(mean).min() ?? .nan
            #expect(robust.study.impact.mean >= least * (1 - 1e-12))
            if combination == .sum { #expect(robust.study.impact.mean <= least * (1 + 1e-9)) }
        }
    }

    @Test("the same seed gives the same study on one core and on many", arguments: [UInt64](0..<4))
    func independentOfThreads(seed: UInt64) throws {
        let task = try fluxTask(budget: 9_000_000_000)
        let uncertainty = try ImpactUncertainty(
            profile: SensitivityProfile.fluxDev,
            layers: task.problem.layerNames
        )
        let plan = try Allocator().plan(for: task.problem)
        let studies = try [1, 2, 7].map { workers in
            try RobustnessStudy(
                of: plan.choices,
                for: task.problem,
                uncertainty: uncertainty,
                drawCount: 40,
                seed: seed,
                workerCount: workers
            )
        }
        #expect(studies[0] == studies[1])
        #expect(studies[0] == studies[2])
        #expect(studies[0].unprovenCount == 0)
        #expect(studies[0].choiceCounts.reduce(0, +) == 40 * 76)
    }

    @Test("a study that is stopped holds the draws that were solved, and none at all is an error")
    func stops() throws {
        let problem = try fluxTask(budget: 9_000_000_000).problem
        let uncertainty = try ImpactUncertainty(profile: .fluxDev, layers: problem.layerNames)
        let plan = try Allocator().plan(for: problem)
        func study(stoppingAfter limit: Int) throws -> RobustnessStudy {
            let questions = Mutex(0)
            let allocator = Allocator {
                questions.withLock { count in
                    count += 1
                    return count > limit
                }
            }
            return try RobustnessStudy(
                of: plan.choices,
                for: problem,
                uncertainty: uncertainty,
                drawCount: 100_000,
                seed: 1,
                allocator: allocator
            )
        }
        let stopped = try study(stoppingAfter: 500)
        #expect((1..<100_000).contains(stopped.drawCount))
        #expect(stopped.choiceCounts.reduce(0, +) == stopped.drawCount * 76)
        #expect(stopped.impact.sorted.count == stopped.drawCount)
        let robust = try RobustPlan(
            insteadOf: plan,
            studied: stopped,
            for: problem,
            uncertainty: uncertainty,
            allocator: Allocator()
        )
        #expect(abs(robust.plan.impact - robust.study.impact.mean) < 1e-9)
        #expect(throws: AllocationError.limitReached) { try study(stoppingAfter: 0) }
    }

    @Test("without spread every choice stands and nothing is regretted")
    func standsWithoutSpread() throws {
        let problem = try fluxTask(budget: 9_000_000_000).problem
        let plan = try Allocator().plan(for: problem)
        let still = try ImpactUncertainty(
            sources: [.init(name: "S", relativeSpread: 0)],
            sourceOfLayer: [Int?](repeating: 0, count: problem.layerCount)
        )
        let study = try RobustnessStudy(
            of: plan.choices,
            for: problem,
            uncertainty: still,
            drawCount: 5,
            seed: 0
        )
        #expect(study.unsteadyLayers().isEmpty)
        #expect(study.regret.sorted == [0, 0, 0, 0, 0])
        #expect(study.impact.mean == plan.impact)
        #expect(study.impact.standardDeviation == 0)
    }

    @Test("a layer of Table 3 scales with the state after it; layer 18 with x, and layer 56 with nothing")
    func sourcesOfTableThree() throws {
        let problem = try fluxTask().problem
        let uncertainty = try ImpactUncertainty(profile: .fluxDev, layers: problem.layerNames)
        func source(_ layer: String) -> ImpactUncertainty.Source? {
            problem.layerNames.firstIndex(of: layer)
                .flatMap { uncertainty.sourceOfLayer[$0] }.map { uncertainty.sources[$0] }
        }
        #expect(source("layer00.img") == .init(name: "img before layer 1", relativeSpread: 3.1784 / 29.1840))
        #expect(source("layer17.txt") == .init(name: "txt before layer 18", relativeSpread: 3.4645 / 26.4334))
        #expect(source("layer18.img") == .init(name: "x before layer 19", relativeSpread: 1.7506 / 13.6130))
        #expect(source("layer18.txt") == source("layer18.img"))
        #expect(source("layer55.x") == .init(name: "x before layer 56", relativeSpread: 0.0386 / 0.8588))
        #expect(source("layer56.x") == nil)
        #expect(uncertainty.unvariedLayers.map { problem.layerNames[$0] } == ["layer56.x"])
        #expect(uncertainty.sources.count == 74)
        let impacts = uncertainty.impacts(ofDraw: 3, seed: 11, of: problem)
        #expect(impacts == uncertainty.impacts(ofDraw: 3, seed: 11, of: problem))
        #expect(impacts != uncertainty.impacts(ofDraw: 4, seed: 11, of: problem))
        #expect(impacts != uncertainty.impacts(ofDraw: 3, seed: 12, of: problem))
    }

    /// A problem of so many layers, each with one option, whose impact is 1.
    private func ones(layers: Int) throws -> AllocationProblem {
        try AllocationProblem(
            layers: (0..<layers).map { layer in
                AllocationProblem.Layer(
                    name: "\(layer)",
                    options: [AllocationProblem.Option(format: "Q4_0", bytes: 1, impact: 1)]
                )
            },
            budget: layers
        )
    }

    @Test("factors have mean 1 and the spread they are drawn with, and a wide spread is cut off at 0")
    func distributionOfFactors() throws {
        let uncertainty = try ImpactUncertainty(
            sources: [.init(name: "a", relativeSpread: 0.1), .init(name: "b", relativeSpread: 5)],
            sourceOfLayer: [0, 1, nil]
        )
        let problem = try ones(layers: 3)
        let draws = (0..<20_000).map { uncertainty.impacts(ofDraw: $0, seed: 5, of: problem) }
        let narrow = SampleDistribution(draws.map { $0[0] })
        // Five standard errors.
        #expect(abs(narrow.mean - 1) < 5 * 0.1 / 20_000.0.squareRoot())
        #expect(abs(narrow.standardDeviation - 0.1) < 5 * 0.1 / 40_000.0.squareRoot())
        #expect(abs(narrow.quantile(0.975) - 1.196) < 0.01)
        let wide = SampleDistribution(draws.map { $0[1] })
        #expect(wide.quantile(0) >= 0)
        // The mean of a normal distribution cut off at zero: μ + σ φ(μ/σ) / Φ(μ/σ), here with μ/σ = 0.2.
        #expect(
            abs(wide.mean - (1 + 5 * 0.39104 / 0.57926)) < 5 * wide.standardDeviation / 20_000.0.squareRoot()
        )
        #expect(draws.allSatisfy { $0[2] == 1 })
    }

    @Test(
        "cells are drawn with their impact as the mean, and together as far as the table is off as a whole",
        arguments: [0, 0.4]
    )
    func drawsCells(uncertainty: Double) throws {
        let problem = try AllocationProblem(
            layers: ["a", "b"].map { name in
                AllocationProblem.Layer(
                    name: name,
                    options: [AllocationProblem.Option(format: "Q8_0", bytes: 1, impact: 2)]
                )
            },
            budget: 2
        )
        let table = try ImpactTable(
            name: "t",
            formats: ["Q8_0"],
            layers: ["a", "b"],
            cells: [[.impact(2)], [.impact(2)]],
            standardErrors: [[1], [1]],
            meaning: ImpactMeaning(kind: .loss, uncertainty: uncertainty > 0 ? uncertainty : nil)
        )
        let spread = try ImpactUncertainty(table: table, problem: problem)
        let draws = (0..<20_000).map { spread.impacts(ofDraw: $0, seed: 5, of: problem) }
        for layer in 0..<2 {
            let values = SampleDistribution(draws.map { $0[layer] })
            #expect(abs(values.mean - 2) < 5 * values.standardDeviation / 20_000.0.squareRoot())
        }
        let sums = SampleDistribution(draws.map { $0[0] + $0[1] })
        // Of the product of independent factors the squared relative errors, each plus 1, are multiplied.
        let expected = 4 * ((1 + uncertainty * uncertainty) * (1 + 0.25 / 2) - 1).squareRoot()
        #expect(abs(sums.standardDeviation / expected - 1) < 0.06, "\(sums.standardDeviation) \(expected)")
    }

    @Test("quantiles lie between neighbouring values in proportion")
    func quantiles() {
        let values = SampleDistribution([4, 1, 3, 2, 5])
        #expect([0, 0.25, 0.5, 1].map(values.quantile) == [1, 2, 3, 5])
        #expect(abs(values.quantile(0.95) - 4.8) < 1e-12)
        #expect(values.quantile(-1) == 1 && values.quantile(2) == 5)
        #expect(SampleDistribution([]).quantile(0.5) == 0)
        #expect(SampleDistribution([7]).quantile(0.5) == 7)
        #expect(SampleDistribution([7]).standardDeviation == 0)
    }

    @Test("what does not belong together is an error, never a trap")
    func refuses() throws {
        let problem = try randomProblem(seed: 3)
        let choices = (0..<problem.layerCount).map { problem.firstOption[$0] }
        let fitting = try ImpactUncertainty(
            sources: [.init(name: "S", relativeSpread: 0.1)],
            sourceOfLayer: [Int?](repeating: 0, count: problem.layerCount)
        )
        func drawn(_ count: Int) -> String { "the number of draws is \(count); it must be from 1 to 1000000" }
        let others = try ImpactUncertainty(sources: [], sourceOfLayer: [])
        for (plan, uncertainty, draws, problemFound) in [
            ([], fitting, 5, "the plan is of another problem"),
            (choices.map { $0 + 1_000 }, fitting, 5, "the plan is of another problem"),
            (choices, fitting, 0, drawn(0)), (choices, fitting, .max, drawn(.max)),
            (choices, others, 5, "the spreads are of another problem"),
        ] {
            #expect(throws: AllocationError.invalidProblem(problemFound)) {
                try RobustnessStudy(
                    of: plan,
                    for: problem,
                    uncertainty: uncertainty,
                    drawCount: draws,
                    seed: 0
                )
            }
        }
        #expect(throws: AllocationError.invalidProblem("there is not one impact per option")) {
            try problem.with(impacts: [])
        }
        let (layer, format) = (problem.layerNames[0], problem.formatNames[Int(problem.optionFormat[0])])
        #expect(
            throws: AllocationError.invalidProblem(
                "the impact of \(format) on layer \(layer) is nan; it must be a finite number that is not negative"
            )
        ) {
            try problem.with(impacts: problem.optionImpact.map { _ in .nan })
        }
        #expect(throws: AllocationError.invalidProblem("a spread is negative or not a finite number")) {
            try ImpactUncertainty(sources: [.init(name: "S", relativeSpread: -1)], sourceOfLayer: [0])
        }
        #expect(
            throws: AllocationError.invalidProblem("a layer scales with a source that is not listed")
        ) { try ImpactUncertainty(sources: [], sourceOfLayer: [0]) }
        #expect(throws: PlanningError.noSpread(table: "flux1-dev")) {
            try ImpactUncertainty(
                profile: .fluxDev,
                layers: ["blk.0.attn_q.weight", "layer99.img", "layer.img"]
            )
        }
    }
}
