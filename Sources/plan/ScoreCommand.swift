import ArgumentParser
import BitAllocation
import Checkpoints
import Converters
import Planning
import Recipes
import Reports
import Tensors
import Text

/// `plan score FILE…`: finished files on a table.
struct ScoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Measures finished files on a table: size, impact, and how far from the best of that size.",
        discussion: """
            Each file (GGUF, safetensors or an MLX folder) and each recipe has a row: its size to the byte, its impact by the \
            table, the impact of the best plan of its size, and the ratio of the two. Only headers are read. --model is the model \
            that the files were made from.

            --converter says whose files the best plans are: they have only formats that the program makes, keep what it keeps, and \
            tie what it cannot tell apart. By default it is that of the recipes where all have the same one, mlx for a table of \
            MLX's formats, and otherwise none, so that the best plan may be one that no program makes. The files themselves count as \
            they are, whoever made them.

            If a file has a layer in a format that the table has no column for, its size and formats are shown without an \
            impact. Tensors that every plan keeps count with the size that they have in the file; the best plan is then the one \
            whose layers take as many bytes as the file's.

            EXAMPLES
              plan score plans/flux1-dev-9GB.json
              plan score flux1-dev-Q4_1.gguf flux1-dev-Q8_0.gguf
              plan score llama-Q4_K_M.gguf --model llama-BF16.gguf --impacts llama.csv
              plan score mixed-mlx --model llama --impacts llama.csv --format json
              plan score plans/flux1-dev-9GB.json --at-most '*.x=Q8_0' --time-limit 60
            """
    )

    @Argument(help: "The finished files: GGUF, safetensors, MLX folders, or recipes.")
    var files: [String]

    @OptionGroup(title: "MODEL AND TABLE")
    var modelOptions: ModelOptions

    @OptionGroup(title: "RESTRICTIONS")
    var constraintOptions: ConstraintOptions

    @OptionGroup(title: "SEARCH")
    var solverOptions: SolverOptions

    @Option(help: "How the files are listed.")
    var format = OutputFormat.text

    func run() throws {
        try translatingErrors {
            try StandardInput.checkNamedOnce(files + modelOptions.namedFiles + constraintOptions.files)
            var options = modelOptions
            let input = try options.input()
            options.tableOptions.converter =
                try options.tableOptions.converter ?? ConverterChoice.ofFinishedFiles(input)?.name
                ?? recipesConverter() ?? ConverterChoice.nobody
            let prepared = try RestrictedTask(options, constraintOptions, input: input)
            var rows = try files.map { try row($0, in: prepared) }
            var plans = rows.compactMap(\.plan)
            prepared.showBest(of: &plans, with: solverOptions.allocator)
            for index in rows.indices where rows[index].plan != nil {
                rows[index].plan = plans.removeFirst()
            }
            let report = ScoreReport(
                rows,
                parameters: prepared.input.model.parameters,
                word: prepared.input.impactWord,
                line: prepared.tableLine
            )
            let isForPrograms = format == .json || format == .csv
            try Console.print(
                format == .text
                    ? report.text(style: .standardOutput)
                    : try report.table(forPrograms: isForPrograms).rendered(as: format),
                as: format.kind
            )
            if format == .markdown { try Console.print("\nTable: \(prepared.tableLine.markdown)\n") }
        }
    }

    /// The converter of all recipes, where they are for the same one: it counts what the finished file holds besides tensors.
    ///
    /// Beside finished files it is this program alone, which takes any format that they may have.
    private func recipesConverter() throws -> String? {
        let recipes = try files.filter { try !ComparedPlan.holdsModel($0) }
        let names = Set(try recipes.map { try RecipeReader.read(path: $0).converter })
        guard names.count == 1, let name = names.first ?? nil else { return nil }
        return recipes.count == files.count || name == Converters.usual(for: .gguf).name ? name : nil
    }

    private func row(_ path: String, in prepared: RestrictedTask) throws -> ScoreReport.Row {
        guard try ComparedPlan.holdsModel(path) else {
            let plan = try ComparedPlan.recipe(path: path, in: prepared)
            let recipe = try RecipeReader.read(path: path)
            return ScoreReport.Row(
                name: InputFile.name(of: path),
                kind: .recipe,
                bytes: plan.bytes,
                formats: AssignedFormats.text(ofLayers: recipe.layers.map(\.format)),
                plan: plan,
                remarks: []
            )
        }
        let finished = try FinishedModel(path: path, in: prepared)
        return ScoreReport.Row(
            name: InputFile.name(of: path),
            kind: .file,
            bytes: finished.bytes,
            formats: finished.formats.formatsText,
            plan: finished.plan(in: prepared),
            remarks: finished.remarks(in: prepared)
        )
    }
}
