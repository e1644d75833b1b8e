import BitAllocation
import TestSupport
import Testing

/// Plans with a limit on their formats: against exhaustive search, and against every set of formats solved by itself.
@Suite struct FormatLimitTests {
    /// A problem whose layers have all formats, or all but a few.
    private func problem(
        seed: Int,
        layers: Int,
        formats: Int,
        combination: ImpactCombination,
        hasSecondBudget: Bool = false,
        hasWholeImpacts: Bool = false
    ) throws -> AllocationProblem {
        var generator = SeededGenerator(seed: seed)
        let made = (0..<layers).map { layer in
            let size = Int.random(in: 1...9, using: &generator) * 32
            let weight = Double.random(in: 0.5..<2, using: &generator)
            return AllocationProblem.Layer(
                name: "l\(layer)",
                options: (0..<formats).compactMap { format in
                    if formats > 2, Int.random(in: 0..<12, using: &generator) == 0 { return nil }
                    let bits = format + 2
                    // Near what halves with every bit, so that many sets of formats are nearly as good.
                    let impact =
                        hasWholeImpacts
                        ? Double(Int.random(in: 1...5, using: &generator))
                        : weight * power(0.5, bits) * Double(Int.random(in: 8...12, using: &generator))
                    return .init(format: "F\(format)", bytes: size * bits, impact: impact)
                }
            )
        }
        var problem = try AllocationProblem(layers: made, budget: 0, combination: combination)
        problem.budget =
            problem.smallestBytes
            + Int(
                Double(problem.largestBytes - problem.smallestBytes)
                    * Double.random(in: 0.1..<0.7, using: &generator)
            )
        if hasSecondBudget {
            let cost = problem.optionBytes.map { _ in Double(Int.random(in: 0...20, using: &generator)) }
            try problem.setSecondBudget(
                SecondBudget(cost: cost, limit: Double(layers * Int.random(in: 5...9, using: &generator)))
            )
        }
        return problem
    }

    private func formats(of choices: [Int], in problem: AllocationProblem) -> Set<UInt16> {
        Set(choices.map { problem.optionFormat[$0] })
    }

    /// The least impact, and the smallest file of it, by trying every plan.
    private func exhaustive(_ problem: AllocationProblem) -> (bytes: Int, impact: Double)? {
        var plans: [(bytes: Int, impact: Double)] = []
        forEachChoice(of: problem) { choices in
            let bytes = problem.bytes(ofChoices: choices)
            if bytes <= problem.budget, problem.isAdmissible(choices) {
                plans.append((bytes, problem.impact(ofChoices: choices)))
            }
        }
        guard let least = plans.map(\.impact).min() else { return nil }
        return plans.filter { SameImpact.isAsGood($0.impact, as: least) }.min { $0.bytes < $1.bytes }
    }

