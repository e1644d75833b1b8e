public import BitAllocation
public import Converters
import Mustache
public import Planning
public import Recipes
public import Sensitivity
import Tensors
public import Text

/// One self-contained HTML page with every plan of a curve, to look at, to send, and to save recipes from.
///
/// The page brings its style, its script and its data with it and asks the network for nothing. The plans stand in a JSON
/// block, per plan only the layers that change from the plan before; numbers that go into a recipe stand there as the texts
/// that the command line writes, so that a recipe saved from the page has the same bytes.
public struct ReportPage: Sendable {
    /// A length of context, and what it leaves of a card.
    public struct Context: Hashable, Sendable {
        /// How it was written, such as `32k`.
        public let name: String
        /// What the card leaves for the whole file, in bytes; 0 where it leaves nothing.
        public let bytes: Int
        /// A recipe for the card with this context, whose budget and arguments are those of the card's own plan; nil where the page's
        /// plans are not the card's.
        public let recipe: Recipe?
        /// The words that run a file `FILE.gguf` so; nil where it is not known how.
        public let command: [String]?

        /// Creates a length of context.
        ///
        /// - Parameters:
        ///   - name: How it was written; empty where the page is for a card without a word of contexts.
        ///   - bytes: What the card leaves for the whole file.
        ///   - recipe: A recipe for the card.
        ///   - command: The words that run a file.
        public init(name: String, bytes: Int, recipe: Recipe? = nil, command: [String]? = nil) {
            self.name = name
            self.bytes = bytes
            self.recipe = recipe
            self.command = command
        }
    }

    /// Which of the best plans stand on a page.
    public enum Coverage: Hashable, Sendable {
        /// Every plan that no other beats in both size and impact.
        case complete
        /// Some of so many plans that no other beats, each proven.
        case thinned(of: Int)
        /// Plans solved one by one, each with its own proof or gap.
        case solved
    }

    let task: PlanningTask
    let recipe: Recipe
    let table: ImpactTable
    let modelArguments: [String]
    let plans: [AllocationPlan]
    let coverage: Coverage
    let knees: [Int]
    let compared: [ComparedPlan]
    let start: Int
    let converters: [ConverterReach]
    let contexts: [Context]
    let placement: Placement?

    /// Creates a page, or returns `nil` where there are no plans or an index is not one of them.
    ///
    /// - Parameters:
    ///   - task: The task that was planned; its budget plays no part.
    ///   - plans: The plans, from the smallest to the best; each is shown as the plan within its own size.
    ///   - coverage: Which of the best plans these are.
    ///   - knees: The knees, as indices into the plans.
    ///   - compared: Plans to hold against the curve.
    ///   - start: The plan to show first, as an index into the plans.
    ///   - converters: The converters that serve the model, and what they can make of its layers in the order of the problem's
    ///     options.
    ///   - contexts: Lengths of context on a card to choose plans by, from the shortest to the longest.
    ///   - placement: Where everything of the one plan is, on a page of a plan on several devices.
    ///   - recipe: The recipe of the plan to show first, with the arguments of all plans and no budget among them. What it says of the plan
    ///     itself is replaced by each plan's own.
    ///   - table: The table that the plans are made on.
    ///   - modelArguments: The arguments with which `plan export` finds the model; none where the recipe names a built-in one.
    public init?(
        task: PlanningTask,
        plans: [AllocationPlan],
        coverage: Coverage,
        knees: [Int],
        compared: [ComparedPlan],
        start: Int,
        converters: [ConverterReach],
        contexts: [Context] = [],
        placement: Placement? = nil,
        recipe: Recipe,
        table: ImpactTable,
        modelArguments: [String] = []
    ) {
        guard plans.indices.contains(start), knees.allSatisfy(plans.indices.contains),
            placement == nil || plans.count == 1
        else { return nil }
        self.task = task
        self.plans = plans
        self.coverage = coverage
        self.knees = knees
        self.compared = compared
        self.start = start
        self.converters = converters
        self.contexts = contexts
        self.placement = placement
        self.recipe = recipe
        self.table = table
        self.modelArguments = modelArguments
    }

