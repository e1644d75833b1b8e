import BitAllocation
import Tensors
import TestSupport
import Testing

/// Every kind of restriction against exhaustive search over small random problems.
@Suite struct RestrictionTests {
    static let kinds = [
        "pin", "at-least", "at-most", "tie", "nested", "format limit", "second budget", "several",
    ]
    static let formats = ["Q2_K", "Q3_K", "Q4_0", "Q4_1", "Q8_0"]

    /// A small problem whose formats are real ones, so that bits per weight mean something.
    private func problem(seed: Int, combination: ImpactCombination) throws -> AllocationProblem {
        let random = try randomProblem(seed: seed, combination: combination, layerLimit: 5, optionLimit: 5)
        return try AllocationProblem(
            layers: (0..<random.layerCount).map { layer in
                AllocationProblem.Layer(
                    name: "block\(layer / 2).\(layer % 2 == 0 ? "a" : "b")",
                    options: random.options(ofLayer: layer).map {
                        .init(
                            format: Self.formats[Int(random.optionFormat[$0])],
                            bytes: random.optionBytes[$0],
                            impact: random.optionImpact[$0]
                        )
                    }
                )
            },
            fixedBytes: random.fixedBytes,
            budget: random.budget,
            combination: combination
        )
    }

    /// A random restriction of a kind.
    private func restriction(
        _ kind: String,
        for problem: AllocationProblem,
        using generator: inout SeededGenerator
    ) throws -> Restriction {
        let pattern =
            ["*", "block0.*", "*.a", "block*.b", "block0.a"].filter { pattern in
                problem.layerNames.contains { (try? Glob(pattern))?.matches($0) ?? false }
            }.randomElement(using: &generator) ?? "*"
        let glob = try Glob(pattern)
        let name = Self.formats.randomElement(using: &generator) ?? "Q8_0"
        let format = try #require(QuantizationFormat(named: name))
        switch kind {
        case "pin": return Restriction(.pin(glob, format), description: "--pin \(pattern)=\(name)")
        case "at-least":
            return Restriction(.atLeast(glob, format), description: "--at-least \(pattern)=\(name)")
        case "at-most": return Restriction(.atMost(glob, format), description: "--at-most \(pattern)=\(name)")
        case "tie":
            return Restriction(
                .tie(try Glob(["block*.?", "*", "block?.*"].randomElement(using: &generator) ?? "*")),
                description: "--tie"
            )
        case "nested":
            var formats: [String: QuantizationFormat] = [:]
            for layer in problem.layerNames {
                formats[layer] = QuantizationFormat(
                    named: Self.formats.randomElement(using: &generator) ?? "Q8_0"
                )
            }
            return Restriction(.nestedIn(formats), description: "--nested-in")
        case "format limit":
            return Restriction(
                .formatLimit(Int.random(in: 1...3, using: &generator)),
                description: "--max-formats"
            )
        default:
            let cost = problem.optionBytes.map { _ in Double(Int.random(in: 0...20, using: &generator)) }
            let limit = Double(Int.random(in: 0...(12 * problem.layerCount), using: &generator))
            return Restriction(
                .secondBudget(SecondBudget(cost: cost, limit: limit)),
                description: "--slowdown"
            )
        }
    }

    /// The best admissible choice by trying every one.
    private func optimum(_ problem: AllocationProblem) -> Double? {
        var best: Double?
        forEachChoice(of: problem) { choices in
            guard problem.bytes(ofChoices: choices) <= problem.budget, problem.isAdmissible(choices) else {
                return
            }
            let impact = problem.impact(ofChoices: choices)
            if impact < best ?? .infinity { best = impact }
        }
        return best
    }

