import BitAllocation
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

    @Test("where the worst layer decides, every point is proven by a solve of its own", arguments: 0..<20)
    func isSampledForMaximum(seed: Int) throws {
        let problem = try randomProblem(seed: seed, combination: .max)
        let curve = try FrontierCurve(of: problem, allocator: Allocator(), count: 12)
        #expect(!curve.isComplete)
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

    @Test("a plan with an option costs at least the bound plus the option's reduced cost", arguments: 0..<60)
    func pricesBoundEveryOption(seed: Int) throws {
        var problem = try randomProblem(seed: seed, combination: seed % 2 == 0 ? .sum : .rss)
        if seed % 3 == 0, problem.layerCount > 2 { problem.tie([0, 2]) }
        guard let price = BudgetPrice(of: problem) else { return }
        func cost(_ impact: Double) -> Double { price.isSquared ? impact * impact : impact }
        for layer in 0..<problem.layerCount {
            for (option, result) in Allocator().plans(pinningLayer: layer, of: problem) {
                guard case .success(let plan) = result, let reduced = price.reducedCost(ofOption: option)
                else {
                    continue
                }
                #expect(
                    plan.choices[layer] == option
                        || problem.optionBytes[plan.choices[layer]] == problem.optionBytes[option]
                )
                let total = cost(plan.impact)
                #expect(cost(price.bound) + reduced <= total + 1e-6 * max(total, reduced))
            }
        }
    }

    @Test("an option is dominated by one that is no larger and no worse, and never by a dominated twin alone")
    func findsDominators() throws {
        let problem = try AllocationProblem(
            layers: [
                .init(
                    name: "l",
                    options: [
                        .init(format: "A", bytes: 1, impact: 5), .init(format: "B", bytes: 2, impact: 6),
                        .init(format: "C", bytes: 3, impact: 1), .init(format: "D", bytes: 3, impact: 1),
                    ]
                )
            ],
            budget: 10
        )
        #expect((0..<4).map { problem.dominator(ofOption: $0, inLayer: 0) } == [nil, 0, nil, 2])
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
