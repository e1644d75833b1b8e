import BitAllocation
import Planning
import TestSupport
import Testing

/// Of the plans with the least impact, the smallest file: against exhaustive search, and in every way to ask for plans.
@Suite struct SmallestOfBestTests {
    /// How the impacts of a random problem are drawn; most of them make many plans of one impact.
    enum Numbers: String, CaseIterable, CustomTestStringConvertible {
        case whole, decimals, smallFractions, huge, tiny, mixed

        var testDescription: String { rawValue }

        func draw(using generator: inout SeededGenerator) -> Double {
            switch self {
            case .whole: Double(Int.random(in: 0...4, using: &generator))
            case .decimals: Double(Int.random(in: 0...12, using: &generator)) / 10
            case .smallFractions: Double(Int.random(in: 0...6, using: &generator)) / 7
            case .huge: Double(Int.random(in: 1...9, using: &generator)) * 1e150 / 10
            case .tiny: Double(Int.random(in: 1...9, using: &generator)) * 1e-150 / 10
            case .mixed:
                Double(Int.random(in: 0...9, using: &generator))
                    * power(10, Int.random(in: -3...3, using: &generator))
            }
        }
    }

    private func problem(
        _ numbers: Numbers,
        _ combination: ImpactCombination,
        seed: Int,
        tied: Bool = false
    ) throws -> AllocationProblem {
        var generator = SeededGenerator(seed: seed)
        let layers = (0..<Int.random(in: 1...6, using: &generator)).map { layer in
            AllocationProblem.Layer(
                name: "l\(layer)",
                options: (0..<Int.random(in: 2...4, using: &generator)).map { format in
                    .init(
                        format: "F\(format)",
                        bytes: Int.random(in: 1...9, using: &generator) * 16,
                        impact: numbers.draw(using: &generator)
                    )
                }
            )
        }
        var problem = try AllocationProblem(
            layers: layers,
            fixedBytes: Int.random(in: 0...20, using: &generator),
            budget: Int.random(in: 16...(layers.count * 150 + 20), using: &generator),
            combination: combination
        )
        if tied, layers.count > 2 { problem.tie([0, 2]) }
        return problem
    }

    /// The least impact within every size, and the smallest file of the same impact, by trying every plan.
    private func exhaustive(_ problem: AllocationProblem) -> (bytes: Int, impact: Double)? {
        var plans: [(bytes: Int, impact: Double)] = []
        forEachChoice(of: problem) { choices in
            let bytes = problem.bytes(ofChoices: choices)
            if bytes <= problem.budget, problem.isAdmissible(choices) {
                plans.append((bytes, problem.impact(ofChoices: choices)))
            }
        }
        guard let least = plans.map(\.impact).min() else { return nil }
        return plans.filter { $0.impact <= least * (1 + 1e-9) }.min { $0.bytes < $1.bytes }
    }

    @Test("three layers in whole numbers take the 4,544 bytes that are as good as 4,960")
    func takesTheSmallerFile() throws {
        func layer(_ name: String, rows: Int, q8: Double) -> AllocationProblem.Layer {
            .init(
                name: name,
                options: [
                    .init(format: "Q4_0", bytes: rows * 144, impact: 3),
                    .init(format: "Q8_0", bytes: rows * 272, impact: q8),
                    .init(format: "BF16", bytes: rows * 512, impact: 0),
                ]
            )
        }
        let problem = try AllocationProblem(
            layers: [
                layer("t0", rows: 4, q8: 3), layer("t1", rows: 5, q8: 1), layer("t2", rows: 3, q8: 2),
            ],
            fixedBytes: 2_176,
            budget: 5_152
        )
        let plan = try Allocator().plan(for: problem)
        let expected = try #require(exhaustive(problem))
        #expect(plan.bytes == expected.bytes)
        #expect(plan.impact == expected.impact)
    }

    @Test(
        "a plan is the smallest file of the least impact, as exhaustive search finds it",
        arguments: Numbers.allCases,
        ImpactCombination.allCases
    )
    func isTheSmallest(numbers: Numbers, combination: ImpactCombination) throws {
        for seed in 0..<Thoroughness.instances(300) {
            let problem = try problem(numbers, combination, seed: seed, tied: seed % 5 == 0)
            guard let expected = exhaustive(problem) else {
                var smallest = Int.max
                forEachChoice(of: problem) { choices in
                    guard problem.isAdmissible(choices) else { return }
                    smallest = min(smallest, problem.bytes(ofChoices: choices))
                }
                expectNoPlan(for: problem, smallestBytes: smallest, "seed \(seed)")
                continue
            }
            let plan = try Allocator().plan(for: problem)
            #expect(plan.status == .optimal, "seed \(seed)")
            #expect(plan.bytes == expected.bytes, "seed \(seed)")
            #expect(abs(plan.impact - expected.impact) <= 1e-9 * expected.impact, "seed \(seed)")
            #expect(plan.bound <= plan.impact, "seed \(seed)")
            #expect(plan.gap <= 1e-9, "seed \(seed)")
        }
    }

