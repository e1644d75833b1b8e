/// What a search over one problem found: a choice per layer and what is proven about it.
struct SearchResult: Sendable {
    /// The index of the chosen option in the problem's columns, per layer.
    var choices: [Int]
    /// The combined impact.
    var impact: Double
    /// A proven lower limit on the combined impact.
    var bound: Double
    /// Whether the bound agrees with the impact.
    var isProven: Bool
    /// What found the choice.
    var solver: AllocationPlan.Solver
    /// States kept and nodes created.
    var nodeCount: Int
}

/// What a search can answer.
enum SearchAnswer {
    /// A choice that keeps to everything.
    case found(SearchResult)
    /// There is no such choice.
    case infeasible
    /// The search ended before it found one, and there may be one.
    case unknown
}

/// A search for the least impact within a budget, prepared for one problem.
protocol BudgetSearch: Sendable {
    /// The first layer that has no option left, or `nil`.
    var emptyLayer: Int? { get }
    /// The size of the smallest file that the search knows of no reason against, in bytes.
    var smallestBytes: Int { get }
    /// Finds the best choice within a budget.
    func search(within budget: Int, clock: StopClock) -> SearchAnswer
}
