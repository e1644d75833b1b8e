public import BitAllocation

/// The question how many layers of the best plan of Table 3 would take another format under the root of the sum of squares than
/// under its author's rule.
public struct RuleComparison: Sendable {
    private let problem: AllocationProblem

    /// Asks it; nil where it does not arise, as the table is another or a rule was chosen, or where two plans take more than a moment.
    ///
    /// - Parameters:
    ///   - prepared: What was planned.
    ///   - planned: The plan.
    public init?(_ prepared: RestrictedTask, on planned: PlannedModel) {
        var problem = planned.card == nil ? prepared.task.problem : planned.task.problem
        problem.budget = planned.task.problem.budget
        guard prepared.rules.combination == nil, prepared.input.table.isTableThree,
            problem.formatLimit == nil,
            problem.secondBudget == nil
        else { return nil }
        self.problem = problem
    }

    /// Answers it by planning twice.
    ///
    /// - Parameter allocator: What searches.
    /// - Returns: The number of layers, or nil where a search ends without a plan.
    public func changedLayerCount(with allocator: Allocator) -> Int? {
        var other = problem
        other.combination = .rss
        guard let own = try? allocator.plan(for: problem), let rss = try? allocator.plan(for: other) else {
            return nil
        }
        return zip(own.choices, rss.choices).count { $0 != $1 }
    }
}
