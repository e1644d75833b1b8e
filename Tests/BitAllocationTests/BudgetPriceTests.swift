import BitAllocation
import Planning
import TestSupport
import Testing

/// What is said of the options of a plan: their reduced costs, and which make others needless.
@Suite struct BudgetPriceTests {
    @Test("a plan with an option costs at least the bound plus the option's reduced cost", arguments: 0..<60)
    func pricesBoundEveryOption(seed: Int) throws {
        var problem = try randomProblem(seed: seed, combination: seed % 2 == 0 ? .sum : .rss)
        if seed % 3 == 0, problem.layerCount > 2 { problem.tie([0, 2]) }
        guard let best = try? Allocator().plan(for: problem) else { return }
        let price = try #require(BudgetPrice(of: problem, at: best.choices))
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

    /// Restricted problems of a kind that have a plan, with it.
    private func restricted(
        _ kind: String,
        _ combination: ImpactCombination,
        seeds: Range<Int>
    ) throws -> [(seed: Int, problem: AllocationProblem, plan: AllocationPlan)] {
        try seeds.compactMap { seed in
            var generator = SeededGenerator(seed: seed)
            var problem = try RandomRestrictions.problem(seed: seed, combination: combination)
            let kinds =
                kind == "several"
                ? RandomRestrictions.kinds.dropLast().shuffled(using: &generator).prefix(3) : [kind]
            let restrictions = try kinds.map {
                try RandomRestrictions.restriction($0, for: problem, using: &generator)
            }
            guard (try? problem.apply(restrictions)) != nil,
                let plan = try? Allocator().plan(for: problem)
            else { return nil }
            return (seed, problem, plan)
        }
    }

    /// The formats that a price speaks of: all, or the plan's where their number is limited.
    private func formats(_ problem: AllocationProblem, _ plan: AllocationPlan) -> Set<UInt16> {
        Set(problem.formatLimit == nil ? problem.optionFormat : plan.choices.map { problem.optionFormat[$0] })
    }

    @Test(
        "under every restriction, no admissible plan with an option costs less than the bound plus its reduced cost",
        arguments: RandomRestrictions.kinds,
        [ImpactCombination.sum, .rss]
    )
    func pricesHoldUnderRestrictions(kind: String, combination: ImpactCombination) throws {
        var checked = 0
        for (seed, problem, plan) in try restricted(kind, combination, seeds: 0..<Thoroughness.instances(300))
        {
            let price = try #require(BudgetPrice(of: problem, at: plan.choices), "seed \(seed)")
            func cost(_ impact: Double) -> Double { price.isSquared ? impact * impact : impact }
            let formats = formats(problem, plan)
            #expect(plan.choices.allSatisfy { price.reducedCost(ofOption: $0) != nil }, "seed \(seed)")
            var violations = 0
            forEachChoice(of: problem) { choices in
                guard problem.bytes(ofChoices: choices) <= problem.budget, problem.isAdmissible(choices),
                    choices.allSatisfy({ formats.contains(problem.optionFormat[$0]) })
                else { return }
                let total = cost(problem.impact(ofChoices: choices))
                for option in choices {
                    // An option that is listed twice for tied layers stands under its better twin.
                    guard let reduced = price.reducedCost(ofOption: option) else { continue }
                    checked += 1
                    if cost(price.bound) + reduced > total + 1e-6 * max(total, reduced) { violations += 1 }
                }
            }
            #expect(violations == 0, "seed \(seed)")
        }
        #expect(checked > 100)
    }

    @Test(
        "the prices of several plans together are those of each alone",
        arguments: RandomRestrictions.kinds,
        ImpactCombination.allCases
    )
    func pricesTogether(kind: String, combination: ImpactCombination) throws {
        var found = 0
        for (seed, problem, plan) in try restricted(kind, combination, seeds: 0..<Thoroughness.instances(60))
        {
            var smaller = problem
            smaller.budget = max(problem.fixedBytes, plan.bytes - 1)
            let plans = [plan] + [try? Allocator().plan(for: smaller)].compactMap(\.self)
            let each = plans.map { plan in
                var problem = problem
                problem.budget = plan.bytes
                return BudgetPrice(of: problem, at: plan.choices)?.perByte
            }
            #expect(BudgetPrice.perByte(of: problem, at: plans) == each, "seed \(seed)")
            found += each.count { ($0 ?? 0) > 0 }
        }
        #expect(found > 0 || combination == .max)
    }

    @Test(
        "under every restriction, a dominated option can be exchanged for the one that dominates it",
        arguments: RandomRestrictions.kinds,
        ImpactCombination.allCases
    )
    func dominanceHoldsUnderRestrictions(kind: String, combination: ImpactCombination) throws {
        var checked = 0
        for (seed, problem, plan) in try restricted(kind, combination, seeds: 0..<Thoroughness.instances(300))
        {
            let formats = formats(problem, plan)
            for layer in 0..<problem.layerCount {
                let tied = problem.ties.first { $0.contains(layer) } ?? [layer]
                for option in problem.allowedOptions(ofLayer: layer) {
                    guard
                        let other = problem.dominator(ofOption: option, inLayer: layer, at: plan.choices)
                    else { continue }
                    var violations = 0
                    forEachChoice(of: problem) { choices in
                        guard choices[layer] == option, problem.isAdmissible(choices),
                            problem.layerNames.indices.allSatisfy({
                                tied.contains($0) || formats.contains(problem.optionFormat[choices[$0]])
                            })
                        else { return }
                        var exchanged = choices
                        for member in tied {
                            exchanged[member] =
                                problem.allowedOptions(ofLayer: member).filter {
                                    problem.optionFormat[$0] == problem.optionFormat[other]
                                }.min { problem.optionImpact[$0] < problem.optionImpact[$1] } ?? -1
                        }
                        exchanged[layer] = other
                        checked += 1
                        let isGood =
                            !exchanged.contains(-1) && problem.isAdmissible(exchanged)
                            && problem.bytes(ofChoices: exchanged) <= problem.bytes(ofChoices: choices)
                            && problem.impact(ofChoices: exchanged)
                                <= problem.impact(ofChoices: choices) * (1 + 1e-9)
                        if !isGood { violations += 1 }
                    }
                    #expect(violations == 0, "seed \(seed), layer \(layer), option \(option)")
                }
            }
        }
        #expect(checked > 50)
    }
}
