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
            that the same input has the same plan; most machines take less.
            """,
            valueName: "seconds"
        )
    )
    var timeLimit = 10.0

    func validate() throws {
        guard timeLimit > 0, timeLimit <= 1_000_000 else {
            throw ValidationError("--time-limit takes a number of seconds above 0 and up to 1000000")
        }
    }

    /// An allocator that Ctrl-C ends early.
    var allocator: Allocator {
        Allocator(method: solver, timeLimit: .seconds(timeLimit)) { Interruption.isRequested }
    }

    /// The options that shape a plan, as they would be typed; defaults are left out.
    var arguments: [String] {
        solver == .auto ? [] : ["--solver", solver.rawValue]
    }
}
