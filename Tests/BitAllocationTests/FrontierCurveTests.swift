import BitAllocation
import Planning
import TestSupport
import Testing

@Suite struct FrontierCurveTests {
    @Test(
        "the curve of a sum is the exact frontier, and every point of it is what the allocator finds at its size"
    )
    func isExactForSums() throws {
        let problem = try fluxTask().problem
        let curve = try FrontierCurve(of: problem, allocator: Allocator())
        #expect(curve.isComplete)
        #expect(curve.points.count == 1213)
        for index in stride(from: 0, to: curve.points.count, by: 150) {
            let point = curve.points[index]
            var within = problem
            within.budget = point.bytes
            let plan = try Allocator().plan(for: within)
            #expect(abs(plan.impact - point.impact) <= 1e-9 * point.impact)
            #expect(curve.index(within: point.bytes) == index)
        }
        #expect(try curve.index(within: #require(curve.points.first).bytes - 1) == nil)
    }

    @Test("where the worst layer decides, the curve has every plan that no other beats", arguments: 0..<20)
    func isExactForMaximum(seed: Int) throws {
        let problem = try randomProblem(seed: seed, combination: .max)
        let curve = try FrontierCurve(of: problem, allocator: Allocator(), count: 12)
        #expect(curve.isComplete)
        var plans: [(bytes: Int, impact: Double)] = []
        forEachChoice(of: problem) {
            plans.append((problem.bytes(ofChoices: $0), problem.impact(ofChoices: $0)))
        }
        for (bytes, impact) in plans {
            #expect(curve.points.contains { $0.bytes <= bytes && $0.impact <= impact * (1 + 1e-9) })
        }
        for (index, point) in curve.points.enumerated() {
            #expect(problem.bytes(ofChoices: point.choices) == point.bytes)
            #expect(problem.impact(ofChoices: point.choices) == point.impact)
            #expect(point.gap <= 1e-9)
            if index > 0 {
                #expect(point.bytes > curve.points[index - 1].bytes)
                #expect(point.impact < curve.points[index - 1].impact)
            }
        }
    }

    @Test("no plan of a sampled curve can be had with fewer bytes", arguments: ImpactCombination.allCases)
    func isNotDominated(combination: ImpactCombination) throws {
        for seed in 0..<20 {
            var problem = try randomProblem(seed: seed, combination: combination)
            // A limit on formats that does not bind: it only keeps the exact programme from being used.
            problem.formatLimit = problem.formatNames.count
            let curve = try FrontierCurve(of: problem, allocator: Allocator(), count: 12)
            #expect(!curve.isComplete)
            for point in curve.points {
                let smallest = try Allocator().smallestPlan(for: problem, maximumImpact: point.impact)
                #expect(smallest.bytes == point.bytes, "seed \(seed)")
            }
        }
    }

    @Test(
        "of the built-in model, no plan of a curve can be had with fewer bytes",
        arguments: ImpactCombination.allCases
    )
    func isNotDominatedForFlux(combination: ImpactCombination) throws {
        var problem = try fluxTask().problem
        problem.combination = combination
        let curve = try FrontierCurve(of: problem, allocator: Allocator(), count: 50)
        for index in curve.sample(50) {
            let point = curve.points[index]
            let smallest = try Allocator().smallestPlan(for: problem, maximumImpact: point.impact)
            #expect(smallest.bytes == point.bytes)
            #expect(smallest.impact <= point.impact * (1 + AllocationPlan.impactTolerance))
        }
    }

    @Test("the knee of a bent line is its bend, and a straight line has none")
    func findsTheBend() throws {
        // Three layers: the first is cheap to improve, the others are dear.
        func curve(_ impacts: [Double]) throws -> FrontierCurve {
            let layers = impacts.enumerated().map { index, impact in
                AllocationProblem.Layer(
                    name: "l\(index)",
                    options: [
                        .init(format: "A", bytes: 0, impact: impact),
                        .init(format: "B", bytes: 10, impact: 0),
                    ]
                )
            }
            return try FrontierCurve(of: AllocationProblem(layers: layers, budget: 0), allocator: Allocator())
        }
        let bent = try curve([10, 1, 1])
        #expect(bent.knees.map { bent.points[$0].bytes } == [10])
        #expect(try curve([1, 1, 1, 1]).knees == [])
        #expect(try curve([1]).knees == [])
    }

    @Test("nested plans never take a layer's bytes back, and cost no less than the best", arguments: 0..<30)
    func growsOnly(seed: Int) throws {
        let problem = try randomProblem(seed: seed)
        let smallest = problem.smallestBytes
        let budgets = [3, 0, 1, 2].map { smallest + $0 * max(1, (problem.budget - smallest) / 3) }
        let nested = try Allocator().nestedPlans(for: problem, budgets: budgets).map { try $0.get() }
        let best = try Allocator().plans(for: problem, budgets: budgets).map { try $0.get() }
        let rising = nested.sorted { $0.bytes < $1.bytes }
        for (small, large) in zip(rising, rising.dropFirst()) {
            for (from, to) in zip(small.choices, large.choices) {
                #expect(problem.optionBytes[from] <= problem.optionBytes[to])
            }
        }
        for (grown, free) in zip(nested, best) {
            #expect(grown.impact >= free.impact * (1 - 1e-9))
        }
    }
}
