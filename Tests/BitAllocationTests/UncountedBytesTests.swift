import BitAllocation
import TestSupport
import Testing

/// Budgets that do not count every byte of the file.
@Suite struct UncountedBytesTests {
    /// A small problem with all but the rule it has restrictions of, some of whose bytes no budget counts.
    private func problem(seed: Int) throws -> AllocationProblem {
        let combination = ImpactCombination.allCases[seed % 3]
        var problem = try randomProblem(seed: seed, combination: combination, layerLimit: 5, optionLimit: 4)
        var generator = SeededGenerator(seed: seed &+ 1_000_000)
        var uncounted = problem.optionBytes.map { _ in 0 }
        for layer in 0..<problem.layerCount where Int.random(in: 0..<2, using: &generator) == 0 {
            let isWhole = Bool.random(using: &generator)
            for option in problem.options(ofLayer: layer) {
                let bytes = problem.optionBytes[option]
                uncounted[option] = isWhole ? bytes : Int.random(in: 0...bytes, using: &generator)
            }
        }
        try problem.leaveUncounted(uncounted)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: problem.formatLimit = Int.random(in: 1...4, using: &generator)
        case 1:
            try problem.setSecondBudget(
                SecondBudget(
                    cost: problem.optionBytes.map { _ in Double.random(in: 0...1, using: &generator) },
                    limit: Double(problem.layerCount) * Double.random(in: 0.3...1, using: &generator)
                )
            )
        case 2: problem.tie([0, problem.layerCount - 1])
        default: break
        }
        return problem
    }

    @Test("the plan is the best of those whose counted bytes fit", arguments: 0..<400)
    func agreesWithExhaustiveSearch(seed: Int) throws {
        let problem = try problem(seed: seed)
        var least = Double.infinity
        forEachChoice(of: problem) { choices in
            let counted = problem.bytes(ofChoices: choices) - problem.uncountedBytes(ofChoices: choices)
            if counted <= problem.budget, problem.isAdmissible(choices) {
                least = min(least, problem.impact(ofChoices: choices))
            }
        }
        do {
            let plan = try Allocator().plan(for: problem)
            #expect(plan.status == .optimal)
            #expect(plan.impact <= least * (1 + 2e-9))
            #expect(plan.bytes == problem.bytes(ofChoices: plan.choices))
            #expect(plan.bytes - problem.uncountedBytes(ofChoices: plan.choices) <= problem.budget)
            #expect(problem.isAdmissible(plan.choices))
        } catch {
            #expect(least == .infinity, "\(error)")
        }
    }

    @Test("of layers whose bytes do not count, the smallest option of the least impact is taken")
    func takesTheSmallest() throws {
        var problem = try AllocationProblem(
            layers: [
                .init(
                    name: "a",
                    options: [
                        .init(format: "F0", bytes: 30, impact: 0), .init(format: "F1", bytes: 20, impact: 0),
                        .init(format: "F2", bytes: 10, impact: 1),
                    ]
                ),
                .init(
                    name: "b",
                    options: [
                        .init(format: "F1", bytes: 20, impact: 0), .init(format: "F2", bytes: 10, impact: 1),
                    ]
                ),
            ],
            budget: 20
        )
        try problem.leaveUncounted([30, 20, 10, 0, 0])
        let plan = try Allocator().plan(for: problem)
        #expect(plan.impact == 0)
        #expect(plan.choices == [1, 3])
        #expect(plan.bytes == 40)
        // What may not be chosen because of bytes that count is another matter for a file that has to be small as a whole.
        #expect(try Allocator().smallestPlan(for: problem, maximumImpact: 1).bytes == 30)
        let more = AllocationError.invalidProblem("what the budget does not count is more than there is")
        #expect(throws: more) { try problem.leaveUncounted([31, 0, 0, 0, 0]) }
        #expect(throws: more) { try problem.leaveUncounted([1]) }
    }
}
