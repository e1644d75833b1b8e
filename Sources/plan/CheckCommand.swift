import Planning
import ArgumentParser
import BitAllocation
import Checkpoints
import Converters
import Recipes
import Reports
import Sensitivity
import Tensors
import Text

/// `plan check RECIPE [FILE]`: a recipe against its table and model, a finished file against the recipe.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks a recipe against its table and model, or a finished file against the recipe.",
        usage: "plan check [<options>] <recipe> [<file>]",
        discussion: """
            Without a file, the recipe's impacts are looked up in the table again, its sizes are computed from the model, its \
            totals are added up, and the gap and status of its proof are computed from its bound. Then it is solved again under \
            its own restrictions, which shows whether "optimal" is true. With a file (GGUF or safetensors), the format of every \
            tensor and the sizes are compared; only the file's header is read. If anything differs, the differences are listed \
            and the exit code is 1.

            EXAMPLES
              plan check plans/flux1-dev-9GB.json
              plan check recipe.json flux1-dev-mixed.gguf
              plan check recipe.json flux1-dev-mixed.gguf --converter stable-diffusion.cpp
              plan check recipe.json --model m.gguf --impacts i.csv
              plan check slow.json --costs costs.csv
            """
    )

    @Argument(help: "The recipe: a JSON file that plan wrote.")
    var recipe: String

    @Argument(help: "The finished file: GGUF or safetensors.")
    var file: String?

    @Option(
        help: ArgumentHelp(
            "The recipe's model; by default the built-in one that it names.",
            valueName: "model"
        )
    )
    var model: String?

    @Option(
        help: ArgumentHelp(
            "The recipe's table; by default the built-in one that it names.",
            valueName: "file"
        )
    )
    var impacts: String?

    @Option(
        help: ArgumentHelp(
            "The table of costs of the recipe's --slowdown; without it, the slowdown is not checked.",
            valueName: "file"
        )
    )
    var costs: String?

    @Option(
        help: ArgumentHelp(
            """
            The program that made the finished file, if it is not the one that the recipe names. If the recipe names none, by \
            default the one that explains the file best.
            """,
            valueName: "name"
        )
    )
    var converter: String?

    @Flag(help: "Checks even if model or table are not the recipe's.")
    var force = false

    @Option(help: "How the differences are written.")
    var format = OutputFormat.text

    func run() throws {
        try translatingErrors {
            try StandardInput.checkNamedOnce([recipe, file, model, impacts, costs])
            if Model.holdsTensors(path: recipe) {
                throw Failure(
                    code: Failure.usage,
                    message: """
                        \(InputFile.quoted(recipe)) is a model; give the recipe first\(file == nil ? "" : ", and then the file"), such as \
                        plan check \(Self.word(file ?? "recipe.json", as: "--recipe")) \(Self.word(recipe, as: "--model"))
                        """
                )
            }
            let recipe = try RecipeReader.read(path: recipe)
            if let file {
                guard impacts == nil, costs == nil else {
                    throw Failure(
                        code: Failure.usage,
                        message: """
                            --impacts and --costs have no part in checking a finished file; leave them or the file out
                            """
                    )
                }
                try check(file, against: recipe)
            } else {
                guard converter == nil else {
                    throw Failure(
                        code: Failure.usage,
                        message: "--converter says what made a finished file; name that file, or leave it out"
                    )
                }
                try check(recipe)
            }
        }
    }

    /// A file as a word of a command that takes standard input, too.
    private static func word(_ path: String, as option: String) -> String {
        path == "-" ? path : ShellText.input(path, as: option)
    }

    /// Scores a recipe again and solves it again.
    private func check(_ recipe: Recipe) throws {
        // A model of that name may lie here.
        guard
            self.model != nil || Model.builtInNames.contains(recipe.model.name)
                || FileIdentity(of: recipe.model.name)?.isThere == true
        else {
            throw Failure(
                code: Failure.usage,
                message: "the recipe's model is no built-in one; name its file with --model"
            )
        }
        if let grouping = recipe.recorded.grouping, !InputFile.isLasting(grouping) {
            throw Failure(
                code: Failure.badData,
                message: """
                    the recipe was planned with a --grouping that came through standard input or a pipe, and is not there any more; plan \
                    again with a file
                    """
            )
        }
        let model = try Model.source(named: self.model ?? recipe.model.name, of: recipe)
        let table = try self.table(of: recipe, model)
        let differences = try scoreAgain(recipe, model, table)
        // What is better or as good as a plan cannot be told by figures that are not the plan's.
        let again =
            !differences.contains(where: \.makesAnotherPlan)
            ? try solveAgain(recipe, model, table)
            : Again(sentence: "not solved again: its own impacts, sizes, tensors or converter are wrong")
        let all = differences + again.differences
        if !all.isEmpty || format != .text { Console.note(again.sentence) }
        try report(all, fine: "the recipe's impacts, sizes and totals are right; \(again.sentence)")
    }

    /// Prints the differences, or that there are none.
    func report(_ differences: [RecipeDifference], fine: String) throws {
        var table = Table(columns: [
            Table.Column("Where", key: "where"), Table.Column("What", key: "what"),
            Table.Column("Planned", key: "planned"), Table.Column("Found", key: "found"),
        ])
        for difference in differences {
            let words = [difference.place, difference.figure, difference.planned, difference.found]
            table.append(words.map { Table.Cell($0) })
        }
        if differences.isEmpty, format == .text {
            return try Console.show("Nothing differs: \(fine).\n")
        }
        try Console.print(try table.rendered(as: format, style: .standardOutput), as: format.kind)
        if !differences.isEmpty {
            Console.note(differences.count == 1 ? "1 difference" : "\(differences.count) differences")
            throw ExitCode(1)
        }
    }

    /// The recipe's figures beside those that its table and model give.
    private func scoreAgain(
        _ recipe: Recipe,
        _ model: Model,
        _ table: ImpactTable
    ) throws -> [RecipeDifference] {
        let sizes = RecipeSizes(
            recipe,
            tensors: model.tensors,
            measuredSize: { table.byteCount(layer: $0, format: $1) }
        )
        try checkDigest(of: model, recipe, sizes)
        guard table.digest == recipe.impacts.digest || force else {
            throw PlanningError.otherTable(table.name)
        }
        let audit = try RecipeAudit(
            recipe,
            model: model,
            table: table,
            sizes: sizes,
            layers: try? model.layers(for: table, grouping: recipe.recorded.grouping),
            costs: checkedCosts(of: recipe),
            layersMayBeGiven: recipe.recorded.givesFormats
        )
        return audit.differences
    }

    /// Says where a model is not the recipe's, and refuses one that has other tensors.
    func checkDigest(of model: Model, _ recipe: Recipe, _ sizes: RecipeSizes) throws {
        guard let note = try recipe.foreignModelNote(model, sizes, force: force) else { return }
        Console.note(note)
    }

    private func table(of recipe: Recipe, _ model: Model) throws -> ImpactTable {
        // So does it where the table names layers otherwise than the model.
        let solve = try? SolveCommand.parse(recipe.generator.arguments)
        let naming = try solve?.options.model.tableOptions.naming ?? NamingOptions.parse([])
        if let impacts, impacts != ModelOptions.builtInTable {
            // Where the table does not name its formats, the recipe says how they were named.
            let table = try ImpactTableReader.read(
                path: impacts,
                for: model,
                options: ImpactImportOptions(
                    lowFormat: recipe.recorded.lowFormat,
                    highFormat: recipe.recorded.highFormat
                )
            ).table
            return try naming.renaming(table, for: model, grouping: recipe.recorded.grouping)
        }
        let builtIn = try naming.renaming(.fluxDevTable3, for: model, grouping: recipe.recorded.grouping)
        guard impacts != nil || recipe.impacts.digest == builtIn.digest else {
            throw Failure(
                code: Failure.usage,
                message: recipe.recorded.isRobust
                    ? """
                    the recipe's table is the robust plan's own; plan again with --robust-table FILE, and name the file with \
                    --impacts
                    """ : "the recipe's table is not built in; name its file with --impacts"
            )
        }
        return builtIn
    }
}
