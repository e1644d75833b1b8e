import ArgumentParser
import BitAllocation
import Checkpoints
import Recipes
import Reports
import Sensitivity
import Tensors

/// `plan check RECIPE [FILE]`: a recipe against its table and model, a finished file against the recipe.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks a recipe against its table and model, or a finished file against the recipe.",
        discussion: """
            Without a file, the recipe's impacts are looked up in the table again, its sizes computed from the model, and its \
            totals added up. With a file (GGUF or safetensors), the format of every tensor and the sizes are compared; only \
            the file's header is read. The exit code is 1 where anything differs, and the differences are listed.

            EXAMPLES
              plan check plans/flux1-dev-9GB.json
              plan check recipe.json flux1-dev-mixed.gguf
              plan check recipe.json --model m.gguf --impacts i.csv
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

    @Flag(help: "Check even if model or table are not the recipe's.")
    var force = false

    @Option(help: "How the differences are written: text, json, csv or markdown.")
    var format = OutputFormat.text

    func run() throws {
        try translatingErrors {
            let recipe = try RecipeReader.read(path: recipe)
            if let file {
                let check = RecipeCheck(recipe, file: try Model.read(path: file))
                try report(
                    check.differences.map { [$0.tensor ?? "the file", $0.kind, $0.planned, $0.found] },
                    fine: "\(check.matching) tensors are as planned"
                )
            } else {
                try report(try scoreAgain(recipe), fine: "the recipe's impacts, sizes and totals are right")
            }
        }
    }

    private func report(_ differences: [[String]], fine: String) throws {
        var table = Table(columns: [
            Table.Column("Where", key: "where"), Table.Column("What", key: "what"),
            Table.Column("Planned", key: "planned"), Table.Column("Found", key: "found"),
        ])
        for difference in differences {
            table.append(difference.map { Table.Cell($0) })
        }
        if differences.isEmpty, format == .text {
            return try Console.print("Nothing differs: \(fine).\n")
        }
        try Console.print(try table.rendered(as: format, style: .standardOutput))
        if !differences.isEmpty {
            Console.note("\(differences.count) differences")
            throw ExitCode(1)
        }
    }

    /// The recipe's figures beside those that its table and model give.
    private func scoreAgain(_ recipe: Recipe) throws -> [[String]] {
        let model = try Model.named(self.model ?? recipe.model.name)
        let table = try self.table(of: recipe)
        var differences: [[String]] = []
        func compare(_ place: String, _ what: String, _ planned: String, _ found: String) {
            if planned != found { differences.append([place, what, planned, found]) }
        }
        let tensors = Dictionary(model.tensors.map { ($0.name, $0) }) { first, _ in first }
        let names = recipe.layers.flatMap(\.tensors) + recipe.kept.map(\.tensor)
        let isSameShape = Set(names) == Set(tensors.keys)
        if model.digest != recipe.model.digest {
            guard isSameShape || force else {
                throw Failure(
                    code: Failure.badData,
                    message: """
                        the recipe is for another model than \(model.name): the tensors' names differ; name the right one \
                        with --model, or use --force
                        """
                )
            }
            if isSameShape {
                Console.note(
                    "\(model.name) has the recipe's tensors in other types, as another release or a fine-tune may"
                )
            }
        }
        guard table.digest == recipe.impacts.digest || force else {
            throw Failure(
                code: Failure.badData,
                message: """
                    the recipe was planned on another table than \(table.name): their digests differ; name the right one \
                    with --impacts, or use --force
                    """
            )
        }
        func bytes(_ name: String, _ format: String) -> Int? {
            guard let tensor = tensors[name], let format = QuantizationFormat(named: format) else {
                return nil
            }
            return format.byteCount(of: tensor)
        }
        var data = 0
        for layer in recipe.layers {
            let sizes = layer.tensors.map { bytes($0, layer.format) }
            let total = sizes.contains(nil) ? nil : sizes.compactMap(\.self).reduce(0, +)
            data += total ?? 0
            compare(layer.layer, "bytes", "\(layer.bytes)", total.map { "\($0)" } ?? "none")
            // The source format stands in no table and costs nothing.
            let impact =
                table.index(ofFormat: layer.format) == nil
                ? (layer.format == model.sourceFormat.name ? 0 : nil)
                : table.impact(layer: layer.layer, format: layer.format)
            compare(layer.layer, "impact", "\(layer.impact)", impact.map { "\($0)" } ?? "forbidden")
        }
        for kept in recipe.kept {
            let size = bytes(kept.tensor, kept.format)
            data += size ?? 0
            compare(kept.tensor, "bytes", "\(kept.bytes)", size.map { "\($0)" } ?? "none")
        }
        compare("the file", "tensor bytes", "\(recipe.size.tensorData)", "\(data)")
        let sum = recipe.size.tensorData.addingReportingOverflow(recipe.size.headerAndAlignment)
        compare(
            "the file",
            "bytes",
            "\(recipe.size.bytes)",
            sum.overflow ? "too many" : "\(sum.partialValue)"
        )
        guard let rule = ImpactCombination(rawValue: recipe.impact.combine) else {
            throw Failure(
                code: Failure.badData,
                message: "the recipe combines impacts by '\(recipe.impact.combine)', which is not known"
            )
        }
        compare("the plan", "impact", "\(recipe.impact.total)", "\(rule.total(recipe.layers.map(\.impact)))")
        switch recipe.limit {
        case .bytes(let budget) where recipe.size.bytes > budget:
            differences.append(["the plan", "budget", "at most \(budget)", "\(recipe.size.bytes)"])
        case .impact(let limit) where recipe.impact.total > limit:
            differences.append(["the plan", "impact", "at most \(limit)", "\(recipe.impact.total)"])
        default: break
        }
        return differences
    }

    private func table(of recipe: Recipe) throws -> ImpactTable {
        if let impacts, impacts != ModelOptions.builtInTable {
            return try ImpactTableReader.read(path: impacts).table
        }
        let builtIn = try ImpactTable.fluxDevTable3
        guard impacts != nil || recipe.impacts.digest == builtIn.digest else {
            throw Failure(
                code: Failure.usage,
                message: "the recipe's table is not built in; name its file with --impacts"
            )
        }
        return builtIn
    }
}
