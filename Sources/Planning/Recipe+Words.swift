public import BitAllocation
public import Recipes

// The recipe's words are its own, so that reading one needs no solver: here they meet those of the allocator.

extension Recipe.Impact.Rule {
    /// The rule as a recipe names it.
    public init(_ combination: ImpactCombination) {
        switch combination {
        case .sum: self = .sum
        case .rss: self = .rss
        case .max: self = .max
        }
    }
}

extension ImpactCombination {
    /// The rule that a recipe names.
    public init(_ rule: Recipe.Impact.Rule) {
        switch rule {
        case .sum: self = .sum
        case .rss: self = .rss
        case .max: self = .max
        }
    }
}

extension Recipe.Proof.Solver {
    /// The solver as a recipe names it.
    public init(_ solver: AllocationPlan.Solver) {
        switch solver {
        case .glpk: self = .glpk
        case .dominance: self = .dominance
        case .greedy: self = .greedy
        }
    }
}

extension Recipe.Proof.Status {
    /// The status as a recipe names it.
    public init(_ status: AllocationPlan.Status) {
        switch status {
        case .optimal: self = .optimal
        case .feasible: self = .feasible
        }
    }
}

extension Recipe.Proof.Objective {
    /// The objective as a recipe names it.
    public init(_ objective: AllocationPlan.Objective) {
        switch objective {
        case .impact: self = .impact
        case .bytes: self = .bytes
        case .time: self = .time
        }
    }
}
