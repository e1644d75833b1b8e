import ArgumentParser
import BitAllocation
import Checkpoints
import Planning
import Recipes
import Reports
import Sensitivity
import Tensors
import Text

/// `plan report -o report.html`: a page with every best plan.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Writes one self-contained HTML page with every best plan, to look at and to send.",
        discussion: """
            The page has a slider over the plans, the map of the layers, the curve, the table, and reasons for every layer. A \
            button saves the recipe shown, byte for byte the one that plan --budget writes for that size. For each converter \
            of the model the page shows the command that makes its file from the saved recipe, or why the converter cannot make \
            that plan. The page needs no network and opens from disk.

            With --device the page has the one plan of plan --device: what each layer takes and where it is, what is on each device, and \
            the command that runs the file.

            If there are more than 3000 best plans, the page has 3000 of them, evenly spaced in size, besides the knees, and a \
            note says so; --points sets how many.

            Ctrl-C ends the search, and the page has the plans that were found by then. If the page of a model of very many layers \
            cannot be made within a second of Ctrl-C, nothing is written and the exit code is 130.

            EXAMPLES
              plan report
              plan report --budget 9GB --with mine.json -o report.html
              plan report --model m.json --impacts i.csv --points 200 -o m.html
              plan report --pin 'layer00.*=BF16' --solver greedy -o pinned.html
              plan report --card 12GiB --runtime comfyui-gguf -o card.html
              plan report --model m.gguf --impacts i.csv --card 24GiB \\
                  --contexts 8k,16k,32k -o contexts.html
              plan report --model m.gguf --impacts i.csv --device gpu=24GiB,936GB/s \\
                  --device cpu=64GiB,60GB/s --min-speed 12 -o devices.html
            """
    )

    @Option(
        help: ArgumentHelp(
            "The budget of the plan that is shown first, as for plan --budget; by default the first knee's.",
            valueName: "size"
        )
    )
    var budget: String?

    @OptionGroup
    var options: PlanningOptions

    @OptionGroup(title: "DEVICES")
    var deviceOptions: DeviceOptions

    @Option(
        help: ArgumentHelp(
            "With --card: lengths of context that the page offers to choose the plan by, separated by commas: 8k,16k,32k. The shortest is shown first.",
            valueName: "list"
        )
    )
    var contexts: String?

    @Option(
        help: ArgumentHelp(
            "How many plans the page has at most, besides the knees; by default 3000. Where they are solved one by one, how many budgets; by default 50.",
            valueName: "count"
        )
    )
    var points: Int?

    @Option(
        name: .customLong("with"),
        help: ArgumentHelp(
            "A recipe or a finished file to compare with the curve; repeatable.",
            valueName: "file"
        )
    )
    var recipes: [String] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where the page goes; - is standard output. By default report.html, or a similar name if another page has that one.",
            valueName: "file"
        )
    )
    var output: Destination?

    @OptionGroup
    var overwriting: OverwriteOptions

    /// The most plans on a page unless --points says otherwise; more would make it slow.
    private static let pointLimit = 3_000

    func validate() throws {
        if let points, !(2...100_000).contains(points) {
            throw ValidationError("--points takes a number from 2 to 100000")
        }
    }

    func run() throws {
        try translatingErrors {
            try options.card.check(hasDevices: !deviceOptions.device.isEmpty)
            try deviceOptions.check()
            guard deviceOptions.device.isEmpty else { return try reportOnDevices() }
            let input = try readInput()
            let prepared = input.prepared
            var outputs = OutputFiles(
                besides: options.files(prepared) + recipes,
                force: overwriting.force
            )
            let file = try outputs.claim(output ?? .file(Self.place(of: prepared.input)), for: .page)
            let compared =
                ComparedPlan.uniformPlans(of: prepared.task.problem) + prepared.mixes().plans
                + (try recipes.map { try ComparedPlan.named($0, in: prepared) })
            let found = try plans(for: input)
            input.noteCard()
            let start = found.start(within: input.wantedBytes)
            if let wanted = input.wantedBytes, let smallest = found.plans.first?.bytes, wanted < smallest {
                if Interruption.isRequested { throw Failure.noPlanFound }
                let error = AllocationError.infeasible(budget: wanted, smallestBytes: smallest)
                throw prepared.reason(for: error, within: wanted) ?? error
            }
            let recipe = recipe(of: found.plans[start], input)
            let contexts = try contexts(of: found.plans[start], on: found.curve, input)
            let html = try LongWork.run("making the page") { _ in
                guard
                    let page = ReportPage(
                        task: prepared.task,
                        plans: found.plans,
                        coverage: found.coverage,
                        knees: found.knees,
                        compared: compared,
                        start: start,
                        converters: ReportPage.servingConverters(
                            for: recipe,
                            of: prepared.task.problem,
                            tensors: prepared.input.model.tensors
                        ),
                        contexts: contexts,
                        recipe: recipe,
                        table: prepared.input.table,
                        modelArguments: modelArguments(recipe)
                    )
                else { throw Failure.noPlanFound }
                return try page.html()
            }
            let count = "\(ByteSize(found.plans.count).grouped) \(found.plans.count == 1 ? "plan" : "plans")"
            try write(html, of: count, to: file)
            for text in notes(found) { Console.note(text) }
        }
    }

    /// Writes the page, and says what it has.
    func write(_ html: String, of content: String, to file: OutputFile?) throws {
        if let file {
            try file.write(html, isAnswer: true)
            Console.note("\(file.path): \(content), \(ByteSize(html.utf8.count).decimal)")
        } else {
            try Console.write(html, as: .data)
            Interruption.answered()
        }
    }

    /// The arguments with which `plan export` finds the model; none for a built-in one.
    func modelArguments(_ recipe: Recipe) -> [String] {
        Model.builtInNames.contains(recipe.model.name) ? [] : options.model.modelWords
    }

    /// Finds the plans of the page: those that `plan --budget` makes at these sizes, so that the page's recipes are the command
    /// line's.
    private func plans(for input: Input) throws -> PagePlans {
        let problem = input.prepared.task.problem
        let allocator = options.solver.allocator
        let curve = try LongWork.run("the best plans", with: allocator) {
            try FrontierCurve(of: problem, allocator: $0, count: points ?? 50)
        }
        // Of the card's own plans each is there.
        let shown = PagePlans.points(
            of: curve,
            limit: points ?? Self.pointLimit,
            sizes: input.contexts.map(\.bytes)
        )
        let found = LongWork.run("the proofs of the plans", with: allocator) {
            $0.plansOfOwnSize(for: problem, budgets: shown.map { curve.points[$0].bytes })
        }
        let plans = PagePlans(of: curve, found: found, soughtCount: shown.count)
        if plans.plans.isEmpty { throw Failure.noPlanFound }
        return plans
    }

    /// The recipe of the plan to show first; its arguments are without the budget, as the page has every plan.
    private func recipe(of plan: AllocationPlan, _ input: Input) -> Recipe {
        input.prepared.recipe(
            of: plan,
            by: .init(
                version: PlanCommand.version,
                arguments: options.model.arguments + options.constraints.arguments
                    + input.pins.flatMap { ["--pin", $0] } + options.solver.arguments
            )
        )
    }

    /// Where the page goes if the user names no file: `report.html`, or a neighbour of that where the page of another model or of
    /// another table is there, which is said.
    static func place(of input: PlanningInput) -> String {
        let first = "report.html"
        let digests = [input.model.digest, input.table.digest]
        guard let page = try? InputFile.text(at: first, limit: 1 << 30), !page.isEmpty,
            !digests.allSatisfy({ page.hasBytes(of: $0) })
        else { return first }
        var digest = ContentDigest()
        for text in digests { digest.update(field: text) }
        let second = "report-\(RecipePlace.fileName(input.model.name))-\(digest.text.suffix(8)).html"
        Console.note(
            "\(first) stays, as it is of another model or table; the page of this one goes to \(second)"
        )
        return second
    }

    /// What the user should know of the plans that are not on the page.
    private func notes(_ found: PagePlans) -> [String] {
        let (plans, curve, shown) = (found.plans, found.curve, found.soughtCount)
        let all = ByteSize(curve.points.count).grouped
        let count = ByteSize(plans.count).grouped
        if Interruption.isRequested {
            Interruption.say("the page has \(count) of \(ByteSize(shown).grouped) plans")
            // Those that are missing are neither spaced evenly nor to be had with --points.
            guard curve.isComplete, plans.count == shown else { return [] }
        }
        var notes: [String] = []
        if !curve.isComplete {
            notes.append(
                "not every best plan is here: these are \(count), one per budget; --points sets how many"
            )
        } else if shown < curve.points.count {
            notes.append(
                "these are \(count) of \(all) best plans, evenly spaced in size; --points sets how many"
            )
        }
        if plans.count < shown {
            notes.append(
                "at \(ByteSize(shown - plans.count).grouped) of \(ByteSize(shown).grouped) sizes the search, which ended without "
                    + "a proof, found no plan of its own, so those are not on the page"
            )
        }
        return notes
    }
}
