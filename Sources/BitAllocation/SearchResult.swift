/// What a search over one problem found: a choice per layer and what is proven about it.
struct SearchResult: Sendable {
    /// The index of the chosen option in the problem's columns, per layer.
    var choices: [Int]
    /// The combined impact.
    var impact: Double
    /// A proven lower limit on the combined impact.
    var bound: Double
    /// The impact of the plan whose place a smaller file took that is as good, or `nil`.
    var replaced: Double?
    /// What decides between plans of one impact and size: under a maximum the sum, else 0.
    var tieBreak = 0.0
    /// A proven lower limit on that for plans whose impact is the bound.
    var tieBreakBound = 0.0
    /// Whether the bound agrees with the impact.
    var isProven: Bool
    /// What found the choice.
    var solver: AllocationPlan.Solver
    /// States kept and nodes created.
    var nodeCount: Int
}

extension SearchResult {
    /// Whether the result is better than another, in impact or, at one impact, in what decides then.
    func isBetter(than other: SearchResult?) -> Bool {
        guard let other else { return true }
        return (impact, tieBreak) < (other.impact, other.tieBreak)
    }

    /// Whether no plan that the bounds allow could be better than another result.
    func cannotBeat(_ other: SearchResult) -> Bool {
        (bound, tieBreakBound) >= (other.impact, other.tieBreak)
    }
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

/// What a search is for.
enum SearchGoal {
    /// The least impact, whatever the size.
    case least
    /// The smallest file among those of the least impact.
    case smallestOfLeast
    /// The least impact where only one below this matters: the search may end once a bound reaches it.
    case leastBelow(Double)
    /// The smallest file with at most this impact, for searches that find smallest files.
    case smallest(maximumImpact: Double)
    /// Whether some choice has at most this impact: the search ends as soon as it has one, or a bound above it.
    case target(Double)

    /// The impact that is asked for, where only that matters.
    var target: Double? {
        if case .target(let impact) = self { impact } else { nil }
    }

    /// The impact from which on plans do not matter.
    var cutoff: Double? {
        if case .leastBelow(let impact) = self { impact } else { nil }
    }
}

/// A search for the least impact within a budget, prepared for one problem.
protocol BudgetSearch: Sendable {
    /// The first layer that has no option left, or `nil`.
    var emptyLayer: Int? { get }
    /// The size of the smallest file that the search knows of no reason against, in bytes.
    var smallestBytes: Int { get }
    /// Finds the best choice within a budget.
    ///
    /// - Parameters:
    ///   - budget: The most bytes of the file.
    ///   - goal: What is asked for. A search that cannot look for the smallest file itself takes the least impact for an answer,
    ///     and says so with ``findsSmallest``.
    ///   - clock: When to stop.
    /// - Returns: The choice, or why there is none.
    func search(within budget: Int, goal: SearchGoal, clock: StopClock) -> SearchAnswer
    /// Whether the search finds the smallest file among those of the least impact by itself.
    var findsSmallest: Bool { get }
    /// Whether any choice keeps to a budget and everything else, or `nil` where that was not found out in time.
    func isFeasible(within budget: Int, clock: StopClock) -> Bool?
}
