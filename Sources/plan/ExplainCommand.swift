import ArgumentParser
import BitAllocation
import Checkpoints
import Text
import Planning
import Reports
import Runtimes
import Tensors

/// `plan explain [LAYER] --budget 9GB`: why a layer takes its format.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Says why a layer takes its format, and what every other would cost.",
        discussion: """
            With a layer: its options and which of them are dominated, the price of a byte at this budget, the reduced cost of \
            every option at that price, and the nearest budgets at which the format changes. For each other format, the impact \
            of the best plan with the layer pinned to it, proven by solving. Without a layer: the ten layers that would harm most \
            in their smallest format, and the ten that hold most bytes. For a budget that no plan fits: what forces the size of \
            the smallest file.

            With --device: the devices of the plan, and the best plan with the layer in each other format and on each other device.

            EXAMPLES
              plan explain layer05.txt --budget 9GB
              plan explain --budget 9GB
              plan explain --budget 6GB             what keeps the file from being so small
              plan explain layer00.img --budget 40% --format json
              plan explain layer05.txt --budget 9GB --combine rss --tie 'layer*.???'
              plan explain layer05.txt --budget 9GB --max-formats 2 --time-limit 60
              plan explain layer05.txt --card 12GiB --runtime comfyui-gguf
              plan explain blk.0.attn_q.weight --model m.gguf --impacts i.csv \\
                  --device gpu=24GiB --device cpu=64GiB
            """
    )

    @Argument(help: "A layer, named as in the impact table.")
    var layer: String?

    @Option(
        help: ArgumentHelp("The largest size of the whole file, as for plan --budget.", valueName: "size")
    )
    var budget: String?

    @OptionGroup
    var options: PlanningOptions

    @OptionGroup(title: "DEVICES")
    var deviceOptions: DeviceOptions

    @Option(help: "How the result is written.")
    var format = OutputFormat.text

    func run() throws {
        try translatingErrors {
            let hasDevices = !deviceOptions.device.isEmpty
            try options.card.check(hasDevices: hasDevices)
            try deviceOptions.check()
            if hasDevices { return try explainOnDevices() }
            guard (budget == nil) != (options.card.card == nil) else {
                throw Failure(
                    code: Failure.usage,
                    message: "give either --budget, such as --budget 9GB, or --card, such as --card 24GiB"
                )
            }
            let budget = try budget.map { try Budget(parsing: $0) }
            let request = try options.card.request()
            var prepared = try options.prepared()
            let card = try request.map { try prepared.showBudget(of: $0) }
            var task = prepared.task
            if let budget { task.problem.budget = prepared.bytes(of: budget) }
            let index = try layer.map { try Self.index(ofLayer: $0, in: task) }
            let reasons = RestrictionReasons(prepared.restrictions, of: prepared.unrestricted)
            let allocator = options.solver.allocator
            let plan: AllocationPlan
            do {
                plan = try prepared.showPlan(within: task.problem.budget, on: request, with: allocator)
            } catch {
                if let smallest = task.problem.smallestAllowedBytes, smallest > task.problem.budget {
                    try print([("smallestFile", LayerRanking(task, reasons: reasons).smallestFile())])
                }
                throw error
            }
            guard let index else {
                let ranking = LayerRanking(task, reasons: reasons)
                try print([
                    ("mostImportant", ranking.mostImportant(plan)), ("largest", ranking.largest(plan)),
                ])
                return try printLines(prepared.tableLine, card.map { CardSummary($0, plan: plan, for: task) })
            }
            let explanation = LongWork.run("what other formats cost", with: allocator) { [task] allocator in
                LayerExplanation(
                    layer: index,
                    plan: plan,
                    task: task,
                    reasons: reasons,
                    isOffCard: card?.settledLayers.contains(index) == true,
                    price: BudgetPrice(of: task.problem, at: plan.choices),
                    pinned: allocator.plans(pinningLayer: index, of: task.problem),
                    curve: try? FrontierCurve(of: task.problem, allocator: allocator)
                )
            }
            if format == .text {
                try Console.print(explanation.text(style: .standardOutput))
            } else {
                try print([
                    ("options", explanation.table()), ("changes", explanation.changeTable()),
                    ("curve", explanation.curveTable()),
                ])
            }
            try printLines(prepared.tableLine, card.map { CardSummary($0, plan: plan, for: task) })
            if Interruption.isRequested {
                Interruption.say("the search had not been through all formats and budgets")
            }
        }
    }

    /// The same of a plan on several devices.
    private func explainOnDevices() throws {
        guard budget == nil, options.card.card == nil else {
            throw Failure(
                code: Failure.usage,
                message: "--device takes the place of --budget and --card; leave them out"
            )
        }
        let prepared = try options.prepared()
        let index = try layer.map { try Self.index(ofLayer: $0, in: prepared.task) }
        let request = try options.card.request(bytes: 0)
        prepared.sayNotes(request)
        let goal = DeviceGoal.leastImpact(minimumSpeed: deviceOptions.minSpeed)
        let devices = try LlamaCppDevices(prepared.input.model, on: try deviceOptions.devices(), request)
        let allocator = options.solver.allocator
        let reasons = RestrictionReasons(prepared.restrictions, of: prepared.unrestricted)
        let plan = try LongWork.run("the plan", with: allocator) {
            try prepared.plan(goal, on: devices, with: $0)
        }
        let summary = DeviceSummary(plan)
        if let index {
            let found = try LongWork.run("what else it could take", with: allocator) {
                try prepared.alternatives(toLayer: index, of: plan, for: goal, with: $0)
            }
            let explanation = DeviceExplanation(found, task: prepared.task, reasons: reasons)
            if format == .text {
                try Console.print(explanation.text(style: .standardOutput))
            } else {
                try print([("options", explanation.formatTable()), ("places", explanation.deviceTable())])
            }
        } else {
            let ranking = LayerRanking(prepared.task, reasons: reasons, devices: summary)
            try print([
                ("mostImportant", ranking.mostImportant(plan.plan)), ("largest", ranking.largest(plan.plan)),
            ])
        }
        guard format == .text else { return }
        let lines = ["Table   \(prepared.tableLine.text)"] + summary.lines(width: Console.width)
        try Console.show("\n" + lines.joined(separator: "\n") + "\n")
        if Interruption.isRequested {
            Interruption.say("the search had not been through all formats and devices")
        }
    }

    /// Says what the table holds, and where a card's memory goes, where people read.
    private func printLines(_ table: TableLine, _ card: CardSummary?) throws {
        guard format == .text else { return }
        let lines = ["Table   \(table.text)"] + (card?.lines(width: Console.width) ?? [])
        try Console.show("\n" + lines.joined(separator: "\n") + "\n")
    }

    /// Prints tables one below the other; as JSON they are members of one object, as CSV they stand one after the other, an empty line between.
    private func print(_ tables: [(key: String, table: Table)]) throws {
        switch format {
        case .json:
            let members = tables.map { JSONValue.Member(key: $0.key, value: $0.table.jsonValue) }
            try Console.print(try JSONValue.object(members).text(), as: .json)
        case .csv, .markdown, .text:
            let texts = try tables.map { try $0.table.rendered(as: format, style: .standardOutput) }
            try Console.print(texts.joined(separator: "\n"))
        }
    }

    private static func index(ofLayer name: String, in task: PlanningTask) throws -> Int {
        let problem = task.problem
        if let index = problem.layerNames.firstIndex(of: name) { return index }
        if let kept = task.model.kept.first(where: { $0.tensor.name == name }) {
            throw Failure(
                code: Failure.usage,
                message:
                    "\(name.quoted) is kept in \(kept.format) in every plan, so there is no choice to explain"
            )
        }
        let near = problem.layerNames.filter { $0.lowercased().contains(name.lowercased()) }.prefix(5)
        let names = near.isEmpty ? Array(problem.layerNames.prefix(5)) : Array(near)
        throw Failure(
            code: Failure.usage,
            message: near.isEmpty
                ? """
                there is no layer \(name.quoted); the layers have names such as \(names.joined(separator: ", ")); plan inspect \
                MODEL --layers lists all
                """
                : "there is no layer \(name.quoted); there is \(LayerRanges(names))"
        )
    }
}
