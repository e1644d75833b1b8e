import IntegerProgramming

/// A core as an integer program: one binary per alternative, at most one per unit, and the bytes within the slack.
struct CoreProgram {
    /// What GLPK made of the core.
    struct Answer {
        /// The alternatives that its plan takes, or `nil` where it found none.
        var taken: [(unit: Int32, candidate: Int32)]?
        /// The nodes it created.
        var nodeCount: Int
    }

    private let core: Core
    private let program: IntegerProgram

    init(_ core: Core, slack: Int) {
        self.core = core
        var program = IntegerProgram()
        // In units of the common divisor the sizes are small whole numbers, which doubles hold exactly.
        let unit = max(1, core.alternatives.reduce(0) { greatestCommonDivisor($0, abs($1.weight)) })
        var bytes: [IntegerProgram.Term] = []
        for place in core.units.indices {
            var own: [IntegerProgram.Term] = []
            for alternative in core.alternatives(ofPlace: place) {
                let variable = program.addVariable(cost: alternative.cost)
                own.append(IntegerProgram.Term(1, variable))
                bytes.append(IntegerProgram.Term(Double(alternative.weight / unit), variable))
            }
            if own.count > 1 {
                program.addConstraint(own, upperBound: 1)
            }
        }
        program.addConstraint(bytes, upperBound: Double(slack / unit))
        self.program = program
    }

    /// Solves the program; `nil` where this build has no solver or the solver failed.
    func solve(_ options: SolveOptions) -> Answer? {
        guard IntegerProgram.hasSolver else { return nil }
        let solution: IntegerProgramSolution
        do {
            solution = try program.solve(options)
        } catch {
            // The plan of the dynamic programme stands; a solver that fails only leaves it unconfirmed.
            return nil
        }
        guard let values = solution.values else { return Answer(taken: nil, nodeCount: solution.nodeCount) }
        var taken: [(unit: Int32, candidate: Int32)] = []
        for place in core.units.indices {
            for index in Int(core.first[place])..<Int(core.first[place + 1]) where values[index] > 0.5 {
                taken.append((core.units[place], core.alternatives[index].candidate))
            }
        }
        return Answer(taken: taken, nodeCount: solution.nodeCount)
    }
}
