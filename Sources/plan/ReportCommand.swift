import ArgumentParser
import BitAllocation
import Checkpoints
import OrderedJSON
import Recipes
import Reports
import Sensitivity
import Tensors

/// `plan report -o report.html`: a page with every best plan.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Writes one self-contained HTML page with every best plan, to look at and to send.",
        discussion: """
            The page has a slider over the plans, the map of the layers, the curve, the table, reasons for every layer, and \
            a button that saves the recipe shown, the same to the byte as plan --budget writes it for that size. It needs \
            no network and opens from disk. It saves the files of the converters that serve the model, too.

            EXAMPLES
              plan report
              plan report --budget 9GB --with mine.json -o report.html
              plan report --model m.json --impacts i.csv --points 200 -o m.html
            """
    )

    @Option(
        help: ArgumentHelp(
            "The budget of the plan that is shown first, as for plan --budget; by default the first knee's.",
            valueName: "size"
        )
    )
    var budget: String?

    @OptionGroup(title: "MODEL AND TABLE")
    var modelOptions: ModelOptions

    @OptionGroup(title: "RESTRICTIONS")
    var constraintOptions: ConstraintOptions

    @OptionGroup(title: "SEARCH")
    var solverOptions: SolverOptions

    @Option(
        help: ArgumentHelp(
            "The most plans on the page, and the budgets to solve where not every plan can be had.",
            valueName: "count"
        )
    )
    var points: Int?

    @Option(
        name: .customLong("with"),
        help: ArgumentHelp(
            "A recipe to hold against the curve; may be given several times.",
            valueName: "file"
        )
    )
    var recipes: [String] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Where the page goes; - is standard output.", valueName: "file")
    )
    var output = "report.html"

    /// The most plans on a page unless --points says otherwise; more would make it slow.
    private static let pointLimit = 3_000

    func validate() throws {
        if let points, !(2...100_000).contains(points) {
            throw ValidationError("--points takes a number from 2 to 100000")
        }
    }

    func run() throws {
        try translatingErrors {
            let budget = try budget.map { try Budget(parsing: $0) }
            let input = try modelOptions.input()
            var task = try modelOptions.task(input)
            try task.problem.apply(try constraintOptions.restrictions(for: task))
            let compared =
                ComparedPlan.uniformPlans(of: task.problem)
                + (try recipes.map { try ComparedPlan.recipe(path: $0, in: task) })
            let allocator = solverOptions.allocator
            let curve = try Interruption.watch {
                try FrontierCurve(of: task.problem, allocator: allocator, count: points ?? 50)
            }
            let shown = Set(curve.sample(points ?? Self.pointLimit)).union(curve.knees).sorted()
            let plans = try plans(at: shown.map { curve.points[$0] }, of: task.problem, allocator)
            let knees = curve.knees.compactMap { knee in
                plans.firstIndex { $0.bytes == curve.points[knee].bytes }
            }
            let wanted = budget?.bytes(parameters: input.model.parameters, sourceBytes: task.sourceBytes)
            let start =
                wanted.map { wanted in plans.lastIndex { $0.bytes <= wanted } ?? 0 } ?? knees.first
                ?? plans.count / 2
            if let wanted, let smallest = plans.first?.bytes, wanted < smallest {
                throw Infeasibility(task: task, budget: wanted, smallestBytes: smallest).failure
            }
            let recipe = try recipe(plans[start], for: task, input)
            guard
                let page = ReportPage(
                    task: task,
                    plans: plans,
                    isComplete: curve.isComplete && plans.count == curve.points.count,
                    knees: knees,
                    compared: compared,
                    start: start,
                    converters: sheets(for: recipe, of: task.problem, input),
                    provenance: provenance(recipe)
                )
            else {
                throw Failure(
                    code: Failure.limitReached,
                    message: "the search ended before it found a plan to show"
                )
            }
            let html = try page.html()
            if output == "-" {
                try Console.print(html)
            } else {
                try AtomicFile.write(Array(html.utf8), to: output)
                Console.note("\(output): \(plans.count) plans, \(ByteSize(html.utf8.count).decimal)")
            }
        }
    }

    /// The plans that `plan --budget` makes at the sizes of points, so that the page's recipes are the command line's.
    private func plans(
        at points: [FrontierCurve.Point],
        of problem: AllocationProblem,
        _ allocator: Allocator
    ) throws -> [AllocationPlan] {
        var plans: [AllocationPlan] = []
        let results = Interruption.watch { allocator.plans(for: problem, budgets: points.map(\.bytes)) }
        for (point, result) in zip(points, results) {
            // Where a search without proof ends below the point's size, its plan would have another budget.
            guard case .success(let plan) = result, plan.bytes == point.bytes else { continue }
            plans.append(plan)
        }
        guard !plans.isEmpty else {
            throw Failure(
                code: Failure.limitReached,
                message: "the search ended before it found a plan to show"
            )
        }
        return plans
    }

    private func provenance(_ recipe: Recipe) -> ReportPage.Provenance {
        ReportPage.Provenance(
            recipeVersion: Recipe.formatVersion,
            generatorVersion: recipe.generator.version,
            arguments: recipe.generator.arguments,
            modelName: recipe.model.name,
            parameters: recipe.model.parameters,
            modelDigest: recipe.model.digest,
            tableName: recipe.impacts.name,
            tableDigest: recipe.impacts.digest,
            converter: recipe.converter,
            sizeExact: recipe.size.exact
        )
    }

    /// A plan's recipe, its arguments without the budget.
    private func recipe(
        _ plan: AllocationPlan,
        for task: PlanningTask,
        _ input: ModelOptions.Input
    ) throws -> Recipe {
        Recipe(
            plan,
            for: task,
            generator: .init(
                version: PlanCommand.version,
                arguments: modelOptions.arguments + constraintOptions.arguments + solverOptions.arguments
            ),
            model: .init(
                name: input.model.name,
                parameters: input.model.parameters,
                digest: input.model.digest
            ),
            impacts: .init(name: input.table.name, digest: input.table.digest),
            converter: try modelOptions.converter.map(Converters.named),
            file: try modelOptions.finishedFile(input, for: task)
        )
    }

    /// How the page writes the files of the converters that serve the model.
    private func sheets(
        for recipe: Recipe,
        of problem: AllocationProblem,
        _ input: ModelOptions.Input
    ) -> [JSONValue] {
        let formats = (0..<problem.layerCount).map { layer in
            problem.options(ofLayer: layer).map { problem.formatNames[Int(problem.optionFormat[$0])] }
        }
        return Converters.all.compactMap {
            ConverterSheet($0, for: recipe, model: input.model.tensors, formats: formats)?.jsonValue
        }
    }
}
