import ArgumentParser
import BitAllocation
import Checkpoints
import Reports
import Tensors

/// `plan compare`: several budgets side by side.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Plans within several budgets and shows them side by side.",
        discussion: """
            One row per budget: the size of the file, bits per weight, impact, gap to the proven bound, layers per \
            format, and how many layers take another format than in the row before. Nothing is written to disk. The exit \
            code is 2 when no budget can be kept.

            EXAMPLES
              plan compare --budgets 8GB,9GB,10GB,12GB
              plan compare --budgets 35%,40%,50% --combine rss --format csv
            """
    )

    @Option(
        help: ArgumentHelp("The budgets, separated by commas; each as for plan --budget.", valueName: "list")
    )
    var budgets: String

    @OptionGroup(title: "MODEL AND TABLE")
    var modelOptions: ModelOptions

    @OptionGroup(title: "SEARCH")
    var solverOptions: SolverOptions

    @Option(help: "How the table is written: text, json, csv or markdown.")
    var format = OutputFormat.text

    func run() throws {
        try translatingErrors {
            let labels = budgets.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            let parsed = try labels.map { try Budget(parsing: $0) }
            let input = try modelOptions.input()
            let task = try modelOptions.task(input)
            let source = task.sourceBytes
            let bytes = parsed.map { $0.bytes(parameters: input.model.parameters, sourceBytes: source) }
            let plans = Interruption.watch {
                solverOptions.allocator.plans(for: task.problem, budgets: bytes)
            }
            let rows = labels.indices.map {
                PlanComparison.Row(label: labels[$0], budget: bytes[$0], plan: plans[$0])
            }
            let table = PlanComparison(rows, for: task, parameters: input.model.parameters).table()
            try Console.print(try table.rendered(as: format, style: .standardOutput))
            for row in rows {
                guard case .failure(.infeasible(_, let smallest)) = row.plan else { continue }
                Console.note(
                    "\(row.label): no plan fits; the smallest possible file has \(ByteSize(smallest).both)"
                )
            }
            if !rows.contains(where: { if case .success = $0.plan { true } else { false } }) {
                throw ExitCode(Failure.noPlan)
            }
        }
    }
}
