import BitAllocation
import Checkpoints
import Converters
import Planning
import Recipes
import Reports
import Runtimes
import Sensitivity
import Text

/// One plan that the options of a command ask for, and how it is found.
struct PlanRequest {
    /// The budget or the most combined impact; neither where a card is the limit.
    let limits: LimitOptions
    /// What the plan is made of; the card's memory is the limit, if one was named.
    let options: PlanningOptions
    let robust: RobustOptions
    /// The importance matrix that the file will be made with; nil for what the table says of it.
    var importance: ConverterImportance?
    /// The devices that layers are put on, where the command has them.
    var devices: DeviceOptions?

    /// What was found.
    struct Answer {
        /// The plan, which is the robust one where that was chosen.
        let planned: PlannedModel
        let recipe: Recipe
        let summary: PlanSummary
        let robustness: RobustnessSummary?

        /// The model and the table, which is the robust plan's own where that was chosen.
        var input: PlanningInput { planned.input }

        /// The command that runs a finished file on the card, or nil where there is none.
        ///
        /// - Throws: What the model's metadata lack.
        func runLine(_ path: String) throws -> String? {
            guard let words = try planned.command(modelPath: path) else { return nil }
            let typed = Self.typed(words, path: path)
            guard planned.card?.memory.runtime == .stableDiffusionCpp else {
                return "Run     " + typed.joined(separator: " ")
            }
            // Its other models are files that only the user knows.
            return "Run     \(typed[0]) with the model's text encoders and VAE, a prompt, and these options: "
                + typed.dropFirst().joined(separator: " ")
        }

        /// The words of a command that runs a file, as they are typed.
        static func typed(_ words: [String], path: String) -> [String] {
            words.map { $0 == path ? ShellText.path($0) : $0.hasPrefix("-") ? $0 : ShellText.word($0) }
        }

        /// Says what the user should know about a search that ended without a proof.
        func sayHowItEnded() { Self.sayHowItEnded(planned.plan.ending) }

        /// Says what the user should know about a search that ended without a proof.
        static func sayHowItEnded(_ ending: AllocationPlan.Ending) {
            switch ending {
            case .proven, .greedyOnly: break
            case .stopped: Interruption.say("this is the best plan so far")
            case .timeLimit:
                Console.note(
                    "the time limit, or the work that it stands for, was used up: this is the best plan so far; give more with --time-limit"
                )
            case .stateLimit:
                Console.note("the search used up the states it may hold: this is the best plan it found")
            }
        }
    }

    /// Refuses limits that say nothing, or too much.
    ///
    /// - Throws: ``Failure`` for usage.
    func checkUsage() throws {
        var problem: String?
        let hasDevices = devices?.device.isEmpty == false
        try options.card.check(hasDevices: hasDevices)
        try devices?.check()
        if hasDevices, budget != nil || options.card.card != nil {
            problem = "--device takes the place of --budget and --card; leave them out"
        } else if hasDevices, maxImpact != nil, devices?.minSpeed != nil {
            problem = "give --min-speed for the least impact or --max-impact for the fastest plan, not both"
        } else if hasDevices, robust.robust != nil {
            problem = "--robust studies plans within a budget; leave --device out"
        } else if !hasDevices,
            [budget != nil, maxImpact != nil, options.card.card != nil].count(where: \.self) != 1
        {
            problem = """
                give one of --budget, such as --budget 9GB, --card, such as --card 24GiB, and --max-impact, such as \
                --max-impact 2.5
                """
        } else if let maxImpact, !(maxImpact >= 0 && maxImpact.isFinite) {
            problem = "--max-impact takes a finite number that is not negative"
        } else if maxImpact != nil, robust.robust != nil {
            problem = "--robust studies plans within a budget; leave --max-impact out"
        }
        if let problem { throw Failure(code: Failure.usage, message: problem) }
        _ = try budget.map(Budget.init(parsing:))
    }

    private var budget: String? { limits.budget }
    private var maxImpact: Double? { limits.maxImpact }

    /// The limit as a part of a file's name.
    var limitText: String {
        if let devices, !devices.device.isEmpty { return devices.limitText }
        return budget ?? options.card.card.map { "card-\($0)" } ?? "impact-\((maxImpact ?? 0).description)"
    }

    /// The model and the table, joined and kept to the restrictions.
    ///
    /// - Parameter reading: The table of `--impacts`, where it was read already.
    /// - Returns: The task.
    /// - Throws: ``Failure``, and what the modules throw.
    func prepared(reading: ImpactTableReading? = nil) throws -> RestrictedTask {
        try options.prepared(importance: importance, reading: reading)
    }

    /// What the limits ask for.
    ///
    /// - Parameter hasRemarks: Whether it is remarked where a card may have more memory than was said.
    /// - Returns: The goal.
    /// - Throws: ``Failure`` and `PlanningError` for limits that cannot be read.
    func goal(withRemarks hasRemarks: Bool = true) throws -> Goal {
        if let devices = try devices?.devices(), !devices.isEmpty {
            return .devices(devices, deviceGoal, try options.card.request(bytes: 0))
        }
        if let request = try options.card.request(withRemarks: hasRemarks) { return .card(request) }
        if let budget { return .budget(try Budget(parsing: budget)) }
        return .impact(maxImpact ?? 0)
    }

