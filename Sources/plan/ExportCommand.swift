import Text
import ArgumentParser
import Checkpoints
import Converters
import Recipes
import Tensors

/// `plan export RECIPE --converter NAME`: a recipe in a converter's own language.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes a recipe in a converter's own language.",
        usage: "plan export [<options>] <recipe> --converter <name>",
        discussion: """
            The recipe is checked against the converter first: its formats, what it never quantizes, layers that must \
            agree. The result goes to standard output unless -o names a file; how to use it, with the exact command, goes to \
            standard error. plan converters lists the converters.

            EXAMPLES
              plan export recipe.json --converter cg-mixed-casting
              plan export recipe.json --converter thireus -o plan.recipe
              plan export recipe.json --converter thireus --force
              plan export own.json --converter llama-quantize --model model.json
            """
    )

    @Argument(help: "The recipe: a JSON file that plan wrote.")
    var recipe: String

    @Option(help: ArgumentHelp("The converter; plan converters lists them.", valueName: "name"))
    var converter: String

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Where the result goes; - is standard output.", valueName: "file")
    )
    var output = Destination.standardOutput

    @Option(
        help: ArgumentHelp(
            "The recipe's model: a built-in one or a file; by default the built-in one that the recipe names.",
            valueName: "model"
        )
    )
    var model: String?

    @Flag(
        help: """
            Writes the result even if the model is not the recipe's or the result exceeds the recipe's budget, and over a file \
            that the command would leave alone otherwise; files that it reads are never written over.
            """
    )
    var force = false

    func run() throws {
        try translatingErrors {
            let converter = try Converters.named(converter)
            let path = recipe
            let recipe = try RecipeReader.read(path: path)
            let model = try model(for: recipe)
            let files = try converter.files(for: recipe, model: model.tensors)
            let sizes = RecipeSizes(recipe, tensors: model.tensors)
            if let first = sizes.differences.first, !force {
                throw Failure(
                    code: Failure.badData,
                    message: """
                        the recipe's sizes are not those of its formats: \(first.place.quoted) has \(first.planned) bytes in \
                        it and \(first.found.map { "\($0)" } ?? "no size") on the model; plan again, or use --force
                        """
                )
            }
            try check(
                converter.keptDifferences(from: recipe, model: model.tensors),
                in: recipe,
                of: converter
            )
            var outputs = OutputFiles(besides: [path, self.model] + model.readFiles, force: force)
            let places = try files.map { file in
                try output.path.map { output in
                    // Several files go into a folder, under names of their own.
                    try outputs.claim(
                        files.count == 1 ? output : "\(output)/\(file.name)",
                        for: .rules(file, converter: converter.name)
                    )
                }
            }
            for (index, (file, place)) in zip(files, places).enumerated() {
                if let place {
                    try place.write(file.bytes, isAnswer: index == files.count - 1)
                } else {
                    try Console.write(String(decoding: file.bytes, as: UTF8.self), as: .data)
                }
            }
            Interruption.answered()
            advise(on: recipe, from: path, for: converter, source: SourceFiles(model))
        }
    }

    /// Says how to use what was written: a command that reads it where it is, or first one that puts it there.
    private func advise(
        on recipe: Recipe,
        from path: String,
        for converter: any Converter,
        source: SourceFiles
    ) {
        if let obstacle = converter.obstacle(to: recipe, source: source) { return Console.note(obstacle) }
        if let file = output.path {
            Console.note("Use it like this:")
            let text = converter.command(for: recipe, file: file, source: source)
            for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
                // What a placeholder stands for is a sentence below the command.
                if line.wholeMatch(of: /\S.*[\w)]\./) == nil {
                    Console.noteToPaste(line)
                } else {
                    Console.note(line)
                }
            }
            return
        }
        let named = model.map { " --model \(ShellText.input($0, as: "--model"))" } ?? ""
        Console.note("To use it, write it to a file, which shows the command that reads it:")
        Console.noteToPaste(
            """
            plan export \(ShellText.input(path, as: "--recipe")) --converter \(converter.name)\(named)\(force ? " --force" : "") -o \(converter.fileName)
            """
        )
    }

    /// The model that is named, or the built-in one that the recipe is for.
    private func model(for recipe: Recipe) throws -> Model {
        let reference = recipe.model
        let model: Model
        if let name = self.model {
            model = try Model.source(named: name, of: recipe)
        } else if Model.builtInNames.contains(reference.name) {
            model = try Model.builtIn(named: reference.name)
        } else if let same = try Self.builtIn(digest: reference.digest) {
            return same
        } else {
            throw Failure(
                code: Failure.usage,
                message: "the recipe's model is no built-in one; name its file with --model"
            )
        }
        if let note = try recipe.foreignModelNote(
            model,
            RecipeSizes(recipe, tensors: model.tensors),
            force: force
        ) {
            Console.note(note)
        }
        return model
    }

    private static func builtIn(digest: String) throws -> Model? {
        for name in Model.builtInNames {
            let model = try Model.builtIn(named: name)
            if model.digest == digest { return model }
        }
        return nil
    }

    /// Says where the converter leaves kept tensors otherwise than planned, and refuses what exceeds the budget.
    private func check(
        _ differences: [KeptDifference],
        in recipe: Recipe,
        of converter: any Converter
    ) throws {
        guard let what = differences.summary(of: converter) else { return }
        let extra = differences.extraBytes
        let (total, overflow) = recipe.size.bytes.addingReportingOverflow(extra)
        // A recipe for the smallest file has no budget in bytes that a larger one could exceed.
        let budget = if case .bytes(let bytes) = recipe.limit { bytes } else { Int.max }
        if extra > 0, overflow || total > budget, !force {
            throw Failure(
                code: Failure.badData,
                message:
                    "\(what) and exceeds its budget; plan again with --converter \(converter.name), or use --force"
            )
        }
        Console.note(what)
    }
}
