import ArgumentParser
import Recipes
import Reports

/// `plan schema [NAME]`: the JSON Schema of a recipe, or of what a command prints as JSON.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Prints the JSON Schema of a recipe, or of a command's JSON.",
        discussion: """
            Without a name, the schema is the recipe's. compare, frontier, explain and check are the schemas of the JSON that \
            these commands print with --format json. While the number at the end of a schema's $id stays the same, members may \
            be added, but none is removed or changed.

            EXAMPLES
              plan schema
              plan schema frontier
              plan schema check
            """
    )

    /// What has a schema.
    private enum Document: ExpressibleByArgument, CaseIterable {
        case recipe
        case report(ReportSchema)

        static let allCases = [.recipe] + ReportSchema.allCases.map(Document.report)

        init?(argument: String) {
            guard let document = Self.allCases.first(where: { $0.name == argument }) else { return nil }
            self = document
        }

        static var allValueStrings: [String] { allCases.map(\.name) }

        var defaultValueDescription: String { name }

        var name: String {
            switch self {
            case .recipe: "recipe"
            case .report(let schema): schema.rawValue
            }
        }

        var text: String {
            switch self {
            case .recipe: Recipe.schema
            case .report(let schema): schema.text
            }
        }
    }

    @Argument(help: "The document that the schema describes.")
    private var document = Document.recipe

    func run() throws {
        try Console.print(document.text, as: .json)
    }
}
