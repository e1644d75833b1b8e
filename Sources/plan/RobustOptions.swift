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
            Draws this many tables within the measured errors (the ± of Table 1, or the standard errors of the cells), plans for \
            each, and says which choices stay the same. A share by which a whole table may be off changes no choice, so a table \
            without more, as of gradients and all rows, is refused.
            """,
            valueName: "draws"
        )
    )
    var robust: Int?

    @Option(help: ArgumentHelp("The seed of the draws. (default: 1)", valueName: "number"))
    var seed: UInt64?

    @Option(
        help: """
            Which plan is taken: nominal (the best for the table as it stands) or robust (the one with the least mean impact \
            over the draws: under sum the least of all plans, under rss and max the least of the few that are tried).
            """
    )
    var choose: Choice?

    @Option(
        help: ArgumentHelp(
            "Where to write the table for which the robust plan is the best, as CSV; plan check takes it as --impacts.",
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
        } else if seed != nil {
            throw ValidationError("--seed is that of the draws; add --robust 500, or leave --seed out")
        }
    }

    /// The seed of the draws: 1 where none is given.
    private var drawSeed: UInt64 { seed ?? 1 }

    /// The names of the options that were given, whether or not they shape the plan.
    var given: [String] {
        let named: [(String, Bool)] = [
            ("--robust", robust != nil), ("--seed", seed != nil), ("--choose", choose != nil),
            ("--robust-table", robustTable != nil),
        ]
        return named.filter(\.1).map(\.0)
    }

    /// The options that shape a plan, as they would be typed: none where the nominal plan is taken.
    var arguments: [String] {
        guard let robust, choose == .robust else { return [] }
        return ["--robust", "\(robust)"] + (drawSeed == 1 ? [] : ["--seed", "\(drawSeed)"]) + [
            "--choose", "robust",
        ]
    }

    /// Studies a plan, if that is asked for, and finds the robust one, if that is asked for; its table is written to a file where
    /// one is given.
    ///
    /// - Returns: The plan that is taken, and the study of it; nil where none was asked for, or none came to an end.
    func study(
        _ planned: PlannedModel,
        table: OutputFile?,
        allocator: Allocator
    ) throws -> (taken: PlannedModel, summary: RobustnessSummary)? {
        guard let robust else { return nil }
        let problem = planned.task.problem
        let uncertainty = try planned.uncertainty()
        guard let nominal = try study(of: planned.plan, problem, uncertainty, drawCount: robust, allocator)
        else {
            Interruption.say("no draw was solved; this is the plan of the table as it stands")
            return nil
        }
        if nominal.drawCount < robust {
            Interruption.say("\(nominal.drawCount) of \(robust) draws were solved")
        }
        guard choose == .robust else {
            return (
                planned,
                RobustnessSummary(nominal, of: planned.plan, for: planned.task, uncertainty: uncertainty)
            )
        }
        let robustPlan = try LongWork.run("the robust plan", with: allocator) { allocator in
            try RobustPlan(
                insteadOf: planned.plan,
                studied: nominal,
                for: problem,
                uncertainty: uncertainty,
                allocator: allocator
            )
        }
        let taken = try planned.replaced(by: robustPlan)
        try table?.write(MarkedTable(taken.input.table).text, isAnswer: false)
        let summary = RobustnessSummary(
            robustPlan.study,
            of: taken.plan,
            for: taken.task,
            uncertainty: uncertainty,
            comparedWith: ("the nominal plan", nominal)
        )
        return (taken, summary)
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
                    seed: drawSeed,
                    allocator: allocator
                )
            }
        } catch AllocationError.limitReached where Interruption.isRequested && choose != .robust {
            return nil
        }
    }
}
