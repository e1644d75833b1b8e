import ArgumentParser
import Foundation
import Text
import Recipes
import Reports
import Tensors

/// `plan diff A B`: what changes from one recipe to another.
struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Shows which layers change between two recipes, up or down.",
        discussion: """
            A row per layer that takes another format, with its size and impact in both, and before those a row per part of the \
            card or the devices that differs. The recipes may be for different models of the same shape, that is, with layers of \
            the same names. The exit code is 0 whether or not they differ.

            EXAMPLES
              plan diff plans/flux1-dev-9GB.json plans/flux1-dev-10GB.json
              plan diff dev.json schnell.json --format csv
            """
    )

    @Argument(help: "The recipe to compare from.")
    var first: String

    @Argument(help: "The recipe to compare to.")
    var second: String

    @Option(help: "How the result is written.")
    var format = OutputFormat.text

    func run() throws {
        try translatingErrors {
            try StandardInput.checkNamedOnce([first, second])
            let recipes = [try RecipeReader.read(path: first), try RecipeReader.read(path: second)]
            guard
                let difference = PlanDifference(
                    from: recipes[0].comparedLayers,
                    to: recipes[1].comparedLayers
                )
            else {
                throw Failure(
                    code: Failure.badData,
                    message:
                        """
                        the recipes do not have the same layers; compare two of one model, or of models of the same shape, that were \
                        planned with the same --keep
                        """
                )
            }
            for text in Self.cautions(recipes[0], recipes[1]) {
                Console.note(text)
            }
            switch format {
            case .text, .markdown:
                let table = difference.table()
                let style = TerminalStyle.standardOutput
                let totals = try Self.totals(recipes).rendered(as: format, style: style)
                let parts = Recipe.memoryDifference(recipes[0], recipes[1])
                let memory =
                    parts.rows.isEmpty ? "" : "\n" + (try parts.rendered(as: format, style: style))
                let changes =
                    difference.changes.isEmpty ? "" : "\n" + (try table.rendered(as: format, style: style))
                try Console.print(totals + memory + "\n" + difference.summary + "\n" + changes)
            case .json:
                try Console.print(
                    try JSONValue.object([
                        .init(key: "recipes", value: Self.totals(recipes).jsonValue),
                        .init(
                            key: "memory",
                            value: Recipe.memoryDifference(recipes[0], recipes[1]).jsonValue
                        ),
                        .init(key: "layers", value: .integer(difference.layerCount)),
                        .init(key: "changes", value: difference.table().jsonValue),
                    ]).text(),
                    as: .json
                )
            case .csv: try Console.print(difference.table().csv(), as: .data)
            }
        }
    }

    /// The two recipes, a row each.
    private static func totals(_ recipes: [Recipe]) -> Table {
        var table = Table(columns: [
            Table.Column("Recipe", key: "recipe"), Table.Column("Model", key: "model"),
            Table.Column("Size", .right, key: "bytes"), Table.Column("Impact", .right, key: "impact"),
            Table.Column("Combined by", key: "combine"), Table.Column("Made for", key: "madeFor"),
        ])
        for (name, recipe) in zip(["first", "second"], recipes) {
            table.append([
                Table.Cell(name), Table.Cell(recipe.model.name),
                Table.Cell(ByteSize(recipe.size.bytes).decimal, value: .integer(recipe.size.bytes)),
                Table.Cell(Figures.impact(recipe.impact.total), value: .number(recipe.impact.total)),
                Table.Cell(recipe.impact.combine.rawValue),
                Table.Cell(recipe.madeFor),
            ])
        }
        return table
    }

    /// What keeps the two from being compared in full.
    private static func cautions(_ first: Recipe, _ second: Recipe) -> [String] {
        var cautions: [String] = []
        if first.model.digest != second.model.digest {
            cautions.append("the recipes are for different models")
        }
        if first.impacts.digest != second.impacts.digest {
            cautions.append("the recipes were planned on different tables, whose impacts do not compare")
        }
        if first.impact.combine != second.impact.combine {
            cautions.append("the recipes combine impacts by different rules, so their totals do not compare")
        }
        return cautions
    }
}

extension Recipe {
    /// The budget, the card or the impact that the recipe was made for, in a few words.
    fileprivate var madeFor: String {
        if let devices {
            let names = devices.places.map { "\($0.name) of \(ByteSize($0.bytes).binary)" }
                .joined(separator: " and ")
            let speed = devices.speed.map { ", at most \(Figures.speed($0)) tokens/s" } ?? ""
            return "\(names)\(speed)"
        }
        switch limit {
        case .impact(let impact): return "an impact of at most \(Figures.impact(impact))"
        case .bytes(let bytes):
            guard let card else { return ByteSize(bytes).decimal }
            let cache = card.cache.map { cache in
                let formats = cache.keys == cache.values ? cache.keys : "\(cache.keys)/\(cache.values)"
                return ", \(ByteSize(cache.context).grouped) tokens, \(formats)"
            }
            return "a card of \(ByteSize(card.bytes).binary)\(cache ?? "")"
        }
    }

    /// The layers as the difference of two plans takes them.
    var comparedLayers: [PlanDifference.Layer] {
        layers.map { .init(name: $0.layer, format: $0.format, bytes: $0.bytes, impact: $0.impact) }
    }
}
