public import BitAllocation

extension Allocator {
    /// Plans each of which is what the allocator makes within its own size, at budgets or a little below them.
    ///
    /// A best plan within a budget is the best within its own size, too. A search that ends without a proof may find another
    /// plan there, so its plans are searched again at their own sizes until they stay, or are left out.
    ///
    /// - Parameters:
    ///   - problem: The problem; its own budget plays no part.
    ///   - budgets: The budgets.
    /// - Returns: The plans, from the smallest; none is beaten by a smaller one.
    public func plansOfOwnSize(for problem: AllocationProblem, budgets: [Int]) -> [AllocationPlan] {
        var tried = Set(budgets)
        var open = budgets
        var found: [AllocationPlan] = []
        for _ in 0..<10 where !open.isEmpty {
            var next: Set<Int> = []
            for (budget, result) in zip(open, plans(for: problem, budgets: open)) {
                guard case .success(let plan) = result else { continue }
                if plan.bytes == budget {
                    found.append(plan)
                } else if tried.insert(plan.bytes).inserted {
                    next.insert(plan.bytes)
                }
            }
            open = next.sorted()
        }
        var kept: [AllocationPlan] = []
        var least = Double.infinity
        for plan in found.sorted(by: { $0.bytes < $1.bytes }) {
            if !SameImpact.isAsGood(least, as: plan.impact) { kept.append(plan) }
            least = min(least, plan.impact)
        }
        return kept
    }
}
