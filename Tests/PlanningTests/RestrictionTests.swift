import BitAllocation
import Planning
import Tensors
import TestSupport
import Testing

/// Every kind of restriction against exhaustive search over small random problems.
@Suite struct RestrictionTests {
    @Test(
        "restricted plans agree with exhaustive search: none over budget, none falsely optimal, no missed answer",
        arguments: RandomRestrictions.kinds,
        ImpactCombination.allCases
    )
    func agreesWithExhaustiveSearch(kind: String, combination: ImpactCombination) throws {
        for seed in 0..<Thoroughness.instances(1200) {
            var generator = SeededGenerator(seed: seed)
            var problem = try RandomRestrictions.problem(seed: seed, combination: combination)
            let kinds =
                kind == "several"
                ? RandomRestrictions.kinds.dropLast().shuffled(using: &generator).prefix(3) : [kind]
            let restrictions = try kinds.map {
                try RandomRestrictions.restriction($0, for: problem, using: &generator)
            }
            let unrestricted = problem
            switch refusal(of: restrictions, by: &problem) {
            case nil: break
            case .tiesNothing?: continue
            case .contradiction(let relax, _)?:
                // Some layer must really be left without options by what was asked.
                #expect(!relax.isEmpty)
                #expect(leavesNothing(unrestricted, restrictions), "seed \(seed)")
                continue
            case .formatNowhere?:
                #expect(leavesNothing(unrestricted, restrictions), "seed \(seed)")
                continue
            case let error?:
                Issue.record("seed \(seed): \(error)")
                continue
            }
            let expected = exhaustiveOptimum(problem)
            guard let expected else {
                // A limit that is reached would be no answer to whether there is a plan.
                do throws(AllocationError) {
                    _ = try Allocator().plan(for: problem)
                    Issue.record("seed \(seed): there is a plan")
                } catch {
                    switch error {
                    case .infeasible(problem.budget, _), .overconstrained(problem.budget): break
                    default: Issue.record("seed \(seed): \(error)")
                    }
                }
                continue
            }
            let plan = try Allocator().plan(for: problem)
            #expect(plan.bytes <= problem.budget, "seed \(seed)")
            #expect(problem.isAdmissible(plan.choices), "seed \(seed)")
            #expect(plan.status == .optimal, "seed \(seed)")
            #expect(abs(plan.impact - expected.impact) <= 1e-9 * expected.impact, "seed \(seed)")
            #expect(plan.bound <= expected.impact * (1 + 1e-12), "seed \(seed)")
            if combination == .max {
                let sum = ImpactCombination.sum.total(plan.choices.map { problem.optionImpact[$0] })
                #expect(sum <= expected.sum * (1 + 1e-9), "seed \(seed)")
            }
        }
    }

    /// Applies restrictions; the error where they are refused.
    private func refusal(
        of restrictions: [Restriction],
        by problem: inout AllocationProblem
    ) -> PlanningError? {
        do throws(PlanningError) {
            try problem.apply(restrictions)
            return nil
        } catch {
            return error
        }
    }

    /// Whether some layer, or some tied layers together, have no admissible option, found without the allocator.
    private func leavesNothing(_ problem: AllocationProblem, _ restrictions: [Restriction]) -> Bool {
        var isPossible = false
        var open = problem
        open.budget = .max
        forEachChoice(of: problem) { choices in
            isPossible =
                isPossible
                || restrictions.allSatisfy { restriction in
                    switch restriction.kind {
                    case .formatLimit, .secondBudget: true
                    default: keeps(choices, restriction, problem)
                    }
                }
        }
        return !isPossible
    }

    private func keeps(_ choices: [Int], _ restriction: Restriction, _ problem: AllocationProblem) -> Bool {
        func format(_ layer: Int) -> QuantizationFormat? {
            QuantizationFormat(named: problem.formatNames[Int(problem.optionFormat[choices[layer]])])
        }
        let layers = problem.layerNames.indices
        return switch restriction.kind {
        case .pin(let glob, let wanted):
            layers.allSatisfy { !glob.matches(problem.layerNames[$0]) || format($0) == wanted }
        case .atLeast(let glob, let wanted):
            layers.allSatisfy {
                !glob.matches(problem.layerNames[$0])
                    || format($0)?.bitsPerWeight ?? 0 >= wanted.bitsPerWeight
            }
        case .atMost(let glob, let wanted):
            layers.allSatisfy {
                !glob.matches(problem.layerNames[$0])
                    || format($0)?.bitsPerWeight ?? 0 <= wanted.bitsPerWeight
            }
        case .tie(let glob):
            layers.allSatisfy { first in
                layers.allSatisfy { second in
                    guard let left = glob.match(problem.layerNames[first]),
                        let right = glob.match(problem.layerNames[second]), left == right
                    else { return true }
                    return format(first) == format(second)
                }
            }
        case .nestedIn(let formats):
            layers.allSatisfy {
                format($0)?.bitsPerWeight ?? 0 >= formats[problem.layerNames[$0]]?.bitsPerWeight ?? 0
            }
        default: true
        }
    }