    @Test(
        "so it is under every restriction",
        arguments: RandomRestrictions.kinds,
        ImpactCombination.allCases
    )
    func isTheSmallestRestricted(kind: String, combination: ImpactCombination) throws {
        for seed in 0..<Thoroughness.instances(60) {
            var generator = SeededGenerator(seed: seed)
            var problem = try RandomRestrictions.problem(seed: seed * 6, combination: combination)
            let kinds =
                kind == "several"
                ? RandomRestrictions.kinds.dropLast().shuffled(using: &generator).prefix(3) : [kind]
            let restrictions = try kinds.map {
                try RandomRestrictions.restriction($0, for: problem, using: &generator)
            }
            guard (try? problem.apply(restrictions)) != nil, let expected = exhaustive(problem) else {
                continue
            }
            let plan = try Allocator().plan(for: problem)
            #expect(plan.status == .optimal, "seed \(seed)")
            #expect(plan.bytes == expected.bytes, "seed \(seed)")
            #expect(abs(plan.impact - expected.impact) <= 1e-9 * expected.impact, "seed \(seed)")
        }
    }

    @Test(
        "every row of a frontier is what the allocator makes at its size, and no two rows are one impact",
        arguments: Numbers.allCases,
        ImpactCombination.allCases
    )
    func rowsArePlans(numbers: Numbers, combination: ImpactCombination) throws {
        for seed in 0..<Thoroughness.instances(60) {
            var problem = try problem(numbers, combination, seed: seed, tied: seed % 5 == 0)
            // A limit that does not bind keeps the exact programme from being used.
            if seed % 4 == 0 { problem.formatLimit = problem.formatNames.count }
            // Tied layers may have no format in common.
            guard problem.smallestAllowedBytes != nil else { continue }
            let curve = try FrontierCurve(of: problem, allocator: Allocator(), count: 12)
            #expect(curve.isComplete == (seed % 4 != 0))
            for (index, point) in curve.points.enumerated() {
                problem.budget = point.bytes
                let plan = try Allocator().plan(for: problem)
                #expect(plan.bytes == point.bytes, "seed \(seed)")
                #expect(abs(plan.impact - point.impact) <= 1e-12 * point.impact, "seed \(seed)")
                if index > 0 {
                    let before = curve.points[index - 1]
                    #expect(before.bytes < point.bytes && before.impact > point.impact * (1 + 1e-9))
                }
            }
            guard curve.isComplete else { continue }
            // And none is missing: whatever the budget, the plan is a row.
            for budget in Set((0..<12).map { problem.smallestBytes + $0 * 60 }) {
                problem.budget = budget
                guard let plan = try? Allocator().plan(for: problem) else { continue }
                #expect(curve.points.contains { $0.bytes == plan.bytes }, "seed \(seed), \(budget)")
            }
        }
    }

    @Test("plans of their own size are the frontier's rows", arguments: Numbers.allCases)
    func ownSizesAreRows(numbers: Numbers) throws {
        for seed in 0..<50 {
            let problem = try problem(numbers, .sum, seed: seed)
            let curve = try FrontierCurve(of: problem, allocator: Allocator())
            let plans = Allocator().plansOfOwnSize(for: problem, budgets: curve.points.map(\.bytes))
            #expect(plans.map(\.bytes) == curve.points.map(\.bytes), "seed \(seed)")
        }
    }

    @Test("the smallest plan for an impact is the best of its size", arguments: ImpactCombination.allCases)
    func smallestIsBest(combination: ImpactCombination) throws {
        for seed in 0..<200 {
            var problem = try problem(.whole, combination, seed: seed)
            guard let limit = exhaustive(problem)?.impact else { continue }
            let smallest = try Allocator().smallestPlan(for: problem, maximumImpact: limit * 1.5)
            problem.budget = smallest.bytes
            let best = try #require(exhaustive(problem))
            #expect(abs(smallest.impact - best.impact) <= 1e-9 * best.impact, "seed \(seed)")
            #expect(smallest.bytes == best.bytes, "seed \(seed)")
        }
    }

    @Test("of a model with many layers of whole impacts, no smaller file is as good", arguments: 0..<12)
    func isTheSmallestOfMany(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        let layers = (0..<60).map { layer in
            AllocationProblem.Layer(
                name: "l\(layer)",
                options: (1...5).map {
                    .init(
                        format: "F\($0)",
                        bytes: $0 * Int.random(in: 1...8, using: &generator) * 32,
                        impact: Double(Int.random(in: 0...(6 - $0), using: &generator))
                    )
                }
            )
        }
        var problem = try AllocationProblem(
            layers: layers,
            budget: 0,
            combination: seed % 2 == 0 ? .sum : .rss
        )
        let frontier = try #require(Frontier(of: problem, stateLimit: 1_000_000))
        for share in [0.1, 0.4, 0.8] {
            let last = try #require(frontier.points.last).bytes
            problem.budget = problem.smallestBytes + Int(Double(last - problem.smallestBytes) * share)
            let plan = try Allocator().plan(for: problem)
            let row = try #require(frontier.point(within: problem.budget))
            #expect(plan.bytes == frontier.points[row].bytes)
            #expect(plan.status == .optimal)
        }
    }
}
