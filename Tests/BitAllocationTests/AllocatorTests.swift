import BitAllocation
import IntegerProgramming
import TestSupport
import Testing

@Suite struct AllocatorTests {
    /// Checks a plan against the exhaustive optimum: within the budget, never falsely optimal, its bound a true one.
    private func check(_ problem: AllocationProblem, _ allocator: Allocator, mustProve: Bool) throws {
        let expected = exhaustiveOptimum(problem)
        guard let expected else {
            #expect(
                throws: AllocationError.infeasible(
                    budget: problem.budget,
                    smallestBytes: problem.smallestBytes
                )
            ) {
                try allocator.plan(for: problem)
            }
            return
        }
        let plan = try allocator.plan(for: problem)
        #expect(plan.bytes <= problem.budget)
        #expect(plan.bytes == problem.bytes(ofChoices: plan.choices))
        #expect(plan.impact == problem.impact(ofChoices: plan.choices))
        for layer in 0..<problem.layerCount {
            #expect(problem.options(ofLayer: layer).contains(plan.choices[layer]))
        }
        #expect(plan.bound <= expected.impact * (1 + 1e-12))
        if plan.status == .optimal {
            #expect(plan.impact <= expected.impact * (1 + 1e-9))
            #expect(plan.gap <= 1e-9)
        }
        if mustProve {
            #expect(plan.status == .optimal)
            if problem.combination == .max {
                let sum = ImpactCombination.sum.total(plan.choices.map { problem.optionImpact[$0] })
                #expect(sum <= expected.sum * (1 + 1e-9))
            }
        }
    }

    @Test("the allocator agrees with exhaustive search", arguments: ImpactCombination.allCases)
    func agreesWithExhaustiveSearch(combination: ImpactCombination) throws {
        for seed in 0..<Thoroughness.instances(1000) {
            try check(randomProblem(seed: seed, combination: combination), Allocator(), mustProve: true)
        }
    }

    @Test("GLPK asked for by name agrees with exhaustive search", .enabled(if: IntegerProgram.hasSolver))
    func glpkAgreesWithExhaustiveSearch() throws {
        for seed in 5000..<5500 {
            try check(randomProblem(seed: seed), Allocator(method: .glpk), mustProve: true)
        }
    }

    @Test(
        "the greedy allocator keeps to the budget and states a true bound",
        arguments: ImpactCombination.allCases
    )
    func greedyIsHonest(combination: ImpactCombination) throws {
        for seed in 0..<Thoroughness.instances(1000) {
            let problem = try randomProblem(seed: seed, combination: combination)
            try check(problem, Allocator(method: .greedy), mustProve: false)
        }
    }

    @Test(
        "the greedy plan is never worse than the best uniform format that fits",
        arguments: ImpactCombination.allCases
    )
    func greedyBeatsUniform(combination: ImpactCombination) throws {
        for seed in 0..<Thoroughness.instances(1000) {
            let problem = try randomProblem(seed: seed, combination: combination, layerLimit: 12)
            let uniform = problem.uniformPlans().filter { $0.bytes <= problem.budget }.map(\.impact).min()
            guard let uniform else { continue }
            let plan = try Allocator(method: .greedy).plan(for: problem)
            #expect(SameImpact.isAsGood(plan.impact, as: uniform))
        }
    }

    @Test("the allocator agrees with the frontier's dynamic programme at every budget", arguments: 0..<40)
    func agreesWithFrontier(seed: Int) throws {
        for combination in [ImpactCombination.sum, .rss] {
            var problem = try randomProblem(
                seed: seed,
                combination: combination,
                layerLimit: 40,
                optionLimit: 8
            )
            let frontier = try #require(Frontier(of: problem, stateLimit: 2_000_000))
            for index in stride(from: 0, to: frontier.points.count, by: max(1, frontier.points.count / 8)) {
                let point = frontier.points[index]
                problem.budget = point.bytes
                let plan = try Allocator().plan(for: problem)
                #expect(abs(plan.impact - point.impact) <= 1e-9 * point.impact)
                #expect(plan.status == .optimal)
                #expect(plan.bytes <= point.bytes)
            }
        }
    }

    @Test(
        "the frontier of a small problem is the set of plans that exhaustive search cannot beat",
        arguments: 0..<(Thoroughness.isThorough ? 200 : 80)
    )
    func frontierIsExact(seed: Int) throws {
        var problem = try randomProblem(seed: seed)
        let frontier = try #require(Frontier(of: problem))
        #expect(
            zip(frontier.points, frontier.points.dropFirst()).allSatisfy {
                $0.bytes < $1.bytes && $0.impact > $1.impact
            }
        )
        for (index, point) in frontier.points.enumerated() {
            #expect(problem.bytes(ofChoices: frontier.choices(ofPoint: index)) == point.bytes)
            problem.budget = point.bytes
            let best = try #require(exhaustiveOptimum(problem))
            #expect(abs(best.impact - point.impact) <= 1e-12 * best.impact)
            problem.budget = point.bytes - 1
            if problem.budget >= 0, let smaller = exhaustiveOptimum(problem) {
                #expect(smaller.impact > point.impact)
            }
        }
    }

    @Test("64 plans made side by side are the same as one after another")
    func plansSideBySide() async throws {
        let problems = try (0..<64).map { try randomProblem(seed: $0 + 9000, layerLimit: 30) }
        let alone = problems.map { try? Allocator().plan(for: $0).choices }
        await withTaskGroup(of: (Int, [Int]?).self) { group in
            for (index, problem) in problems.enumerated() {
                group.addTask { (index, try? Allocator().plan(for: problem).choices) }
            }
            for await (index, choices) in group {
                #expect(choices == alone[index])
            }
        }
    }

    @Test("a search that is told to stop returns the best plan so far with its true gap")
    func stopsWithAPlan() throws {
        let problem = try correlatedProblem(layers: 200, seed: 11)
        let plan = try Allocator(shouldStop: { true }).plan(for: problem)
        #expect(plan.bytes <= problem.budget)
        #expect(plan.status == .feasible)
        #expect(plan.gap > 0)
        #expect(plan.gap < 1e-2)
    }

    @Test("a malformed problem is refused with a sentence that names the layer")
    func refusesMalformedProblems() {
        func problem(_ bytes: Int, _ impact: Double, fixed: Int = 0, budget: Int = 10) throws
            -> AllocationProblem
        {
            try AllocationProblem(
                layers: [.init(name: "a", options: [.init(format: "F", bytes: bytes, impact: impact)])],
                fixedBytes: fixed,
                budget: budget
            )
        }
        func refuses(_ words: String, _ body: () throws -> AllocationProblem) {
            #expect {
                try body()
            } throws: { error in
                guard case .invalidProblem(let problem)? = error as? AllocationError else { return false }
                return problem.contains(words)
            }
        }
        for impact in [Double.nan, .infinity, -1] {
            refuses("layer a") { try problem(1, impact) }
        }
        refuses("too large to be added") { try problem(1, 1e300) }
        refuses("layer a") { try problem(-1, 0) }
        refuses("kept is negative") { try problem(1, 0, fixed: -1) }
        refuses("budget is negative") { try problem(1, 0, budget: -1) }
        refuses("2^63 bytes") { try problem(.max, 0, fixed: 1) }
        #expect(throws: AllocationError.invalidProblem("there are no layers")) {
            try AllocationProblem(layers: [], budget: 1)
        }
        #expect(throws: AllocationError.invalidProblem("layer a has no format it may take")) {
            try AllocationProblem(layers: [.init(name: "a", options: [])], budget: 1)
        }
    }
}

/// The adversary: costs that follow the sizes closely, sizes without a common divisor, so that bounds hardly separate plans.
func correlatedProblem(layers: Int, seed: Int) throws -> AllocationProblem {
    var generator = SeededGenerator(seed: seed)
    let bits = [1.5625, 2.0625, 2.5625, 3.4375, 4.25, 4.5, 5, 5.5, 6, 6.5625, 8.5, 16]
    var smallest = 0
    var largest = 0
    let built = (0..<layers).map { layer in
        let elements =
            Int.random(in: 16..<400, using: &generator) * Int.random(in: 16..<400, using: &generator) * 256
        let sizes = bits.map { Int(Double(elements) * $0 / 8) }
        smallest += sizes[0]
        largest += sizes[sizes.count - 1]
        return AllocationProblem.Layer(
            name: "layer\(layer)",
            options: sizes.enumerated().map { index, bytes in
                AllocationProblem.Option(
                    format: "F\(index)",
                    bytes: bytes,
                    impact: Double(sizes[sizes.count - 1] - bytes) / 1e6
                        * (1 + 1e-3 * Double.random(in: 0..<1, using: &generator))
                )
            }
        )
    }
    return try AllocationProblem(layers: built, budget: smallest + (largest - smallest) * 2 / 5)
}
