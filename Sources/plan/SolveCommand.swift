import ArgumentParser
import BitAllocation
import Checkpoints
import Converters
import Foundation
import Planning
import Recipes
import Reports
import Runtimes
import Sensitivity

/// `plan --budget 9GB`: one plan, its recipe, and a summary.
struct SolveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "solve",
        abstract: "Plans within one budget and writes the recipe (the default subcommand).",
        discussion: """
            The recipe goes to plans/MODEL-BUDGET.json under the current folder unless -o names a file. There it replaces one \
            that the same options wrote; one that other options wrote stays, and the new recipe gets a name beside it. A summary \
            goes to standard output, or to standard error where the recipe takes standard output.

            EXAMPLES
              plan --budget 9GB
              plan --budget 40% --formats Q4_1,Q8_0 -o small.json
              plan --budget 6.5bpw --combine max --format csv
              plan --budget 9GB --solver greedy -o - | jq .proof
              plan --budget 12GB --pin 'layer00.*=BF16' --at-most '*.x=Q8_0'
              plan --budget 9GB --at-least '*.img=Q5_1' --tie 'layer*.???'
              plan --budget 9GB --max-formats 3 --time-limit 60
              plan --budget 10GB --slowdown 1.3 --costs costs.csv
              plan --budget 12GB --nested-in plans/flux1-dev-9GB.json
              plan --budget 9GB --converter mixed-gguf-converter
              plan --budget 9GB --keep 'layer18.*' --keep 'img_in.*=F16'
              plan --budget 3GB --model m-Q8_0.gguf --impacts i.csv --allow-requantize
              plan --budget 9GB --impacts blocks.csv --grouping 'flux blocks'
              plan --budget 40% --impacts s.json --low-format Q4_0 --high-format Q8_0
              plan --max-impact 2.5
              plan --budget 9GB --robust 500
              plan --budget 9GB --robust 500 --choose robust --robust-table robust.csv
              plan --budget 9GB --robust 100 --seed 2 --choose robust
              plan --card 12GB --runtime comfyui-gguf --resolution 1024x1024
              plan --card 16GiB --reserve 0.5GiB --overhead 0.4GiB --margin 0.3GiB
              plan --model m.gguf --impacts i.csv --card 24GiB --context 32k --kv q8_0
              plan --model m.gguf --impacts i.csv --card 24GiB --sequences 2
              plan --model m.gguf --impacts i.csv --card 24GiB --beside mmproj.gguf
            """
    )

    @Option(
        help: ArgumentHelp(
            "The most the whole file may have: 9GB, 8.5GiB, a count of bytes, 6.5bpw, or 40% of the source.",
            valueName: "size"
        )
    )
    var budget: String?

    @Option(
        help: ArgumentHelp(
            "The other direction: the smallest file with at most this combined impact.",
            valueName: "impact"
        )
    )
    var maxImpact: Double?

    @OptionGroup(title: "CARD")
    var cardOptions: CardOptions

    @OptionGroup(title: "MODEL AND TABLE")
    var modelOptions: ModelOptions

    @OptionGroup(title: "RESTRICTIONS")
    var constraintOptions: ConstraintOptions

    @OptionGroup(title: "SEARCH")
    var solverOptions: SolverOptions

    @OptionGroup(title: "ERROR BARS")
    var robustOptions: RobustOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Where the recipe goes; - is standard output.", valueName: "file")
    )
    var output: Destination?

    @OptionGroup
    var overwriting: OverwriteOptions

    @Option(
        help:
            "What standard output shows: text (a summary), json (the recipe), csv or markdown (a row per layer)."
    )
    var format = OutputFormat.text

    func run() throws {
        try translatingErrors {
            try checkUsage()
            let limit = try budget.map(Budget.init(parsing:))
            let request = try cardOptions.request()
            var prepared = try RestrictedTask(modelOptions, constraintOptions)
            let free = prepared.task
            let card = try request.map { try prepared.budget(of: $0) }
            var (input, task) = (prepared.input, prepared.task)
            var outputs = OutputFiles(
                besides: modelOptions.files(input.model) + constraintOptions.files + cardOptions.beside,
                force: overwriting.force
            )
            let recipeFile = try output.flatMap { try outputs.claim($0, for: .recipe) }
            let tableFile = try robustOptions.robustTable.map { try outputs.claim($0, for: .impactTable) }
            let allocator = solverOptions.allocator
            var plan: AllocationPlan
            if let limit = limit.map(prepared.bytes(of:)) ?? card?.fileBytes {
                task.problem.budget = limit
                plan = try prepared.plan(within: limit, on: card, with: allocator)
            } else {
                plan = try prepared.smallestPlan(maximumImpact: maxImpact ?? 0, with: allocator)
                task.problem.budget = plan.bytes
            }
            let robustness = try robustOptions.study(
                &plan,
                &task,
                &input,
                table: tableFile,
                allocator: allocator
            )
            let file = try modelOptions.finishedFile(input, for: task)
            var recipe = Recipe(
                plan,
                for: task,
                limit: limit == nil && card == nil ? .impact(maxImpact ?? 0) : .bytes(task.problem.budget),
                generator: .init(version: PlanCommand.version, arguments: arguments),
                model: .init(
                    name: input.model.name,
                    parameters: input.model.parameters,
                    digest: input.model.digest
                ),
                impacts: .init(input.table),
                importance: .init(input.table),
                converter: try modelOptions.converter.map(Converters.named),
                file: file
            )
            if let card, let request { recipe.card = try prepared.recorded(card, request) }
            recipe.slowdown = try constraintOptions.recordedSlowdown()
            // What only a finished recipe shows, such as rules that no command line takes, is said before it is written.
            _ = try modelOptions.converter.map(Converters.named)?
                .files(for: recipe, model: input.model.tensors)
            try write(
                recipe,
                PlanSummary(
                    plan,
                    for: card == nil ? task : shown(free, within: task.problem.budget),
                    modelName: input.model.name,
                    parameters: input.model.parameters,
                    maximumImpact: maxImpact,
                    sizeNote: file?.note,
                    mixes: card?.movesLayers(of: task) == true ? nil : mixes(prepared, beside: plan),
                    table: TableLine(
                        input.table,
                        combination: task.problem.combination,
                        changedLayers: changedByRSS(prepared, within: task.problem.budget, with: allocator)
                    ),
                    card: card.map { CardSummary($0, plan: plan, for: task) }
                ),
                robustness,
                run: request.map { request in
                    { try request.command(for: input.model, modelPath: $0) }
                },
                to: recipeFile,
                outputs
            )
            if plan.ending == .stopped {
                Interruption.say("this is the best plan so far")
            } else if let note = Self.note(on: plan.ending) {
                Console.note(note)
            }
        }
    }

    /// A task as it was before a card settled what is not on it, so that a format for all is no breach of that.
    private func shown(_ task: PlanningTask, within budget: Int) -> PlanningTask {
        var task = task
        task.problem.budget = budget
        return task
    }

    /// The mixes of llama.cpp that are nearest to a plan in size, and those that it does not beat; none where no summary is
    /// shown.
    private func mixes(_ prepared: RestrictedTask, beside plan: AllocationPlan) -> ComparedPlans? {
        guard output == .standardOutput || format == .text else { return nil }
        var all = prepared.mixes()
        all.keepNearest(6, to: plan)
        prepared.findBest(for: &all.plans, with: solverOptions.allocator)
        return all
    }

    /// How many layers of the best plan of Table 3 would take another format under rss than under its author's rule; nil
    /// where that was not asked, or takes more than a moment to tell.
    private func changedByRSS(
        _ prepared: RestrictedTask,
        within budget: Int,
        with allocator: Allocator
    ) -> Int? {
        var problem = prepared.task.problem
        guard modelOptions.combine == nil, prepared.input.table.isTableThree, problem.formatLimit == nil,
            problem.secondBudget == nil, !Interruption.isRequested
        else { return nil }
        problem.budget = budget
        return LongWork.run("what rss would change", with: allocator) { allocator -> Int? in
            let sum = try? allocator.plan(for: problem)
            problem.combination = .rss
            guard let sum, let rss = try? allocator.plan(for: problem), !Interruption.isRequested else {
                return nil
            }
            return zip(sum.choices, rss.choices).count { $0 != $1 }
        }
    }

    /// Checked here rather than while parsing, so that a word that is no command is named first.
    private func checkUsage() throws {
        var problem: String?
        try cardOptions.check()
        if [budget != nil, maxImpact != nil, cardOptions.card != nil].count(where: \.self) != 1 {
            problem = """
                give one of --budget, such as --budget 9GB, --card, such as --card 24GiB, and --max-impact, such as \
                --max-impact 2.5
                """
        } else if let maxImpact, !(maxImpact >= 0 && maxImpact.isFinite) {
            problem = "--max-impact takes a finite number that is not negative"
        } else if maxImpact != nil, robustOptions.robust != nil {
            problem = "--robust studies plans within a budget; leave --max-impact out"
        } else if output == .standardOutput, format == .csv || format == .markdown {
            problem = "-o - takes standard output for the recipe; leave --format out or name a file"
        }
        if let problem { throw Failure(code: Failure.usage, message: problem) }
    }

    /// The options that shape the plan, as they would be typed.
    private var arguments: [String] {
        var limit = cardOptions.arguments
        if let budget { limit += ["--budget", budget] }
        if let maxImpact { limit += ["--max-impact", maxImpact.description] }
        return limit + modelOptions.arguments + constraintOptions.arguments + solverOptions.arguments
            + robustOptions.arguments
    }

    /// What the user should know about a search that ended without a proof.
    private static func note(on ending: AllocationPlan.Ending) -> String? {
        switch ending {
        case .proven, .greedyOnly, .stopped: nil
        case .timeLimit:
            "the time limit was reached: this is the best plan so far; give more with --time-limit"
        case .stateLimit: "the search used up the states it may hold: this is the best plan it found"
        }
    }

    private func write(
        _ recipe: Recipe,
        _ summary: PlanSummary,
        _ robustness: RobustnessSummary?,
        run: ((String) throws -> [String]?)?,
        to file: OutputFile?,
        _ outputs: OutputFiles
    ) throws {
        let json = try recipe.jsonText()
        if output == .standardOutput {
            try Console.print(json)
            Console.note(summary.text(width: Console.width, style: .plain))
            if let robustness { Console.note(robustness.text(width: Console.width, style: .plain)) }
            if let line = try runLine(run, recipe.model.name) { Console.note(line) }
            return
        }
        let path: String
        if let file {
            try file.write(json)
            path = file.path
        } else {
            path = try writeUnderOwnName(json, of: recipe, outputs)
        }
        switch format {
        case .text:
            try Console.print(summary.text(width: Console.width, style: .standardOutput))
            if let robustness {
                try Console.print("\n" + robustness.text(width: Console.width, style: .standardOutput))
            }
            try Console.print("\nRecipe  \(path)\n")
            if let line = try runLine(run, path) { try Console.print(line + "\n") }
        case .json:
            try Console.print(json)
            if let robustness { Console.note(robustness.text(width: Console.width, style: .plain)) }
        case .csv, .markdown:
            let layers = robustness?.layerTable() ?? summary.layerTable()
            try Console.print(try layers.rendered(as: format))
        }
    }

    /// The command that runs the finished file, which is named as the recipe is.
    private func runLine(_ run: ((String) throws -> [String]?)?, _ recipePath: String) throws -> String? {
        let name = recipePath.split(separator: "/").last.map(String.init) ?? recipePath
        let stem = name.hasSuffix(".json") ? String(name.dropLast(5)) : name
        let file = stem + ".gguf"
        guard let words = try run?(file) else { return nil }
        return "Run     " + words.map { $0 == file ? ShellText.word($0) : $0 }.joined(separator: " ")
    }

    /// Writes a recipe that the user names no file for.
    ///
    /// - Returns: Where it was written.
    private func writeUnderOwnName(_ json: String, of recipe: Recipe, _ outputs: OutputFiles) throws -> String
    {
        try AtomicFile.makeFolder(RecipePlace.folder)
        let place = try RecipePlace(
            model: recipe.model.name,
            limit: budget ?? cardOptions.card.map { "card-\($0)" }
                ?? "impact-\((maxImpact ?? 0).description)",
            arguments: recipe.generator.arguments,
            isRead: outputs.reads
        )
        var outputs = outputs
        do {
            try outputs.claim(place.path, for: .recipe).write(json)
        } catch {
            if place.isNew { unlink(place.path) }
            throw error
        }
        if let taken = place.taken {
            Console.note(
                "\(taken) stays, as other options made it; the recipe of these goes to \(place.path)"
            )
        }
        return place.path
    }
}
