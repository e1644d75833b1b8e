#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension IntegerProgram {
    /// Whether programs can be solved: not where this was built without the trait `GLPK`, and not where the environment variable
    /// `PLAN_IGNORE_GLPK` is set to anything but `0`, with which a build that has GLPK does as one that has not.
    public static let hasSolver: Bool = {
        #if GLPK
            guard let text = unsafe getenv("PLAN_IGNORE_GLPK") else { return true }
            return unsafe strcmp(text, "0") == 0
        #else
            return false
        #endif
    }()

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
            guard Self.hasSolver else { throw .solverNotBuiltIn }
            return try solveWithGLPK(options)
        #else
            throw .solverNotBuiltIn
        #endif
    }
}