    @Test(
        "restricted plans agree with exhaustive search: none over budget, none falsely optimal, no missed answer",
        arguments: kinds,
        ImpactCombination.allCases
    )
    func agreesWithExhaustiveSearch(kind: String, combination: ImpactCombination) throws {
        for seed in 0..<Thoroughness.instances(1200) {
            var generator = SeededGenerator(seed: seed)
            var problem = try problem(seed: seed, combination: combination)
            let kinds =
                kind == "several" ? Self.kinds.dropLast().shuffled(using: &generator).prefix(3) : [kind]
            let restrictions = try kinds.map { try restriction($0, for: problem, using: &generator) }
            let unrestricted = problem
            if let relax = try contradiction(of: restrictions, on: &problem) {
                // Some layer must really be left without options by what was asked.
                #expect(!relax.isEmpty)
                #expect(leavesNothing(unrestricted, restrictions), "seed \(seed)")
                continue
            }
            let expected = optimum(problem)
            guard let expected else {
                #expect(throws: AllocationError.self, "seed \(seed)") { try Allocator().plan(for: problem) }
                continue
            }
            let plan = try Allocator().plan(for: problem)
            #expect(plan.bytes <= problem.budget, "seed \(seed)")
            #expect(problem.isAdmissible(plan.choices), "seed \(seed)")
            #expect(plan.status == .optimal, "seed \(seed)")
            #expect(abs(plan.impact - expected) <= 1e-9 * expected, "seed \(seed)")
            #expect(plan.bound <= expected * (1 + 1e-12), "seed \(seed)")
        }
    }

    /// Applies restrictions; what to relax where they contradict each other.
    private func contradiction(
        of restrictions: [Restriction],
        on problem: inout AllocationProblem
    ) throws -> [String]? {
        do throws(AllocationError) {
            try problem.apply(restrictions)
            return nil
        } catch {
            guard case .contradiction(let relax, _) = error else { throw error }
            return relax
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
            var problem = try problem(seed: seed, combination: combination)
            if seed % 3 == 0 {
                let kind = Self.kinds.dropLast().randomElement(using: &generator) ?? "pin"
                guard (try? problem.apply([restriction(kind, for: problem, using: &generator)])) != nil else {
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
            // A little more than some plan's impact, so that rounding plays no part.
            let limit = any.impact * 1.0001
            let expected = impacts.filter { $0.impact <= limit }.map(\.bytes).min()
            let plan = try Allocator().smallestPlan(for: problem, maximumImpact: limit)
            #expect(plan.bytes == expected, "seed \(seed)")
            #expect(plan.impact <= limit, "seed \(seed)")
            #expect(plan.status == .optimal, "seed \(seed)")
            #expect(plan.bound == Double(plan.bytes), "seed \(seed)")
            let least = impacts.map(\.impact).min() ?? 0
            if least > 0 {
                #expect(throws: AllocationError.self, "seed \(seed)") {
                    try Allocator().smallestPlan(for: problem, maximumImpact: least * 0.999)
                }
            }
        }
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
            case .failure: #expect(throws: AllocationError.self) { try Allocator().plan(for: alone) }
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
        let error = #expect(throws: AllocationError.self) {
            try contradicting.apply([pinAll, floor, ceiling])
        }
        #expect(error == .contradiction(relax: ["--at-least first"], budget: nil))

        var tooLarge = task.problem
        try tooLarge.apply([pinAll, floor])
        #expect(throws: AllocationError.self) { try Allocator().plan(for: tooLarge) }
        #expect(
            task.problem.relaxation(of: [floor, pinAll], within: 9_000_000_000, allocator: Allocator())
                == ["--pin singles"]
        )
        // Below the smallest file no restriction is to blame.
        #expect(task.problem.relaxation(of: [floor], within: 6_000_000_000, allocator: Allocator()) == nil)
    }

    @Test("a pattern that matches no layer is an error that quotes it")
    func refusesIdlePatterns() throws {
        var problem = try fluxTask().problem
        let idle = Restriction(.tie(try Glob("block*")), description: "--tie block*")
        #expect(throws: AllocationError.patternMatchesNothing("--tie block*")) { try problem.apply([idle]) }
    }
}

/// How many random instances the tests try: more of them with PLAN_THOROUGH set.
enum Thoroughness {
    static func instances(_ usual: Int) -> Int {
        isThorough ? max(usual, 10_000) : usual
    }

    static let isThorough = environment("PLAN_THOROUGH") != nil
}
