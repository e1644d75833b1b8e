import IntegerProgramming
import TestSupport
import Testing

@Suite struct IntegerProgramTests {
    /// A knapsack with few binaries, whose optimum is found by trying every subset.
    private func knapsack(seed: Int) -> (program: IntegerProgram, best: Double) {
        var generator = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...9, using: &generator)
        let costs = (0..<count).map { _ in Double(Int.random(in: -50...10, using: &generator)) }
        let weights = (0..<count).map { _ in Int.random(in: 0...30, using: &generator) }
        let capacity = Int.random(in: 0...80, using: &generator)
        var program = IntegerProgram()
        var terms: [IntegerProgram.Term] = []
        for index in 0..<count {
            terms.append(.init(Double(weights[index]), program.addVariable(cost: costs[index])))
        }
        program.addConstraint(terms, upperBound: Double(capacity))
        var best = 0.0
        for subset in 0..<(1 << count) {
            let members = (0..<count).filter { subset >> $0 & 1 == 1 }
            if members.reduce(0, { $0 + weights[$1] }) <= capacity {
                best = min(best, members.reduce(0) { $0 + costs[$1] })
            }
        }
        return (program, best)
    }

    @Test(
        "a solve agrees with trying every subset",
        .enabled(if: IntegerProgram.hasSolver),
        arguments: 0..<200
    )
    func agreesWithSubsets(seed: Int) throws {
        let (program, best) = knapsack(seed: seed)
        let solution = try program.solve()
        #expect(solution.termination == .optimal)
        #expect(solution.objective == best)
    }

    @Test(
        "64 programs are solved side by side, each on its own thread",
        .enabled(if: IntegerProgram.hasSolver)
    )
    func solvesSideBySide() async throws {
        try await withThrowingTaskGroup(of: (Double?, Double).self) { group in
            for seed in 1000..<1064 {
                let (program, best) = knapsack(seed: seed)
                group.addTask { (try program.solve().objective, best) }
            }
            for try await (found, best) in group {
                #expect(found == best)
            }
        }
    }

    @Test("contradicting constraints are infeasible, not an error", .enabled(if: IntegerProgram.hasSolver))
    func reportsInfeasible() throws {
        var program = IntegerProgram()
        let variable = program.addVariable(cost: 1)
        program.addConstraint([.init(2, variable)], lowerBound: 1, upperBound: 1)
        let solution = try program.solve()
        #expect(solution.termination == .infeasible)
        #expect(solution.values == nil)
    }

    @Test("a caller who asks to stop is obeyed", .enabled(if: IntegerProgram.hasSolver))
    func stopsWhenAsked() throws {
        // Equal costs and even weights against an odd capacity: branch and bound cannot close this without cuts, and the
        // bound of the relaxation is never reached.
        var program = IntegerProgram()
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<4 {
            var terms: [IntegerProgram.Term] = []
            for index in 0..<60 {
                if program.variables.count <= index { program.addVariable(cost: -1) }
                terms.append(.init(Double(Int.random(in: 1...1000, using: &generator) * 2), index))
            }
            program.addConstraint(terms, upperBound: 20_001)
        }
        let solution = try program.solve(SolveOptions(timeLimit: .seconds(60)) { true })
        #expect([.stopped, .optimal].contains(solution.termination))
    }

    @Test(
        "a number that GLPK would abort on is refused before it gets there",
        arguments: [Double.nan, .infinity, -.infinity]
    )
    func refusesBadNumbers(number: Double) {
        var cost = IntegerProgram()
        cost.addVariable(cost: number)
        #expect(
            throws: IntegerProgramError.invalidProgram(
                "variable 0 has a cost or bound that is not a finite number"
            )
        ) { try cost.validate() }

        var coefficient = IntegerProgram()
        let variable = coefficient.addVariable(cost: 1)
        coefficient.addConstraint([.init(number, variable)], upperBound: 1)
        #expect(
            throws: IntegerProgramError.invalidProgram(
                "constraint 0 has a coefficient that is not a finite number"
            )
        ) { try coefficient.validate() }

        var bound = IntegerProgram()
        bound.addConstraint([.init(1, bound.addVariable(cost: 1))], upperBound: number)
        #expect(
            throws: IntegerProgramError.invalidProgram("constraint 0 has a bound that is not a finite number")
        ) { try bound.validate() }
    }

    @Test("indices, duplicates and bounds that GLPK would abort on are refused")
    func refusesBadStructure() {
        #expect(throws: IntegerProgramError.invalidProgram("the program has no variables")) {
            try IntegerProgram().validate()
        }
        var missing = IntegerProgram()
        missing.addVariable(cost: 1)
        missing.addConstraint([.init(1, 1)], upperBound: 1)
        #expect(
            throws: IntegerProgramError.invalidProgram(
                "constraint 0 names variable 1, which does not exist"
            )
        ) { try missing.validate() }

        var twice = IntegerProgram()
        twice.addVariable(cost: 1)
        twice.addConstraint([.init(1, 0), .init(2, 0)], upperBound: 1)
        #expect(throws: IntegerProgramError.invalidProgram("constraint 0 names variable 0 twice")) {
            try twice.validate()
        }

        var fraction = IntegerProgram()
        fraction.addVariable(cost: 1, upperBound: 1.5)
        #expect(
            throws: IntegerProgramError.invalidProgram(
                "integer variable 0 has a bound that is not a whole number"
            )
        ) { try fraction.validate() }

        var crossed = IntegerProgram()
        crossed.addVariable(cost: 1, lowerBound: 2, upperBound: 1)
        #expect(
            throws: IntegerProgramError.invalidProgram("variable 0 has a lower bound above its upper bound")
        ) { try crossed.validate() }
    }

    @Test("a build without a solver says so", .enabled(if: !IntegerProgram.hasSolver))
    func saysThatItHasNoSolver() {
        var program = IntegerProgram()
        program.addVariable(cost: 1)
        #expect(throws: IntegerProgramError.solverNotBuiltIn) { try program.solve() }
    }
}
