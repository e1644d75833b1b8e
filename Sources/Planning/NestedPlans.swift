public import BitAllocation

extension Allocator {
    /// Plans within rising budgets such that no layer ever gets fewer bytes than in the plan before.
    ///
    /// The best plans at two budgets are not nested in general. Here every budget is solved with the options forbidden that
    /// are smaller than what the plan before took, so that a model can be grown in place; what that costs is the difference
    /// from the best plan of the same budget.
    ///
    /// - Parameters:
    ///   - problem: The problem; its budget plays no part.
    ///   - budgets: The budgets in any order.
    /// - Returns: A plan per budget, in the order the budgets were given, or why there is none.
    public func nestedPlans(
        for problem: AllocationProblem,
        budgets: [Int]
    ) -> [Result<AllocationPlan, AllocationError>] {
        var nested = problem
        var results: [Int: Result<AllocationPlan, AllocationError>] = [:]
        let sorted = Set(budgets).sorted()
        for (index, budget) in sorted.enumerated() {
            progress(index, sorted.count)
            nested.budget = budget
            do throws(AllocationError) {
                guard !isStopped else { throw .limitReached }
                let plan = try plan(for: nested)
                let floor = plan.choices.map { problem.optionBytes[$0] }
                nested.forbid { layer, option in problem.optionBytes[option] < floor[layer] }
                results[budget] = .success(plan)
            } catch {
                results[budget] = .failure(error)
            }
        }
        return budgets.map { results[$0] ?? .failure(.limitReached) }
    }
}
