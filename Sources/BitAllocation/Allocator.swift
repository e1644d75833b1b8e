import IntegerProgramming

/// Chooses one option per layer: the least combined impact within the budget, and the proof of it.
///
/// Dominated options are dropped, the linear relaxation gives a bound and a greedy plan, reduced costs fix all but a small
/// core, a dynamic programme solves the core exactly, and GLPK solves it as an integer program as well. A plan is called
/// optimal only when the bound, computed without GLPK, agrees with it.
public struct Allocator: Sendable {
    /// What may be used to find a plan.
    public var method: AllocationMethod
    /// The time to spend on one plan; the best plan so far is returned when it is up.
    public var timeLimit: Duration
    /// Asked again and again while searching; `true` ends the search with the best plan so far, as cancelling the task does.
    public var shouldStop: @Sendable () -> Bool

    /// Creates an allocator.
    public init(
        method: AllocationMethod = .auto,
        timeLimit: Duration = .seconds(10),
        shouldStop: @escaping @Sendable () -> Bool = { false }
    ) {
        self.method = method
        self.timeLimit = timeLimit
        self.shouldStop = shouldStop
    }

    /// Plans within the problem's budget.
    ///
    /// - Throws: ``AllocationError/infeasible(budget:smallestBytes:)`` where even the smallest plan is too large;
    ///   ``AllocationError/solverNotBuiltIn``.
    public func plan(for problem: AllocationProblem) throws(AllocationError) -> AllocationPlan {
        let start = ContinuousClock.now
        guard method != .glpk || IntegerProgram.hasSolver else { throw .solverNotBuiltIn }
        let smallest = problem.smallestBytes
        guard smallest <= problem.budget else {
            throw .infeasible(budget: problem.budget, smallestBytes: smallest)
        }
        let clock = StopClock(timeLimit: timeLimit, shouldStop: shouldStop)
        var search = BudgetSearch(problem, method: method, clock: clock)
        return search.plan(since: start)
    }

    /// Plans within each of several budgets, in their order.
    ///
    /// - Returns: A plan per budget, or why there is none.
    public func plans(
        for problem: AllocationProblem,
        budgets: [Int]
    ) -> [Result<AllocationPlan, AllocationError>] {
        budgets.map { budget in
            var problem = problem
            problem.budget = budget
            do throws(AllocationError) {
                return .success(try plan(for: problem))
            } catch {
                return .failure(error)
            }
        }
    }
}
