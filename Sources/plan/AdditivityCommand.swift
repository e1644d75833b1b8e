import ArgumentParser
import BitAllocation
import Foundation
import Planning
import Recipes
import Reports
import Sensitivity
import Text

/// `plan additivity LOSSES`: which rule of combining impacts explains losses that were measured.
struct AdditivityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "additivity",
        abstract: "Says which of sum, rss and max explains measured losses of whole models best.",
        discussion: """
            LOSSES is CSV with the header recipe,loss: recipes that plan wrote, all from one impact table, each with the \
            measured loss at the end of its model. Paths are relative to the folder of LOSSES, or to the current one where LOSSES comes through a pipe. The model of the loss is \
            a · C^q, with the recipe's combined impact C = (Σ impact^p)^(1/p); p is 1 for sum, 2 for rss, and infinite for max. \
            Recipes tell the rules apart if some spread their impact over few layers and others over many: plans for one budget \
            under --combine sum, rss and max, and uniform ones. The default is the rule for the kind of the table's cells.

            EXAMPLES
              plan additivity losses.csv
              plan additivity losses.csv --power 2
              plan additivity losses.csv --format csv
            """
    )

    @Argument(help: "The measured losses: a CSV file with the header recipe,loss.")
    var losses: String

    @Option(
        help: ArgumentHelp(
            "How the loss grows with the impact: 1 like an amplitude, 2 like a mean square. By default the power is fitted.",
            valueName: "number"
        )
    )
    var power: Double?

    @Option(help: "How the recipes are shown.")
    var format = OutputFormat.text

    func validate() throws {
        if let power {
            guard power > 0, power <= 100 else {
                throw ValidationError("--power takes a number above 0 and up to 100")
            }
        }
    }

    func run() throws {
        try translatingErrors {
            let lines = try MeasuredLosses.read(path: losses)
            let folder = InputFile.hasName(losses) ? FilePath(losses).folderPath : "."
            var recipes: [Recipe] = []
            for line in lines {
                let path =
                    line.recipe.hasPrefix("/") || folder == "." ? line.recipe : "\(folder)/\(line.recipe)"
                let recipe = try RecipeReader.read(path: path)
                if let first = recipes.first, first.impacts.digest != recipe.impacts.digest {
                    throw Failure(
                        code: Failure.badData,
                        message: """
                            \(line.recipe.quoted) was planned on another impact table than the recipe before it; give recipes \
                            of one table
                            """
                    )
                }
                recipes.append(recipe)
            }
            let study = try AdditivityStudy(
                impacts: recipes.map { $0.layers.map(\.impact) },
                losses: lines.map(\.loss),
                power: power
            )
            let report = AdditivityReport(
                study,
                recipes: lines.map(\.recipe),
                losses: lines.map(\.loss),
                defaultRule: recipes.first?.impacts.defaultCombination ?? .sum
            )
            try Console.print(
                try report.table().rendered(as: format, style: .standardOutput),
                as: format.kind
            )
            let conclusion = report.conclusion(style: format == .text ? .standardOutput : .plain)
            if format == .text {
                try Console.show("\n" + conclusion)
            } else {
                Console.note(conclusion)
            }
        }
    }
}
