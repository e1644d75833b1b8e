extension IntegerProgram {
    /// The most variables, constraints or coefficients a program may hold; GLPK counts them in 32-bit integers.
    public static let sizeLimit = 100_000_000

    /// Checks everything on which GLPK would end the process rather than return an error.
    ///
    /// GLPK prints and aborts on a bad index, a variable that stands twice in a row, or a coefficient that is not a
    /// number, some of them only deep in its search.
    ///
    /// - Throws: ``IntegerProgramError/invalidProgram(_:)`` naming the first variable or constraint that is wrong.
    public func validate() throws(IntegerProgramError) {
        guard !variables.isEmpty else {
            throw .invalidProgram("the program has no variables")
        }
        guard variables.count <= Self.sizeLimit, constraints.count <= Self.sizeLimit else {
            throw .invalidProgram("the program has more than \(Self.sizeLimit) variables or constraints")
        }
        for (index, variable) in variables.enumerated() {
            guard variable.cost.isFinite, variable.lowerBound.isFinite, variable.upperBound.isFinite else {
                throw .invalidProgram("variable \(index) has a cost or bound that is not a finite number")
            }
            guard variable.lowerBound <= variable.upperBound else {
                throw .invalidProgram("variable \(index) has a lower bound above its upper bound")
            }
            if variable.isInteger {
                guard variable.lowerBound.rounded() == variable.lowerBound,
                    variable.upperBound.rounded() == variable.upperBound
                else {
                    throw .invalidProgram("integer variable \(index) has a bound that is not a whole number")
                }
            }
        }
        var lastRow = [Int](repeating: -1, count: variables.count)
        var coefficients = 0
        for (row, constraint) in constraints.enumerated() {
            let lower = constraint.lowerBound
            let upper = constraint.upperBound
            guard lower?.isFinite ?? true, upper?.isFinite ?? true else {
                throw .invalidProgram("constraint \(row) has a bound that is not a finite number")
            }
            if let lower, let upper, lower > upper {
                throw .invalidProgram("constraint \(row) has a lower bound above its upper bound")
            }
            coefficients += constraint.terms.count
            for term in constraint.terms {
                guard variables.indices.contains(term.variable) else {
                    throw .invalidProgram(
                        "constraint \(row) names variable \(term.variable), which does not exist"
                    )
                }
                guard term.coefficient.isFinite else {
                    throw .invalidProgram("constraint \(row) has a coefficient that is not a finite number")
                }
                guard lastRow[term.variable] != row else {
                    throw .invalidProgram("constraint \(row) names variable \(term.variable) twice")
                }
                lastRow[term.variable] = row
            }
        }
        guard coefficients <= Self.sizeLimit else {
            throw .invalidProgram("the program has more than \(Self.sizeLimit) coefficients")
        }
    }
}