    /// What a plan on devices is to be.
    var deviceGoal: DeviceGoal {
        maxImpact.map { .fastest(maximumImpact: $0) } ?? .leastImpact(minimumSpeed: devices?.minSpeed)
    }

    /// Finds the plan.
    ///
    /// - Parameters:
    ///   - prepared: What ``prepared()`` gave.
    ///   - table: Where the table of a robust plan goes.
    ///   - showsMixes: Whether the summary has the mixes of llama.cpp beside the plan.
    /// - Returns: The plan as a recipe, and a summary of it.
    /// - Throws: ``Failure`` where no plan fits, and what the modules throw.
    func answer(_ prepared: RestrictedTask, table: OutputFile?, showsMixes: Bool) throws -> Answer {
        let allocator = options.solver.allocator
        let goal = try goal()
        switch goal {
        case .card(let request), .devices(_, _, let request): prepared.sayNotes(request)
        case .budget, .impact: break
        }
        let found = try prepared.showPlan(for: goal, with: allocator)
        let study = try robust.study(found, table: table, allocator: allocator)
        let planned = study?.taken ?? found
        let recipe = try planned.recipe(by: .init(version: PlanCommand.version, arguments: arguments))
        let (plan, task) = (planned.plan, planned.task)
        if let note = GrownLayers(plan, for: task, of: planned.input.model).note {
            Console.note(
                options.model.allowRequantize ? note : note + "; --allow-requantize lets no layer grow"
            )
        }
        let copied = CopiedLayers(recipe, of: planned.input.model, by: planned.origin.rules.converter)
        if let note = copied.note { Console.note(note) }
        let (card, devices) = (planned.card, planned.devices)
        if let note = devices.flatMap({ DeviceSummary($0).note }) { Console.note(note) }
        // On devices nothing but the plan itself is shown; where a card moves layers, mixes of the same size do not compare.
        let mixes =
            showsMixes && devices == nil && card?.movesLayers(of: task) != true
            ? mixes(prepared, beside: plan) : nil
        let summary = PlanSummary(
            plan,
            for: card == nil ? task : shown(prepared.task, within: planned.fileLimit),
            modelName: planned.input.model.name,
            parameters: planned.input.model.parameters,
            maximumImpact: maxImpact,
            sizeNote: prepared.file?.note,
            mixes: mixes,
            table: TableLine(
                planned.input.table,
                combination: task.problem.combination,
                changedLayers: devices == nil
                    ? changedByRSS(prepared, on: planned, with: allocator) : nil,
                of: task.problem.layerNames.count
            ),
            card: card.map { CardSummary($0, plan: plan, for: task) },
            devices: devices.map(DeviceSummary.init)
        )
        return Answer(planned: planned, recipe: recipe, summary: summary, robustness: study?.summary)
    }

    /// Finds a plan on a table that stands in for one that is still to be measured: what no plan can keep to, and what cannot be
    /// read, is so whatever the impacts are.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - table: The table, with the layers and formats of the one that will be measured.
    /// - Returns: The plan as a recipe, or nil where the search ended before it found one.
    /// - Throws: What ``prepared()`` and the search throw.
    func rehearsed(_ model: Model, on table: ImpactTable) throws -> Recipe? {
        let input = try options.model.input(model, table)
        let rules = try options.model.rules(
            input,
            options.constraints,
            runtime: options.card.targetRuntime(),
            importance: importance
        ).rules
        let task = try RestrictedTask(input, rules)
        do {
            return try task.showPlan(for: goal(), with: options.solver.allocator)
                .recipe(by: .init(version: PlanCommand.version, arguments: arguments))
        } catch PlanningError.noneFits(let infeasibility) {
            throw PlanningError.noneFits(infeasibility.withoutTable)
        } catch let error as any CategorizedError
            where error.category == .limitReached && !Interruption.isRequested
        {
            return nil
        }
    }

    /// A task as it was before a card settled what is not on it, so that a format for all is no breach of that.
    private func shown(_ task: PlanningTask, within budget: Int) -> PlanningTask {
        var task = task
        task.problem.budget = budget
        return task
    }

    /// The options that shape the plan, as they would be typed.
    var arguments: [String] {
        options.card.arguments + (devices?.arguments ?? []) + limits.arguments + options.model.arguments
            + options.constraints.arguments + options.solver.arguments
            + robust.arguments
    }

    /// The mixes of llama.cpp that are nearest to a plan in size, and those that it does not beat.
    private func mixes(_ prepared: RestrictedTask, beside plan: AllocationPlan) -> ComparedPlans {
        var all = prepared.mixes()
        all.keepNearest(6, to: plan)
        prepared.showBest(of: &all.plans, with: options.solver.allocator)
        return all
    }

    /// How many layers of the best plan of Table 3 would take another format under rss than under its author's rule; nil
    /// where that was not asked, or takes more than a moment to tell.
    private func changedByRSS(
        _ prepared: RestrictedTask,
        on planned: PlannedModel,
        with allocator: Allocator
    ) -> Int? {
        guard !Interruption.isRequested, let comparison = RuleComparison(prepared, on: planned) else {
            return nil
        }
        let count = LongWork.run("what rss would change", with: allocator, comparison.changedLayerCount)
        return Interruption.isRequested ? nil : count
    }
}
