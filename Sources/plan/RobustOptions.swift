import ArgumentParser
import BitAllocation
import Planning
import Recipes
import Reports
import Sensitivity

/// How far a plan holds if the measured sensitivities had come out otherwise within their ±.
struct RobustOptions: ParsableArguments {
    /// Which of the two plans is written down.
    enum Choice: String, CaseIterable, ExpressibleByArgument {
        case nominal
        case robust
    }

    @Option(
        help: ArgumentHelp(
            """
            Draws so many tables from the ± of Table 1, or from the standard errors of the table's cells, solves each, and says \
            which choices stand.
            """,
            valueName: "draws"
        )
    )
    var robust: Int?

    @Option(help: ArgumentHelp("The seed of the draws.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(
        help: """
            Which plan is taken: nominal (the best for the table as it stands) or robust (the least mean impact over the \
            draws; under sum of all plans, under rss and max of several that are tried).
            """
    )
    var choose: Choice?

    @Option(
        help: ArgumentHelp(
            "Where the table goes, as CSV, that the robust plan is the best of; plan check takes it as --impacts.",
            valueName: "file"
        )
    )
    var robustTable: String?

    func validate() throws {
        if let robustTable {
            guard choose == .robust else {
                throw ValidationError("--robust-table is the table of the robust plan; add --choose robust")
            }
            guard Destination(argument: robustTable) != .standardOutput else {
                throw ValidationError("--robust-table takes a file, as standard output has the plan")
            }
        }
        if let robust {
            guard (1...RobustnessStudy.drawLimit).contains(robust) else {
                throw ValidationError(
                    "--robust takes a number of draws from 1 to \(RobustnessStudy.drawLimit); 500 are a good start"
                )
            }
        } else if choose == .robust {
            throw ValidationError("--choose robust needs draws to choose by; add --robust 500")
        }
    }

    /// The options that shape a plan, as they would be typed: none where the nominal plan is taken.
    var arguments: [String] {
        guard let robust, choose == .robust else { return [] }
        return ["--robust", "\(robust)"] + (seed == 1 ? [] : ["--seed", "\(seed)"]) + ["--choose", "robust"]
    }

    /// Studies the plan, if that is asked for, and puts the robust one in its place, if that is asked for.
    ///
    /// A robust plan is the best of a table that stands for all draws, with its proof as always; so plan, task and
    /// table change together, and the recipe names that table, which is written to a file where one is given.
    func study(
        _ plan: inout AllocationPlan,
        _ task: inout PlanningTask,
        _ input: inout ModelOptions.Input,
        table: OutputFile?,
        allocator: Allocator
    ) throws -> RobustnessSummary? {
        guard let robust else { return nil }
        let problem = task.problem
        let uncertainty =
            try input.profile.map { try ImpactUncertainty(profile: $0, layers: problem.layerNames) }
            ?? ImpactUncertainty(table: input.table, problem: problem)
        guard let nominal = try study(of: plan, problem, uncertainty, drawCount: robust, allocator) else {
            Interruption.say("no draw was solved; this is the plan of the table as it stands")
            return nil
        }
        if nominal.drawCount < robust {
            Interruption.say("\(nominal.drawCount) of \(robust) draws were solved")
        }
        guard choose == .robust else {
            return RobustnessSummary(nominal, of: plan, for: task, uncertainty: uncertainty)
        }
        let nominalPlan = plan
        let robustPlan = try LongWork.run("the robust plan", with: allocator) { allocator in
            try RobustPlan(
                insteadOf: nominalPlan,
                studied: nominal,
                for: problem,
                uncertainty: uncertainty,
                allocator: allocator
            )
        }
        plan = robustPlan.plan
        if let name = robustPlan.tableName {
            task.problem = try problem.with(impacts: robustPlan.impacts)
            let impacts = RobustImpacts(robustPlan.impacts, insteadOf: problem)
            input.table = try input.table.replacingImpacts(
                name: "\(input.table.name), \(name) of \(nominal.drawCount) draws with seed \(seed)",
                impacts.impact
            )
        }
        try table?.write(input.table.csv())
        return RobustnessSummary(
            robustPlan.study,
            of: plan,
            for: task,
            uncertainty: uncertainty,
            comparedWith: ("the nominal plan", nominal)
        )
    }

    /// The plan over the draws; `nil` where Ctrl-C came before any was solved and the plan does not depend on them.
    private func study(
        of plan: AllocationPlan,
        _ problem: AllocationProblem,
        _ uncertainty: ImpactUncertainty,
        drawCount: Int,
        _ allocator: Allocator
    ) throws -> RobustnessStudy? {
        do {
            return try LongWork.run("the best plans of the draws", with: allocator) { allocator in
                try RobustnessStudy(
                    of: plan.choices,
                    for: problem,
                    uncertainty: uncertainty,
                    drawCount: drawCount,
                    seed: seed,
                    allocator: allocator
                )
            }
        } catch AllocationError.limitReached where Interruption.isRequested && choose != .robust {
            return nil
        }
    }
}