    /// The page.
    ///
    /// - Throws: `JSONWritingError` for a number that is not finite, and what the template engine throws.
    public func html() throws -> String {
        let template = try MustacheTemplate(string: Self.text(PackageResources.page_mustache))
        let rule =
            switch task.problem.combination {
            case .sum: "their sum"
            case .rss: "the root of the sum of their squares"
            case .max: "the worst layer"
            }
        return template.render([
            "model": recipe.model.name.visible,
            "what": placement == nil ? Self.curveTitle : Self.devicesTitle,
            "subtitle":
                "\(counted). A plan's impact is \(rule): \(TableLine(table, combination: task.problem.combination).text).",
            "line": coverage == .complete
                ? "The line is the best plan of every size."
                : "The line joins the plans of this page; between them it is not drawn through every best plan.",
            "marks": marks,
            "footer":
                "Made by \(recipe.generator.name) \(recipe.generator.version). What is proven is the choice of formats, not the "
                + "table: a plan is as good as the impacts it was given.",
            "last": "\(plans.count - 1)",
            "start": "\(start)",
            "style": Self.text(PackageResources.page_css),
            "script": Self.scripts.map(Self.text).joined(separator: "\n"),
            "data": try dataText(),
        ])
    }

    /// What the marks on the curve are, with what keeps some from being one format or from being allowed.
    private var marks: String {
        let kinds = Set(compared.map(\.kind))
        let others: [(kind: ComparedPlan.Kind, text: String)] = [
            (.mix, "triangles are llama.cpp's mixes"), (.recipe, "diamonds are recipes"),
            (.file, "squares are finished files"),
        ]
        let marks =
            ["Crosses are one format for all"] + others.filter { kinds.contains($0.kind) }.map(\.text)
        var sentences = [marks.joined(separator: ", ") + "."]
        let exceptions = ComparedPlan.remarks(on: compared, \.exceptions)
        if !exceptions.isEmpty {
            sentences.append(
                "* Layers that may not take the format take a larger one: \(exceptions.joined(separator: "; "))."
            )
        }
        let breaches = ComparedPlan.remarks(on: compared, \.breach)
        if !breaches.isEmpty {
            sentences.append("Not allowed by the restrictions: \(breaches.joined(separator: "; ")).")
        }
        return sentences.joined(separator: " ")
    }

    /// How many plans there are, and which, in a phrase.
    private var counted: String {
        if let placement { return placement.subtitle }
        let count = ByteSize(plans.count).grouped
        let noun = plans.count == 1 ? "plan" : "plans"
        let what = "no other beats in both size and impact"
        switch coverage {
        case .complete:
            return plans.count == 1
                ? "1 plan, the only one that \(what)" : "\(count) plans, every one that \(what)"
        case .thinned(let all):
            return "\(count) of the \(ByteSize(all).grouped) plans that \(what), evenly spaced in size"
        case .solved:
            let each = plans.count == 1 ? "" : "each "
            return plans.allSatisfy { $0.status == .optimal }
                ? "\(count) \(noun) that \(what), \(each)solved and proven by itself"
                : "\(count) \(noun), \(each)solved by itself; "
                    + (plans.count == 1 ? "its gap" : "the gap of each") + " says how far it is proven"
        }
    }

    /// Whether a file holds such a page.
    ///
    /// - Parameter file: The file.
    /// - Returns: Whether it does.
    public static func isPage(_ file: InspectedFile) -> Bool {
        file.beginning.hasPrefix("<!doctype html>")
            && [curveTitle, devicesTitle].contains { file.beginning.contains(": \($0)</title>") }
    }

    /// What a page with a curve is about.
    private static let curveTitle = "the best plans"
    /// What a page with a plan on devices is about.
    private static let devicesTitle = "the plan on its devices"

    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// The parts of the script, in the order in which they use each other.
    private static var scripts: [[UInt8]] {
        [
            PackageResources.plans_js, PackageResources.recipe_js,
            PackageResources.words_js, PackageResources.map_js, PackageResources.curve_js,
            PackageResources.explanation_js, PackageResources.export_js, PackageResources.page_js,
        ]
    }

    /// The data as JSON that may stand in a script element: there, only `<` could begin anything but text.
    private func dataText() throws -> String {
        try data.text().replacing("<", with: "\\u003c")
    }
}
