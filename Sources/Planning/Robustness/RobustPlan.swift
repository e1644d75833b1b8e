public import BitAllocation

/// The plan with the least mean impact over drawn tables, or the best of several tries at it.
///
/// Under `sum` the mean impact of a plan is the sum of its layers' mean impacts, as the mean of linear costs is a linear
/// cost; so the best plan of the mean table has the least mean impact of all plans, and its proof is that plan's.
///
/// Under `rss` and `max` no table stands for the draws, as the mean of a root or of a maximum is not linear. The best
/// plans of several tables are compared by their mean impact over the draws, and the least is taken:
///
/// 1. the table as it stands, so that the result is never worse than the nominal plan;
/// 2. the mean table;
/// 3. for `rss` the table of root mean squares, whose best plan has the least root mean square over the draws of all
///    plans, as the mean of *squares* is linear;
/// 4. for `max` tables of the mean and 0.5, 1, 1.5, 2 and 3 standard deviations: the maximum of many impacts lies above
///    the largest mean, and a layer with a wide spread pushes it up more than one with a narrow spread.
///
/// How far such a plan can be from the best is bounded by ``RobustnessStudy/leastMeanImpact``.
public struct RobustPlan: Sendable {
    /// The plan, with its impact and proof on the table that it is the best for.
    public let plan: AllocationPlan
    /// The impacts of that table, one per option of the problem.
    public let impacts: [Double]
    /// What that table is, in words; nil for the table as it stands.
    public let tableName: String?
    /// The plan over the draws.
    public let study: RobustnessStudy

    /// Finds the plan.
    ///
    /// - Parameters:
    ///   - nominal: The best plan of the table as it stands.
    ///   - study: That plan over the draws.
    ///   - problem: The problem.
    ///   - uncertainty: What was drawn.
    ///   - allocator: What solves.
    /// - Throws: `AllocationError`, as `Allocator.plan(for:)` and ``RobustnessStudy/study(of:for:uncertainty:)``.
    public init(
        insteadOf nominal: AllocationPlan,
        studied study: RobustnessStudy,
        for problem: AllocationProblem,
        uncertainty: ImpactUncertainty,
        allocator: Allocator
    ) throws(AllocationError) {
        let (mean, rootMeanSquare) = uncertainty.moments(
            draws: study.solvedDraws,
            seed: study.seed,
            of: problem
        )
        var tables: [(name: String, impacts: [Double])] = [("mean", mean)]
        switch problem.combination {
        case .sum: break
        case .rss: tables.append(("root mean square", rootMeanSquare))
        case .max:
            let deviations = zip(mean, rootMeanSquare).map { max(0, $1 * $1 - $0 * $0).squareRoot() }
            for count in [0.5, 1, 1.5, 2, 3] {
                tables.append(
                    ("mean + \(count) standard deviations", zip(mean, deviations).map { $0 + count * $1 })
                )
            }
        }
        var best = (plan: nominal, impacts: problem.optionImpact, name: String?.none, study: study)
        for table in tables {
            let plan = try allocator.plan(for: problem.with(impacts: table.impacts))
            let other = try study.study(of: plan.choices, for: problem, uncertainty: uncertainty)
            // Under sum the mean table's plan is the answer, and a rounding must not keep it from being named.
            guard problem.combination == .sum || other.impact.mean < best.study.impact.mean else { continue }
            best = (plan, table.impacts, table.name, other)
        }
        plan = best.plan
        impacts = best.impacts
        tableName = best.name
        self.study = best.study
    }
}
