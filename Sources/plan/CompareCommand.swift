import ArgumentParser
import BitAllocation
import Checkpoints
import Foundation
import Text
import Planning
import Reports
import Runtimes
import Tensors

/// `plan compare`: several budgets side by side.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Plans within several budgets and shows them side by side.",
        discussion: """
            One row per budget: the size of the file, bits per weight, impact, gap to the proven bound, layers per \
            format, and how many layers take another format than in the row before, up or down. The best plans are not \
            nested: a larger budget may give some layers fewer bits. With --nested each plan grows from the one before: no layer \
            gets fewer bytes. The row also shows the best plan of that budget, and how much worse the grown one is. Nothing is \
            written to disk. If no budget can be kept, the exit code is 2.

            A second table has plans from elsewhere, each beside the best plan of its size: llama.cpp's own mixes of a language \
            model, and the recipes and finished files (GGUF, safetensors, MLX folders) given with --with. CSV has it only with \
            --with.

            With --card the budget is the memory that the runtime leaves on the card. --contexts and --kv take several lengths of \
            context and formats of the KV cache, and the table says what each costs in impact; the harm that a smaller cache \
            does to the output is not in it. With --device, --min-speeds takes several speeds, and the table says what each costs.

            EXAMPLES
              plan compare --budgets 8GB,9GB,10GB,12GB
              plan compare --budgets 8GiB,12GiB,16GiB,24GiB --reserve 1.5GiB
              plan compare --budgets 9GB,10GB,12GB --changes --nested
              plan compare --budgets 35%,40%,50% --combine rss --format csv
              plan compare --budgets 9GB,12GB --pin 'layer00.*=BF16' --time-limit 60
              plan compare --budgets 9GB,10GB --with plans/flux1-dev-9GB.json
              plan compare --card 12GiB --runtime comfyui-gguf
              plan compare --model m.gguf --impacts i.csv --card 9GiB --contexts 8k,16k
              plan compare --model m.gguf --impacts i.csv --card 24GiB --kv f16,q8_0
              plan compare --model m.gguf --impacts i.csv --device gpu=24GiB,936GB/s \\
                  --device cpu=64GiB,60GB/s --min-speeds 5,10,20
            """
    )

    @Option(
        help: ArgumentHelp("The budgets, separated by commas; each as for plan --budget.", valueName: "list")
    )
    var budgets: String?

    @OptionGroup
    var options: PlanningOptions

    @Option(
        help: ArgumentHelp(
            "With --card, several lengths of context, separated by commas: 8k,16k,32k.",
            valueName: "list"
        )
    )
    var contexts: String?

    @OptionGroup(title: "DEVICES")
    var deviceOptions: DeviceOptions

    @Option(
        help: ArgumentHelp(
            "With --device, several speeds in tokens per second, separated by commas: 5,10,20.",
            valueName: "list"
        )
    )
    var minSpeeds: String?

    @Flag(help: "Lists the layers that change from each budget to the next, up or down.")
    var changes = false

    @Flag(
        help:
            "Grows each plan from the one before, beginning with the best of the smallest budget: no layer gets fewer bytes."
    )
    var nested = false

    @Option(
        name: .customLong("with"),
        help: ArgumentHelp(
            "A recipe or a finished file to show beside the best plan of its size; repeatable.",
            valueName: "file"
        )
    )
    var others: [String] = []

    @Option(help: "How the table is written.")
    var format = OutputFormat.text

    func run() throws {
        try translatingErrors {
            try checkUsage()
            guard deviceOptions.device.isEmpty else { return try compareOnDevices() }
            guard let budgets else { return try compareOnCard() }
            let names = budgets.split(separator: ",", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            let parsed = try names.map { try Budget(parsing: $0) }
            let reserved = try options.card.reservedBytes ?? 0
            let labels = options.card.reserve.map { reserve in names.map { "\($0) - \(reserve)" } } ?? names
            let prepared = try options.prepared(besides: others)
            let task = prepared.task
            let bytes = parsed.map { max(0, prepared.bytes(of: $0) - reserved) }
            let rows = LongWork.run("plans", with: options.solver.allocator) {
                solved(task, labels: labels, bytes: bytes, with: $0)
            }
            let solvedCount = rows.count { if case .success = $0.plan { true } else { false } }
            let isCutShort = rows.contains {
                if case .failure(.limitReached) = $0.plan { true } else { false }
            }
            if solvedCount == 0, isCutShort { throw Failure.noPlanFound }
            let comparison = PlanComparison(rows, for: task, parameters: prepared.input.model.parameters)
            try print(comparison, beside: try compared(in: prepared), prepared.tableLine)
            if solvedCount > 0 { Interruption.answered() }
            for row in rows {
                guard case .failure(let error) = row.plan else { continue }
                switch prepared.reason(for: error, within: row.budget) {
                case .noneFits(let infeasibility)?:
                    let size = ByteSize(infeasibility.smallestBytes).both
                    Console.note("\(row.label): no plan fits; the smallest possible file has \(size)")
                case let reason?: Console.note("\(row.label): \(reason)")
                case nil: break
                }
            }
            if Interruption.isRequested {
                Interruption.say(
                    "\(solvedCount) of \(rows.count) plans were found, with the gaps that are shown"
                )
            }
            if solvedCount == 0 { throw ExitCode(Failure.noPlan) }
        }
    }

    private func checkUsage() throws {
        let hasDevices = !deviceOptions.device.isEmpty
        try options.card.check(reserveStandsAlone: true, hasDevices: hasDevices)
        try deviceOptions.check()
        var problem: String?
        if hasDevices, budgets != nil || options.card.card != nil || contexts != nil {
            problem = "--device takes the place of --budgets, --card and --contexts; leave them out"
        } else if hasDevices, minSpeeds != nil, deviceOptions.minSpeed != nil {
            problem = "give either --min-speed or --min-speeds, not both"
        } else if hasDevices, changes || nested || !others.isEmpty {
            problem = "--changes, --nested and --with compare budgets; leave them out with --device"
        } else if !hasDevices, minSpeeds != nil {
            problem = "--min-speeds needs devices; add --device, such as --device gpu=24GiB,936GB/s"
        } else if !hasDevices, (budgets == nil) == (options.card.card == nil) {
            problem = "give either --budgets, such as --budgets 8GB,9GB, or --card, such as --card 24GiB"
        } else if options.card.card == nil, contexts != nil {
            problem = "--contexts needs a card; add --card, such as --card 24GiB"
        } else if contexts != nil, options.card.context != nil {
            problem = "give either --context or --contexts, not both"
        } else if options.card.card != nil, changes || nested || !others.isEmpty {
            problem = "--changes, --nested and --with compare budgets; leave them out with --card"
        }
        if let problem { throw Failure(code: Failure.usage, message: problem) }
    }

    /// Several contexts and formats of cache on one card.
    private func compareOnCard() throws {
        let prepared = try options.prepared(besides: others)
        let rows = try CardRows(options.card, contexts: contexts, prepared).rows(
            with: options.solver.allocator
        )
        let comparison = CardComparison(rows, parameters: prepared.input.model.parameters)
        var text = try comparison.table().rendered(as: format, style: .standardOutput)
        if format == .text || format == .markdown {
            let sentences = comparison.sentences()
            let style = format == .text ? TerminalStyle.standardOutput : .plain
            if !sentences.isEmpty {
                text += "\n" + sentences.map { style.fitted($0) + "\n" }.joined()
            }
        }
        try Console.print(text, as: format.kind)
        try printLine(prepared.tableLine)
        if rows.contains(where: { $0.plan != nil }) { Interruption.answered() }
        if rows.contains(where: { $0.cache != rows.first?.cache }) {
            Console.note(
                "the harm that a smaller cache itself does to the output is in no table, and not in these impacts"
            )
        }
        if rows.allSatisfy({ $0.plan == nil }) { throw ExitCode(Failure.noPlan) }
    }

    /// Several speeds on the same devices.
    private func compareOnDevices() throws {
        let prepared = try options.prepared(besides: others)
        let speeds = try SpeedRows(deviceOptions, options.card, floors: minSpeeds, prepared)
        let rows = try speeds.rows(with: options.solver)
        let comparison = SpeedComparison(
            rows,
            on: speeds.places.map(\.name),
            parameters: prepared.input.model.parameters
        )
        try Console.print(
            try comparison.table().rendered(as: format, style: .standardOutput),
            as: format.kind
        )
        try printLine(prepared.tableLine)
        if rows.allSatisfy({ $0.plan == nil }) { throw ExitCode(Failure.noPlan) }
        Interruption.answered()
    }

    private func solved(
        _ task: PlanningTask,
        labels: [String],
        bytes: [Int],
        with allocator: Allocator
    ) -> [PlanComparison.Row] {
        let best = allocator.plans(for: task.problem, budgets: bytes)
        let plans = nested ? allocator.nestedPlans(for: task.problem, budgets: bytes) : best
        // Plans that grow are read from the smallest on, in whatever order the budgets were given.
        let order =
            nested ? labels.indices.sorted { (bytes[$0], $0) < (bytes[$1], $1) } : Array(labels.indices)
        return order.map { index in
            PlanComparison.Row(
                label: labels[index],
                budget: bytes[index],
                plan: plans[index],
                unrestricted: nested ? try? best[index].get() : nil
            )
        }
    }

    /// The plans from elsewhere, each beside the best plan of its size; none where they are not shown.
    private func compared(in prepared: RestrictedTask) throws -> ComparedPlans? {
        guard !others.isEmpty || format != .csv else { return nil }
        let mixes = prepared.mixes()
        var plans = mixes.plans + (try others.map { try ComparedPlan.named($0, in: prepared) })
        prepared.showBest(of: &plans, with: options.solver.allocator)
        let compared = ComparedPlans(
            plans: plans,
            unmeasured: mixes.unmeasured,
            word: prepared.input.impactWord
        )
        return compared.isEmpty ? nil : compared
    }

    /// Prints the table, where asked for the changes of every step, and the plans from elsewhere; as JSON they are members of
    /// one object where there is more than the table, as CSV they stand one after the other, an empty line between.
    private func print(_ comparison: PlanComparison, beside compared: ComparedPlans?, _ table: TableLine)
        throws
    {
        let style = TerminalStyle.standardOutput
        switch format {
        case .json:
            var members = [JSONValue.Member(key: "budgets", value: comparison.table().jsonValue)]
            if changes { members.append(.init(key: "changes", value: comparison.changeTable().jsonValue)) }
            if let compared, !compared.plans.isEmpty {
                members.append(.init(key: "compared", value: compared.table().jsonValue))
            }
            let whole = members.count > 1 ? JSONValue.object(members) : comparison.table().jsonValue
            try Console.print(try whole.text(), as: .json)
        case .csv:
            let own = changes ? comparison.changeTable() : comparison.table()
            try Console.print(
                ([own] + (compared.map { [$0.table()] } ?? [])).map { $0.csv() }.joined(separator: "\n")
            )
        case .markdown:
            let tables =
                [comparison.table(usedOnly: true)] + (changes ? [comparison.changeTable()] : [])
                + (compared.map { $0.plans.isEmpty ? [] : [$0.table()] } ?? [])
            try Console.print(tables.map { $0.markdown() }.joined(separator: "\n"))
        case .text:
            var text = comparison.table(usedOnly: true).text(style: style)
            for step in changes ? comparison.changes() : [] {
                text += "\n" + style.bold("\(step.from) to \(step.to)") + ": \(step.difference.summary)\n"
                text += step.difference.lines(width: Console.width - 2).map { "  \($0)\n" }.joined()
            }
            if let compared { text += "\n" + compared.text(on: nil, style: style) + "\n" }
            try Console.print(text)
        }
        try printLine(table)
    }

    /// Says what the table holds, where people read.
    private func printLine(_ table: TableLine) throws {
        switch format {
        case .text: try Console.show("\nTable   \(table.text)\n")
        case .markdown: try Console.print("\nTable: \(table.markdown)\n")
        case .json, .csv: Console.note("table   \(table.text)")
        }
    }
}