    @Test(
        "the smallest plan within an impact agrees with exhaustive search",
        arguments: ImpactCombination.allCases
    )
    func smallestPlanAgrees(combination: ImpactCombination) throws {
        for seed in 0..<Thoroughness.instances(1000) {
            var generator = SeededGenerator(seed: seed)
            var problem = try RandomRestrictions.problem(seed: seed, combination: combination)
            if seed % 3 == 0 {
                let kind = RandomRestrictions.kinds.dropLast().randomElement(using: &generator) ?? "pin"
                guard
                    (try? problem.apply([
                        RandomRestrictions.restriction(kind, for: problem, using: &generator)
                    ])) != nil
                else {
                    continue
                }
            }
            var impacts: [(impact: Double, bytes: Int)] = []
            forEachChoice(of: problem) { choices in
                if problem.isAdmissible(choices) {
                    impacts.append((problem.impact(ofChoices: choices), problem.bytes(ofChoices: choices)))
                }
            }
            guard let any = impacts.randomElement(using: &generator) else { continue }
            // So little more than some plan's impact that a plan which is the best to within 1e-9 only would be found out,
            // and so much more that the rounding of a sum plays no part.
            let limit = any.impact * (1 + 1e-10)
            let expected = impacts.filter { $0.impact <= limit }.map(\.bytes).min()
            let plan = try Allocator().smallestPlan(for: problem, maximumImpact: limit)
            #expect(plan.bytes == expected, "seed \(seed)")
            #expect(plan.impact <= limit * (1 + 1e-12), "seed \(seed)")
            #expect(plan.status == .optimal, "seed \(seed)")
            #expect(plan.bound == Double(plan.bytes), "seed \(seed)")
            let least = impacts.map(\.impact).min() ?? 0
            if least > 0 {
                let refused = sentence {
                    try Allocator().smallestPlan(for: problem, maximumImpact: least * 0.999)
                }
                #expect(
                    refused?.hasPrefix("no plan has an impact of \(least * 0.999) or less") == true,
                    "seed \(seed): \(refused ?? "planned")"
                )
            }
        }
    }

    @Test("the smallest file is not called optimal where costs differ by less than the proof tells apart")
    func smallestPlanIsExact() throws {
        // Five tensors whose costs differ by 1e-9 of themselves: a plan of 12,032 bytes keeps to the limit.
        let cells: [[Double]] = [
            [1.000000005, 1.000000002, 1.000000004, 1.0],
            [1.000000002, 1.000000003, 1.000000005, 1.000000005],
            [1.0, 1.0, 1.000000004, 1.000000004], [1.0, 1.000000005, 1.000000004, 1.000000002],
            [1.000000004, 1.000000001, 1.000000001, 1.000000001],
        ]
        let bytes = [64 * 36, 64 * 44, 64 * 68, 64 * 128]
        let problem = try AllocationProblem(
            layers: cells.enumerated().map { index, row in
                AllocationProblem.Layer(
                    name: "t\(index)",
                    options: zip(zip(["Q4_0", "Q5_0", "Q8_0", "BF16"], bytes), row).map {
                        .init(format: $0.0.0, bytes: $0.0.1, impact: $0.1)
                    }
                )
            },
            budget: .max
        )
        var least = Int.max
        forEachChoice(of: problem) { choices in
            if problem.impact(ofChoices: choices) <= 5.000000008 * (1 + 1e-12) {
                least = min(least, problem.bytes(ofChoices: choices))
            }
        }
        let plan = try Allocator().smallestPlan(for: problem, maximumImpact: 5.000000008)
        #expect(plan.bytes == least)
        #expect(plan.status == .optimal)
    }

    @Test(
        "impacts over two hundred orders of magnitude are planned under rss as under sum",
        arguments: 0..<400
    )
    func survivesExtremeImpacts(seed: Int) throws {
        var generator = SeededGenerator(seed: seed)
        let layers = (0..<4).map { layer in
            AllocationProblem.Layer(
                name: "l\(layer)",
                options: (0..<4).map {
                    .init(
                        format: "F\($0)",
                        bytes: Int.random(in: 1...100, using: &generator),
                        impact: Double.random(in: 1...10, using: &generator)
                            * power(10, Int.random(in: -100...100, using: &generator))
                    )
                }
            )
        }
        let budget = Int.random(in: 40...350, using: &generator)
        let problem = try AllocationProblem(layers: layers, budget: budget, combination: .rss)
        guard let expected = exhaustiveOptimum(problem) else { return }
        let plan = try Allocator().plan(for: problem)
        #expect(plan.status == .optimal)
        #expect(abs(plan.impact - expected.impact) <= 1e-9 * expected.impact)
    }

    @Test("many budgets at once give the same plans as one at a time", arguments: ImpactCombination.allCases)
    func manyBudgets(combination: ImpactCombination) throws {
        let problem = try fluxTask(combination: combination).problem
        let budgets = (0..<64).map { 7_000_000_000 + $0 * 300_000_000 }
        let together = Allocator().plans(for: problem, budgets: budgets)
        for (budget, result) in zip(budgets, together) {
            var alone = problem
            alone.budget = budget
            switch result {
            case .success(let plan): #expect(try Allocator().plan(for: alone).choices == plan.choices)
            case .failure(let error): #expect(throws: error) { try Allocator().plan(for: alone) }
            }
        }
    }

    @Test("the smallest set to relax is named, and relaxing it is enough")
    func namesWhatToRelax() throws {
        let task = try fluxTask(budget: 9_000_000_000)
        let q8 = try #require(QuantizationFormat(named: "Q8_0"))
        let q4 = try #require(QuantizationFormat(named: "Q4_1"))
        let pinAll = Restriction(.pin(try Glob("layer[2-4]*.x"), .bf16), description: "--pin singles")
        let floor = Restriction(.atLeast(try Glob("layer00.*"), q8), description: "--at-least first")
        let ceiling = Restriction(.atMost(try Glob("layer00.img"), q4), description: "--at-most first")

        var contradicting = task.problem
        #expect(throws: PlanningError.contradiction(relax: ["--at-least first"], budget: nil)) {
            try contradicting.apply([pinAll, floor, ceiling])
        }

        var tooLarge = task.problem
        try tooLarge.apply([pinAll, floor])
        #expect(
            throws: AllocationError.infeasible(
                budget: 9_000_000_000,
                smallestBytes: 13_524_870_432
            )
        ) { try Allocator().plan(for: tooLarge) }
        #expect(
            task.problem.relaxation(of: [floor, pinAll], within: 9_000_000_000)
                == ["--pin singles"]
        )
        // Below the smallest file no restriction is to blame.
        #expect(task.problem.relaxation(of: [floor], within: 6_000_000_000) == nil)
        // For the least impact as well: with every single block at 4 bits no plan reaches it.
        let low = Restriction(.atMost(try Glob("*.x"), q4), description: "--at-most singles")
        #expect(task.problem.relaxation(of: [floor, low], maximumImpact: 0.1) == ["--at-most singles"])
    }

    @Test("a pattern that matches no layer is an error that quotes it")
    func refusesIdlePatterns() throws {
        var problem = try fluxTask().problem
        let idle = Restriction(.tie(try Glob("block*")), description: "--tie block*")
        let names = Array(problem.layerNames.prefix(5))
        #expect(throws: PlanningError.patternMatchesNothing("--tie block*", near: names)) {
            try problem.apply([idle])
        }
        let near = Restriction(.pin(try Glob("Layer05*.image"), .q8_0), description: "--pin")
        #expect(throws: PlanningError.patternMatchesNothing("--pin", near: ["layer05.img", "layer05.txt"])) {
            try problem.apply([near])
        }
        let lonely = Restriction(.tie(try Glob("layer18.*")), description: "--tie layer18.*")
        #expect(throws: PlanningError.tiesNothing("--tie layer18.*")) { try problem.apply([lonely]) }
        let foreign = Restriction(.pin(try Glob("*"), .q4_K), description: "--pin *=Q4_K")
        #expect(
            throws: PlanningError.formatNowhere("--pin *=Q4_K", format: "Q4_K", known: problem.formatNames)
        ) { try problem.apply([foreign]) }
    }
}
