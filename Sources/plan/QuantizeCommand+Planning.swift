import Checkpoints
import Converters
import Estimation
import Foundation
import Planning
import Recipes
import Reports
import Sensitivity
import Tensors
import Text

extension QuantizeCommand {
    /// What is planned, by the options of this command and the table that is named or was measured.
    func request(_ table: TableOptions, _ matrix: ImportanceMatrix? = nil) -> PlanRequest {
        var options = PlanningOptions()
        options.card = cardOptions
        options.model = ModelOptions()
        options.model.model = model
        options.model.imatrix = imatrix
        options.model.tableOptions = table
        options.constraints = constraintOptions
        options.solver = solverOptions
        return PlanRequest(
            limits: limitOptions,
            options: options,
            robust: robustOptions,
            importance: matrix.map { .matrix($0) } ?? (importance == .ones ? .ones : nil),
            devices: deviceOptions
        )
    }

    /// Plans, estimating the table first where none is given, and writes the recipe unless nothing is to be written.
    ///
    /// Before weights are measured, which may take hours, a plan on a table of zeros shows whether there can be one at all, and
    /// `check` whether a file can be made of it.
    func plan(
        _ input: Input,
        _ outputs: OutputFiles,
        check: (Recipe) throws -> Void
    ) throws -> (recipe: Recipe, table: ImpactTable?) {
        var outputs = outputs
        let tableFile = try robustOptions.robustTable.map { try outputs.claim($0, for: .impactTable) }
        var table = tableOptions
        try checkFolder()
        table.converter = table.converter ?? Converters.usual(for: input.container).name
        if table.impacts == nil { table.impacts = try measuredTable(input, table, outputs, check: check) }
        let request = request(table, input.importance.matrix)
        let prepared = try request.prepared(reading: input.reading)
        let answer = try request.answer(
            prepared,
            table: dryRun ? nil : tableFile,
            showsMixes: true
        )
        try Console.print(answer.summary.text(width: Console.width, style: .standardOutput))
        if let robustness = answer.robustness {
            try Console.print("\n" + robustness.text(width: Console.width, style: .standardOutput))
        }
        answer.sayHowItEnded()
        guard !dryRun else {
            try Console.print("\n")
            return (answer.recipe, answer.input.table)
        }
        let path = try RecipePlace.write(
            try answer.recipe.jsonText(),
            of: answer.recipe,
            limit: request.limitText,
            outputs,
            isAnswer: false
        )
        try Console.print("\nRecipe  \(path)\n")
        if let line = try answer.runLine(output ?? update ?? "") { try Console.print(line + "\n") }
        return (answer.recipe, answer.input.table)
    }

    /// Measures the weights, once a plan on a table of zeros has shown that there can be one.
    ///
    /// - Returns: The table's path.
    private func measuredTable(
        _ input: Input,
        _ table: TableOptions,
        _ outputs: OutputFiles,
        check: (Recipe) throws -> Void
    ) throws -> String {
        let (model, matrix) = (input.model, input.importance.matrix)
        let name = table.converter ?? Converters.usual(for: input.container).name
        let converter = try Converters.named(name)
            .adapted(to: model, importance: matrix.map { .matrix($0) } ?? .none)
        do {
            if let packed = model.packedWeights.first {
                throw Failure(
                    code: Failure.badData,
                    message:
                        "\(EstimationError.quantizedAlready(packed)), or name a table that was made of that with --impacts"
                )
            }
            let estimated = try ConverterEstimate(
                of: model,
                for: converter,
                grouping: table.grouping.map { try LayerGrouping.named($0, for: model.tensors) },
                formats: table.formats.map(QuantizationFormat.list),
                runtime: cardOptions.targetRuntime(),
                importance: input.importance,
                gradients: input.gradients,
                rowShare: EstimateOptions.share(rows)
            )
            if robustOptions.robust != nil, estimated.run.header.rowShare == 1 {
                throw Failure(
                    code: Failure.usage,
                    message: """
                        --robust draws within standard errors, which a table of all rows does not have; measure a share of them \
                        with --rows, such as --rows 5%, or leave --robust out
                        """
                )
            }
            if let recipe = try request(table, matrix).rehearsed(model, on: estimated.standIn) {
                try check(recipe)
            }
            return try estimated.writeTable(of: model, outputs)
        } catch EstimationError.unreadableType(_, let type) where tableOptions.allowRequantize {
            throw Failure(
                code: Failure.badData,
                message: """
                    weights in \(type) are not measured, as their values before quantizing are not known; name a table of the \
                    original model with --impacts
                    """
            )
        }
    }

    /// Refuses a current folder that the recipe and the table cannot be written to, before anything is measured or planned.
    private func checkFolder() throws {
        guard !dryRun else { return }
        let isThere = FileIdentity(of: RecipePlace.folder)?.isThere == true
        let places = tableOptions.impacts == nil || !isThere ? ["."] : []
        for place in places + (isThere ? [RecipePlace.folder] : [])
        where place.withSystemPath({ access($0, W_OK) }) != 0 {
            throw Failure(
                code: Failure.cannotWrite,
                message: """
                    the recipe, and the table where none is given, go to the current folder, which cannot be written to \
                    (\(SystemCall.reason)); run this in a folder that can, or plan elsewhere and name the recipe with --recipe
                    """
            )
        }
    }
}