    @Test(
        "a plan of few formats is the smallest file of the least impact, as exhaustive search finds it",
        arguments: ImpactCombination.allCases,
        [false, true]
    )
    func isTheBest(combination: ImpactCombination, hasSecondBudget: Bool) throws {
        for seed in 0..<Thoroughness.instances(hasSecondBudget ? 60 : 150) {
            var problem = try problem(
                seed: seed,
                layers: 2 + seed % 4,
                formats: 6,
                combination: combination,
                hasSecondBudget: hasSecondBudget
            )
            problem.formatLimit = 1 + seed % 3
            guard let expected = exhaustive(problem) else {
                expectNoPlan(for: problem, smallestBytes: problem.smallestBytes, "seed \(seed)")
                continue
            }
            let plan = try Allocator().plan(for: problem)
            #expect(plan.status == .optimal, "seed \(seed)")
            #expect(plan.bytes == expected.bytes, "seed \(seed)")
            #expect(
                abs(plan.impact - expected.impact) <= SameImpact.tolerance * expected.impact,
                "seed \(seed)"
            )
        }
    }

    @Test(
        "of plans whose impacts are whole numbers, and often the same, the smallest is found in whatever set it is",
        arguments: ImpactCombination.allCases
    )
    func isTheSmallest(combination: ImpactCombination) throws {
        for seed in 0..<Thoroughness.instances(150) {
            var problem = try problem(
                seed: seed,
                layers: 3 + seed % 4,
                formats: 3 + seed % 3,
                combination: combination,
                hasWholeImpacts: true
            )
            problem.formatLimit = 1 + seed % 3
            guard let expected = exhaustive(problem) else { continue }
            let plan = try Allocator().plan(for: problem)
            #expect(plan.status == .optimal, "seed \(seed)")
            #expect(plan.bytes == expected.bytes, "seed \(seed)")
        }
    }

    @Test(
        "of 11 formats, the best three are found and proven, as solving all 165 sets finds them",
        arguments: 0..<3
    )
    func isProven(seed: Int) throws {
        let combination: ImpactCombination = seed % 2 == 0 ? .sum : .rss
        var problem = try problem(seed: seed, layers: 30, formats: 11, combination: combination)
        var least = Double.infinity
        for first in 0..<11 {
            for second in first + 1..<11 {
                for third in second + 1..<11 {
                    let names = Set([first, second, third].map { "F\($0)" })
                    var own = problem
                    own.forbid { !names.contains(problem.formatNames[Int(problem.optionFormat[$1])]) }
                    guard let plan = try? Allocator().plan(for: own) else { continue }
                    #expect(plan.status == .optimal)
                    least = min(least, plan.impact)
                }
            }
        }
        problem.formatLimit = 3
        let plan = try Allocator().plan(for: problem)
        #expect(plan.status == .optimal)
        #expect(formats(of: plan.choices, in: problem).count <= 3)
        #expect(abs(plan.impact - least) <= SameImpact.tolerance * least)
    }

    @Test("where the sets of formats are too many, the plan keeps to the limit and its gap is stated")
    func statesItsGap() throws {
        var problem = try problem(seed: 1, layers: 40, formats: 24, combination: .sum)
        let unlimited = try Allocator().plan(for: problem)
        problem.formatLimit = 8
        let plan = try Allocator(timeLimit: .seconds(2)).plan(for: problem)
        #expect(formats(of: plan.choices, in: problem).count <= 8)
        #expect(plan.bytes <= problem.budget)
        #expect(plan.bound >= unlimited.bound)
        #expect(plan.bound <= plan.impact)
        #expect(plan.status == .optimal || plan.gap > SameImpact.tolerance)
    }

    @Test("with no time at all, there is a plan wherever a greedy search has one")
    func hasAPlanInNoTime() throws {
        #expect(try plansOfGreedySearches(formats: 8, seeds: 0..<Thoroughness.instances(20), .zero) > 5)
    }

    @Test("where the sets of formats are too many, too, there is a plan wherever a greedy search has one")
    func hasAPlanOfManyFormats() throws {
        #expect(try plansOfGreedySearches(formats: 24, seeds: 0..<3, .seconds(1)) > 0)
    }

    /// How many of some problems with a second budget a greedy search has a plan for; the usual one has to have it, too.
    private func plansOfGreedySearches(formats: Int, seeds: Range<Int>, _ timeLimit: Duration) throws -> Int {
        var count = 0
        for seed in seeds {
            var problem = try problem(
                seed: seed,
                layers: 20,
                formats: formats,
                combination: [.sum, .rss, .max][seed % 3],
                hasSecondBudget: true
            )
            problem.formatLimit = formats / 3
            let greedy = try? Allocator(method: .greedy, timeLimit: timeLimit).plan(for: problem)
            guard greedy != nil else { continue }
            count += 1
            #expect(throws: Never.self, "seed \(seed)") {
                try Allocator(timeLimit: timeLimit).plan(for: problem)
            }
        }
        return count
    }
}
