import BitAllocation
import Sensitivity

extension PlannedModel {
    /// By how much the impacts may be off: the ± of Table 1 where that came with the table, else the standard errors of its
    /// cells.
    ///
    /// - Returns: What can be drawn.
    /// - Throws: ``PlanningError/noSpread(table:)`` where neither says it, and ``PlanningError/commonSpread(table:share:)`` where only a
    ///   factor for the whole table is known.
    public func uncertainty() throws(PlanningError) -> ImpactUncertainty {
        if let profile = input.profile {
            return try ImpactUncertainty(profile: profile, layers: task.problem.layerNames)
        }
        return try ImpactUncertainty(table: input.table, problem: task.problem)
    }

    /// A robust plan in the place of this one.
    ///
    /// A robust plan is the best of a table that stands for all draws, with its proof as always; so plan, task and table change
    /// together, and the recipe names that table.
    ///
    /// - Parameter robust: The robust plan, found for this plan's task.
    /// - Returns: The robust plan with what it takes to make a recipe of it.
    /// - Throws: `AllocationError` and `SensitivityError` where the impacts cannot be those of a table.
    public func replaced(by robust: RobustPlan) throws -> PlannedModel {
        var (input, task) = (input, task)
        if let name = robust.tableName {
            let impacts = RobustImpacts(robust.impacts, insteadOf: task.problem)
            task.problem = try task.problem.with(impacts: robust.impacts)
            let draws = "\(robust.study.drawCount) draws with seed \(robust.study.seed)"
            input.table = try input.table.replacingImpacts(
                name: "\(input.table.name), \(name) of \(draws)",
                impacts.impact
            )
        }
        return PlannedModel(
            origin: origin,
            goal: goal,
            input: input,
            task: task,
            plan: robust.plan,
            card: card,
            devices: devices
        )
    }
}
