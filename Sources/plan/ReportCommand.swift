import ArgumentParser
import BitAllocation
import Checkpoints
import Converters
import Dispatch
import Foundation
import Planning
import Recipes
import Reports
import Runtimes
import Sensitivity
import Synchronization
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
            let hasDevices = !deviceOptions.device.isEmpty
            try options.card.check(hasDevices: hasDevices)
            try deviceOptions.check()
            guard !hasDevices else { return try reportOnDevices() }
            guard budget == nil || options.card.card == nil else {
                throw Failure(code: Failure.usage, message: "give either --budget or --card, not both")
            }
            guard contexts == nil || options.card.card != nil else {
                throw Failure(
                    code: Failure.usage,
                    message: "--contexts needs a card; add --card, such as --card 24GiB"
                )
            }
            let budget = try budget.map { try Budget(parsing: $0) }
            let lengths = try lengths()
            var request = try options.card.request()
            if request?.context == nil { request?.context = lengths.first?.tokens }
            var prepared = try options.prepared()
            var pins: [String] = []
            // The card picks the first plan that is shown. Which plans there are, it restricts in one thing alone: a layer that the
            // runtime keeps on the host has its best format in all of them, as in a plan for the card.
            var onCard = prepared
            let card = try request.map { try onCard.showBudget(of: $0) }
            if let card {
                let (task, held) = prepared.holdingOffCardLayers(of: card)
                prepared = task
                pins = held.map { "\($0.layer)=\($0.format.name)" }
            }
            let (input, task) = (prepared.input, prepared.task)
            let contexts = try request.map { try Self.contexts(lengths, $0, prepared) } ?? []
            let sizes = try contexts.map { try prepared.fileBytes(on: $0.request) }
            var outputs = OutputFiles(
                besides: options.files(prepared) + recipes,
                force: overwriting.force
            )
            let place = output ?? .file(Self.place(of: input))
            let file = try outputs.claim(place, for: .page)
            let compared =
                ComparedPlan.uniformPlans(of: task.problem) + prepared.mixes().plans
                + (try recipes.map { try ComparedPlan.named($0, in: prepared) })
            let allocator = options.solver.allocator
            let curve = try LongWork.run("the best plans", with: allocator) {
                try FrontierCurve(of: task.problem, allocator: $0, count: points ?? 50)
            }
            // Of the card's own plans each is there.
            let ofCard = sizes.compactMap { size in curve.points.lastIndex { $0.bytes <= size } }
            let shown = Set(curve.sample(points ?? Self.pointLimit)).union(curve.knees).union(ofCard).sorted()
            // The plans that plan --budget makes at these sizes, so that the page's recipes are the command line's.
            var plans = LongWork.run("the proofs of the plans", with: allocator) {
                $0.plansOfOwnSize(for: task.problem, budgets: shown.map { curve.points[$0].bytes })
            }
            // What was cut short is not what plan --budget makes.
            plans.removeAll { $0.ending == .stopped }
            if plans.isEmpty { throw Failure.noPlanFound }
            let knees = curve.knees.compactMap { knee in
                plans.firstIndex { $0.bytes == curve.points[knee].bytes }
            }
            let wanted = budget.map(prepared.bytes(of:)) ?? card?.fileBytes
            if !pins.isEmpty {
                let words = pins.map { "--pin \(ShellText.word($0))" }.joined(separator: " ")
                Console.note("what is not on the card has its best format in every plan: \(words)")
            }
            if let card {
                for line in CardSummary(card, for: task).lines(width: Console.width) { Console.note(line) }
            }
            let start =
                wanted.map { wanted in plans.lastIndex { $0.bytes <= wanted } ?? 0 } ?? knees.first
                ?? plans.count / 2
            if let wanted, let smallest = plans.first?.bytes, wanted < smallest {
                if Interruption.isRequested { throw Failure.noPlanFound }
                throw PlanningError.noneFits(
                    prepared.infeasibility(within: wanted, smallestBytes: smallest)
                )
            }
            // Its arguments are without the budget, as the page has every plan.
            let recipe = prepared.recipe(
                of: plans[start],
                by: .init(
                    version: PlanCommand.version,
                    arguments: options.model.arguments + options.constraints.arguments
                        + pins.flatMap { ["--pin", $0] }
                        + options.solver.arguments
                )
            )
            let onPage = try zip(contexts, sizes).map { context, size in
                ReportPage.Context(
                    name: context.name,
                    bytes: size,
                    recipe: curve.isComplete
                        ? try prepared.recipe(
                            of: plans[start],
                            on: context.request,
                            by: .init(
                                version: PlanCommand.version,
                                arguments: options.card.arguments(context: context.name)
                                    + options.model.arguments
                                    + options.constraints.arguments + options.solver.arguments
                            )
                        ) : nil,
                    command: try context.request.command(for: input.model, modelPath: "FILE.gguf")
                )
            }
            let html = try LongWork.run("making the page") { _ in
                guard
                    let page = ReportPage(
                        task: task,
                        plans: plans,
                        coverage: coverage(plans, of: curve, shown: shown.count),
                        knees: knees,
                        compared: compared,
                        start: start,
                        converters: converters(for: recipe, of: task.problem, input),
                        contexts: onPage,
                        recipe: recipe,
                        table: input.table,
                        modelArguments: Model.builtInNames.contains(recipe.model.name)
                            ? [] : options.model.modelWords
                    )
                else { throw Failure.noPlanFound }
                return try page.html()
            }
            if let file {
                try file.write(html, isAnswer: true)
                let count = "\(ByteSize(plans.count).grouped) \(plans.count == 1 ? "plan" : "plans")"
                Console.note("\(file.path): \(count), \(ByteSize(html.utf8.count).decimal)")
            } else {
                try Console.write(html, as: .data)
                Interruption.answered()
            }
            for text in notes(plans, of: curve, shown: shown.count) {
                Console.note(text)
            }
        }
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

    /// The lengths of `--contexts`, the shortest first.
    private func lengths() throws -> [(text: String, tokens: Int)] {
        try (contexts?.split(separator: ",", omittingEmptySubsequences: false) ?? [])
            .map { (String($0), try CardOptions.tokens(String($0), of: "--contexts")) }
            .sorted { $0.tokens < $1.tokens }
    }

    /// What is to run on the card with each length of context; by one without a name where none was given.
    private static func contexts(
        _ lengths: [(text: String, tokens: Int)],
        _ request: CardRequest,
        _ prepared: RestrictedTask
    ) throws -> [(name: String, request: CardRequest)] {
        if !lengths.isEmpty { try request.checkComparesContexts(of: prepared.input.model) }
        guard !lengths.isEmpty else { return [("", request)] }
        return lengths.map { text, tokens in
            var request = request
            request.context = tokens
            return (text, request)
        }
    }

    private func coverage(
        _ plans: [AllocationPlan],
        of curve: FrontierCurve,
        shown: Int
    ) -> ReportPage.Coverage {
        guard curve.isComplete, plans.count == shown, plans.allSatisfy({ $0.status == .optimal }) else {
            return .solved
        }
        return shown == curve.points.count ? .complete : .thinned(of: curve.points.count)
    }

    /// What the user should know of the plans that are not on the page.
    private func notes(_ plans: [AllocationPlan], of curve: FrontierCurve, shown: Int) -> [String] {
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

    /// The converters that serve the model, and which plans they can make.
    func converters(
        for recipe: Recipe,
        of problem: AllocationProblem,
        _ input: PlanningInput
    ) -> [ConverterReach] {
        let formats = (0..<problem.layerCount).map { layer in
            problem.options(ofLayer: layer).map { problem.formatNames[Int(problem.optionFormat[$0])] }
        }
        let all = Converters.all
        let reaches = Mutex([ConverterReach?](repeating: nil, count: all.count))
        // Every converter is asked for every layer and format.
        DispatchQueue.concurrentPerform(iterations: all.count) { index in
            let reach = ConverterReach(all[index], for: recipe, model: input.model.tensors, formats: formats)
            reaches.withLock { $0[index] = reach }
        }
        return reaches.withLock { $0 }.compactMap(\.self)
    }
}
