import ArgumentParser
import BitAllocation

/// How to search for a plan.
struct SolverOptions: ParsableArguments {
    @Option(
        help: """
            What finds the plan: auto (a dynamic programme proves it, and GLPK solves it too where that is quick), glpk \
            (GLPK, until --time-limit), or greedy (fast, with a stated gap).
            """
    )
    var solver = AllocationMethod.auto

    @Option(
        help: ArgumentHelp(
            """
            Seconds to spend on one plan; after that the best so far is taken. On several devices they stand for a number of steps, so \
            that the same input has the same plan; most machines take less. (default: 10.0)
            """,
            valueName: "seconds"
        )
    )
    var timeLimit: Double?

    func validate() throws {
        if let timeLimit, !(timeLimit > 0 && timeLimit <= 1_000_000) {
            throw ValidationError("--time-limit takes a number of seconds above 0 and up to 1000000")
        }
    }

    /// An allocator that Ctrl-C ends early.
    var allocator: Allocator {
        Allocator(method: solver, timeLimit: .seconds(timeLimit ?? 10)) { Interruption.isRequested }
    }

    /// The names of the options that were given, whether or not a recipe records them; a default that is typed is not told from one
    /// that is not.
    var given: [String] {
        (solver == .auto ? [] : ["--solver"]) + (timeLimit == nil ? [] : ["--time-limit"])
    }

    /// The options that shape a plan, as they would be typed; defaults are left out.
    var arguments: [String] {
        solver == .auto ? [] : ["--solver", solver.rawValue]
    }
}
