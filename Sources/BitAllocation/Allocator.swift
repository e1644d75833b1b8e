import Dispatch
import IntegerProgramming
import Synchronization

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
    /// Told how far work that has several parts has come: the parts that are done, and all; from any thread.
    public var progress: @Sendable (_ done: Int, _ count: Int) -> Void = { _, _ in }

    /// Whether someone has asked for an end: what has not been begun is not begun any more.
    package var isStopped: Bool { shouldStop() || Task.isCancelled }

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

    /// Plans within the problem's budget: the least impact, and of the plans that have it (see ``SameImpact``) the smallest file.
    ///
    /// - Throws: ``AllocationError/infeasible(budget:smallestBytes:)`` where even the smallest plan is too large;
    ///   ``AllocationError/layerWithoutOptions(_:)``, ``AllocationError/overconstrained(budget:)`` where the restrictions leave
    ///   nothing; ``AllocationError/limitReached``; ``AllocationError/solverNotBuiltIn``.
    public func plan(for problem: AllocationProblem) throws(AllocationError) -> AllocationPlan {
        try requireSolver()
        return try ProblemSearch(problem, method: method).plan(within: problem.budget, clock: clock())
    }

    /// Plans within each of several budgets, in their order, preparing the problem once
    /// and searching on all cores.
    ///
    /// - Returns: A plan per budget, or why there is none: ``AllocationError/limitReached`` where an end was asked for before the
    ///   search began.
    public func plans(
        for problem: AllocationProblem,
        budgets: [Int]
    ) -> [Result<AllocationPlan, AllocationError>] {
        do throws(AllocationError) {
            try requireSolver()
        } catch {
            return budgets.map { _ in .failure(error) }
        }
        guard !budgets.isEmpty else { return [] }
        let search = ProblemSearch(problem, method: method)
        let results = Mutex([Result<AllocationPlan, AllocationError>?](repeating: nil, count: budgets.count))
        let doneCount = Atomic<Int>(0)
        // The budgets are independent of each other, and every search stays on its thread, as GLPK wants it.
        DispatchQueue.concurrentPerform(iterations: budgets.count) { index in
            let result: Result<AllocationPlan, AllocationError>
            do throws(AllocationError) {
                guard !isStopped else { throw .limitReached }
                result = .success(try search.plan(within: budgets[index], clock: clock()))
            } catch {
                result = .failure(error)
            }
            results.withLock { $0[index] = result }
            progress(doneCount.wrappingAdd(1, ordering: .relaxed).newValue, budgets.count)
        }
        return results.withLock { $0.compactMap(\.self) }
    }

    /// Finds the smallest plan with at most a combined impact; the problem's budget plays no part.
    ///
    /// - Throws: As ``plan(for:)``, and ``AllocationError/impactOutOfReach(_:least:)`` where no plan has so low an impact.
    public func smallestPlan(
        for problem: AllocationProblem,
        maximumImpact: Double
    ) throws(AllocationError) -> AllocationPlan {
        try requireSolver()
        guard maximumImpact >= 0, maximumImpact.isFinite else {
            throw .invalidProblem("the greatest impact must be a finite number that is not negative")
        }
        return try ProblemSearch(problem.countingAll, method: method).smallestPlan(
            maximumImpact: maximumImpact,
            clock: clock()
        )
    }

    private func clock() -> StopClock {
        StopClock(timeLimit: timeLimit, shouldStop: shouldStop)
    }

    private func requireSolver() throws(AllocationError) {
        guard method != .glpk || IntegerProgram.hasSolver else { throw .solverNotBuiltIn }
    }
}
