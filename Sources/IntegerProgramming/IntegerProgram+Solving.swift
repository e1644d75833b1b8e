extension IntegerProgram {
    /// Whether this build can solve programs: `false` where it was built without the trait `GLPK`.
    public static var hasSolver: Bool {
        #if GLPK
            true
        #else
            false
        #endif
    }

    /// Minimises the objective with GLPK's branch-and-cut optimizer, on the calling thread.
    ///
    /// The objective is scaled so that its largest coefficient is 1e6: GLPK's tolerances are absolute, and with small
    /// coefficients it has been seen to call a plan optimal that was 7 % worse than another.
    ///
    /// - Throws: ``IntegerProgramError``.
    public func solve(_ options: SolveOptions = SolveOptions()) throws(IntegerProgramError)
        -> IntegerProgramSolution
    {
        try validate()
        #if GLPK
            return try solveWithGLPK(options)
        #else
            throw .solverNotBuiltIn
        #endif
    }
}
