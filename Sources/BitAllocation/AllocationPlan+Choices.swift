extension AllocationPlan {
    /// Creates a plan of choices that another search than the allocator's found.
    ///
    /// - Parameters:
    ///   - choices: The index of the chosen option in the problem's columns, per layer.
    ///   - problem: The problem.
    ///   - objective: What the plan minimises.
    ///   - bound: A proven lower limit on that.
    ///   - status: How much is known about the plan.
    ///   - solver: What found it.
    ///   - ending: Why the search ended.
    ///   - seconds: The time per token, where it is what the plan minimises.
    public init(
        choices: [Int],
        of problem: AllocationProblem,
        objective: Objective = .impact,
        bound: Double,
        status: Status,
        solver: Solver,
        ending: Ending,
        seconds: Double? = nil
    ) {
        self.init(
            choices: choices,
            bytes: problem.bytes(ofChoices: choices),
            impact: problem.impact(ofChoices: choices),
            objective: objective,
            bound: bound,
            status: status,
            solver: solver,
            ending: ending,
            nodeCount: 0,
            duration: .zero,
            seconds: seconds
        )
    }
}
