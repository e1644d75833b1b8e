import ArgumentParser
import BitAllocation
import Checkpoints
import Converters
import Text
import Planning
import Recipes
import Reports

/// `plan frontier`: every best plan, from the smallest file to the least impact.
struct FrontierCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "frontier",
        abstract: "Shows every plan that no other plan beats in both size and impact.",
        discussion: """
            A row per plan: size, impact, gap to the proven bound, and what the step to the next row costs and buys. Below them the \
            uniform formats, llama.cpp's own mixes of a language model in GGUF, and the recipes and finished files (GGUF, \
            safetensors, MLX folders) given with --with, each beside the best plan of its size.

            Every best plan is there, and each is the plan that plan --budget makes for its size. Where --max-formats or \
            --slowdown binds, or a model has very many layers, --points budgets evenly spaced in size are solved and proven one by \
            one instead. The text shows 24 of the plans unless --points or --all says otherwise.

            A knee is a plan at which the curve bends. With both axes scaled to 0-1, it is the plan farthest below the straight \
            line between the two ends. Each of the two parts is searched in the same way, as long as a plan lies at least 0.04 \
            below the line.

            With --device the curve is of speed against impact: the least impact at --points speeds, from the speed of the plan \
            with the least impact of all to the speed of the fastest plan.

            EXAMPLES
              plan frontier
              plan frontier --chart --with plans/flux1-dev-9GB.json
              plan frontier --combine max --points 30 --format csv
              plan frontier --at-least '*.img=Q5_1' --all
              plan frontier --max-formats 2 --points 20 --time-limit 5
              plan frontier -o frontier.svg
              plan frontier --card 12GiB --runtime stable-diffusion.cpp
              plan frontier --model m.gguf --impacts i.csv --device gpu=24GiB,936GB/s \\
                  --device cpu=64GiB,60GB/s
            """
    )

    /// How the result is written.
    enum Output: String, CaseIterable, ExpressibleByArgument {
        case text, json, csv, markdown, svg

        /// The endings of files' names that ask for a format.
        private static let endings: [(ending: String, format: Output)] = [
            ("csv", .csv), ("json", .json), ("md", .markdown), ("markdown", .markdown), ("svg", .svg),
            ("txt", .text),
        ]

        /// Finds the format that a file's name asks for by its ending; nil where it asks for none that is written.
        init?(ofFileNamed path: String) {
            guard let ending = FileEnding(of: path)?.text,
                let known = Self.endings.first(where: { $0.ending == ending })
            else { return nil }
            self = known.format
        }
    }

    @OptionGroup
    var options: PlanningOptions

    @OptionGroup(title: "DEVICES")
    var deviceOptions: DeviceOptions

    @Option(
        help: ArgumentHelp(
            "How many plans are shown at most, besides the knees; where they are solved one by one, how many budgets.",
            valueName: "count"
        )
    )
    var points: Int?

    @Flag(help: "Shows every plan, as text too.")
    var all = false

    @Option(
        name: .customLong("with"),
        help: ArgumentHelp(
            "A recipe or a finished file to compare with the curve; repeatable.",
            valueName: "file"
        )
    )
    var recipes: [String] = []

    @Flag(help: "Draws the curve with plain characters above the table, where the terminal is wide enough.")
    var chart = false

    @Option(
        name: .customLong("format"),
        help: """
            How the result is written: text, json, csv, markdown or svg. By default as the ending of the file says (.csv, .json, \
            .md, .svg), else text.
            """
    )
    var chosenFormat: Output?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Where the result goes; - is standard output.", valueName: "file")
    )
    var output = Destination.standardOutput

    @OptionGroup
    var overwriting: OverwriteOptions

    func validate() throws {
        if let points, !(2...100_000).contains(points) {
            throw ValidationError("--points takes a number from 2 to 100000")
        }
    }

    func run() throws {
        try translatingErrors {
            let format = format
            let hasDevices = !deviceOptions.device.isEmpty
            try options.card.check(hasDevices: hasDevices)
            try deviceOptions.check()
            if hasDevices { return try curveOfSpeed(as: format) }
            let request = try options.card.request()
            var prepared = try options.prepared(besides: recipes)
            let card = try request.map { try prepared.showBudget(of: $0) }
            let (input, task) = (prepared.input, prepared.task)
            var outputs = OutputFiles(
                besides: options.files(prepared) + recipes,
                force: overwriting.force
            )
            let file = try claim(&outputs)
            let mixes = prepared.mixes()
            // By the sizes of their files they would not compare with plans that have tensors elsewhere.
            let isBySize = card?.movesLayers(of: task) != true
            var compared =
                (isBySize ? ComparedPlan.uniformPlans(of: task.problem) + mixes.plans : [])
                + (try recipes.map { try ComparedPlan.named($0, in: prepared) })
            let whole = try LongWork.run("the best plans", with: options.solver.allocator) {
                try FrontierCurve(of: task.problem, allocator: $0, count: points ?? 50)
            }
            let curve = try card.map { try onCard(whole, $0, prepared) } ?? whole
            if task.problem.uncountedBytes != nil {
                Console.note(
                    "the sizes count layers that are not on the card as if they were in their smallest format; the files may be larger"
                )
            }
            if !curve.isComplete { prepared.showBest(of: &compared, with: options.solver.allocator) }
            let isForPeople = format == .text || format == .markdown
            let report = FrontierReport(
                curve,
                count: all ? nil : points ?? (isForPeople ? 24 : nil),
                compared: compared,
                modelName: input.model.name,
                combination: task.problem.combination,
                parameters: input.model.parameters,
                table: input.table
            )
            let text = try rendered(report, as: format)
            if let file {
                try file.write(text, isAnswer: true)
            } else {
                try write(text, as: format)
            }
            if let missing = mixes.missingText {
                if file == nil, format == .text {
                    try Console.show("\n\(missing)\n")
                } else {
                    Console.note(missing)
                }
            }
            if compared.contains(where: { !$0.isAdmissible }) {
                Console.note(
                    "plans marked as not allowed do not keep to the restrictions that the best plans keep to"
                )
            }
            if Interruption.isRequested {
                Interruption.say("these are \(curve.points.count) plans of those that were asked for")
            } else if !curve.isComplete {
                Console.note(
                    "not every best plan is here: these are \(curve.points.count), one per budget; --points sets how many"
                )
            }
        }
    }

    /// How many speeds a curve has where none are asked for.
    private static let speeds = 8

    /// The curve of speed against impact on several devices.
    private func curveOfSpeed(as format: Output) throws {
        var problem: String?
        if options.card.card != nil {
            problem = "--device takes the place of --card; leave it out"
        } else if chart || format == .svg {
            problem = "--chart and --format svg draw size against impact; leave them out with --device"
        } else if all || !recipes.isEmpty {
            problem = "--all and --with belong to the curve of size; leave them out with --device"
        }
        if let problem { throw Failure(code: Failure.usage, message: problem) }
        let prepared = try options.prepared(besides: recipes)
        var outputs = OutputFiles(
            besides: options.files(prepared),
            force: overwriting.force
        )
        let file = try claim(&outputs)
        let speeds = try SpeedRows(deviceOptions, options.card, floors: nil, prepared)
        let rows = try speeds.curve(points ?? Self.speeds, with: options.solver)
        let curve = SpeedFrontier(
            rows,
            on: speeds.places,
            modelName: prepared.input.model.name,
            parameters: prepared.input.model.parameters,
            combination: prepared.task.problem.combination,
            table: prepared.input.table
        )
        let text =
            switch format {
            case .json: try curve.jsonValue.text()
            case .csv: curve.pointTable().csv()
            case .markdown: curve.text(markdown: true)
            case .text, .svg:
                curve.text(style: output == .standardOutput ? .standardOutput : .plain)
            }
        if let file {
            try file.write(text, isAnswer: true)
        } else {
            try write(text, as: format)
        }
        if Interruption.isRequested {
            Interruption.say("these are \(rows.count) speeds of those that were asked for")
        }
    }

    /// Writes a curve to standard output: what programs read as it would be in a file.
    private func write(_ text: String, as format: Output) throws {
        switch format {
        case .json: try Console.write(text, as: .json)
        case .csv, .svg: try Console.write(text, as: .data)
        case .text, .markdown: try Console.print(text)
        }
        Interruption.answered()
    }

    /// The plans of a curve that fit a card, whose parts are said.
    private func onCard(
        _ curve: FrontierCurve,
        _ card: CardBudget,
        _ prepared: RestrictedTask
    ) throws -> FrontierCurve {
        for line in CardSummary(card, for: prepared.task).lines(width: Console.width) { Console.note(line) }
        guard let fitting = curve.within(card.fileBytes) else {
            let error = AllocationError.infeasible(
                budget: card.fileBytes,
                smallestBytes: curve.points.first?.bytes ?? prepared.task.problem.smallestBytes
            )
            throw prepared.reason(for: error, within: card.fileBytes) ?? error
        }
        return fitting
    }

    /// How the result is written: as was chosen, else as the file's name says.
    private var format: Output { chosenFormat ?? output.path.flatMap(Output.init(ofFileNamed:)) ?? .text }

    /// Takes the file: what stands there is said before what is wrong with its name.
    private func claim(_ outputs: inout OutputFiles) throws -> OutputFile? {
        let isThere = output.path.flatMap(FileIdentity.init(of:))?.isThere == true
        if !isThere { try checkEnding() }
        let file = try outputs.claim(output, for: .curve(format))
        try checkEnding()
        return file
    }

    /// Refuses a name whose ending asks for what is not written, unless what to write was chosen.
    private func checkEnding() throws {
        guard chosenFormat == nil, !overwriting.force, let path = output.path,
            let ending = FileEnding(of: path), Output(ofFileNamed: path) == nil
        else { return }
        throw Failure(
            code: Failure.usage,
            message: """
                \(ShellText.path(path)) ends with .\(ending.text), which is not written; end the name with .csv, .json, .md, .svg \
                or .txt, or choose with --format
                """
        )
    }

    private func rendered(_ report: FrontierReport, as format: Output) throws -> String {
        if chart, format != .text {
            Console.note("no chart: --chart draws with --format text only")
        }
        switch format {
        case .text:
            let style = output == .standardOutput ? TerminalStyle.standardOutput : .plain
            let drawing = chart ? report.chart(width: Console.width) : nil
            if chart, drawing == nil {
                Console.note(
                    "no chart: it needs \(FrontierReport.leastChartWidth) columns, and the terminal has \(Console.width)"
                )
            }
            return (drawing.map { $0 + "\n" } ?? "") + report.text(style: style)
        case .markdown: return report.text(markdown: true)
        case .json: return try report.jsonValue.text()
        case .csv: return report.csv()
        case .svg: return report.svg()
        }
    }
}
