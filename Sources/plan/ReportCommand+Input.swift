import Planning
import BitAllocation
import Recipes
import Reports
import Runtimes
import Tensors
import Text

extension ReportCommand {
    /// What the page is made of.
    struct Input {
        /// Model and table; what a card does not hold has its format already.
        let prepared: RestrictedTask
        /// The card; nil where none is named.
        let card: CardBudget?
        /// The size of the plan that is shown first, in bytes; nil where none is asked for.
        let wantedBytes: Int?
        /// The layers that the card does not hold, each with its format, as `--pin` names them.
        let pins: [String]
        /// The lengths of context on the card; one without a name where none was given.
        let contexts: [CardContext]

        /// Says what the card leaves for weights, and what is not on it.
        func noteCard() {
            if !pins.isEmpty {
                let words = pins.map { "--pin \(ShellText.word($0))" }.joined(separator: " ")
                Console.note("what is not on the card has its best format in every plan: \(words)")
            }
            guard let card else { return }
            for line in CardSummary(card, for: prepared.task).lines(width: Console.width) {
                Console.note(line)
            }
        }
    }

    /// What is to run on the card with a length of context.
    struct CardContext {
        let name: String
        let request: CardRequest
        /// What the card leaves for the whole file, in bytes.
        let bytes: Int
    }

    /// Reads model and table, and what the card leaves of its memory.
    func readInput() throws -> Input {
        guard budget == nil || options.card.card == nil else {
            throw Failure(code: Failure.usage, message: "give either --budget or --card, not both")
        }
        guard contexts == nil || options.card.card != nil else {
            throw Failure(
                code: Failure.usage,
                message: "--contexts needs a card; add --card, such as --card 24GiB"
            )
        }
        let budget = try budget.map { try Budget(parsing: $0) }
        let lengths = try lengths()
        var request = try options.card.request()
        if request?.context == nil { request?.context = lengths.first?.tokens }
        var prepared = try options.prepared(besides: recipes)
        guard let request else {
            let wanted = budget.map(prepared.bytes(of:))
            return Input(prepared: prepared, card: nil, wantedBytes: wanted, pins: [], contexts: [])
        }
        // The card picks the first plan that is shown. Which plans there are, it restricts in one thing alone: a layer that the
        // runtime keeps on the host has its best format in all of them, as in a plan for the card.
        var onCard = prepared
        let card = try onCard.showBudget(of: request)
        let (task, held) = prepared.holdingOffCardLayers(of: card)
        prepared = task
        return Input(
            prepared: prepared,
            card: card,
            wantedBytes: card.fileBytes,
            pins: held.map { "\($0.layer)=\($0.format.name)" },
            contexts: try Self.contexts(lengths, request, prepared)
        )
    }

    /// The lengths of context as the page has them, each with the recipe of a plan on the card.
    func contexts(
        of plan: AllocationPlan,
        on curve: FrontierCurve,
        _ input: Input
    ) throws -> [ReportPage.Context] {
        try input.contexts.map { context in
            ReportPage.Context(
                name: context.name,
                bytes: context.bytes,
                recipe: curve.isComplete
                    ? try input.prepared.recipe(
                        of: plan,
                        on: context.request,
                        by: .init(
                            version: PlanCommand.version,
                            arguments: options.card.arguments(context: context.name)
                                + options.model.arguments + options.constraints.arguments
                                + options.solver.arguments
                        )
                    ) : nil,
                command: try context.request.command(for: input.prepared.input.model, modelPath: "FILE.gguf")
            )
        }
    }

    /// The lengths of `--contexts`, the shortest first.
    private func lengths() throws -> [(text: String, tokens: Int)] {
        try (contexts?.split(separator: ",", omittingEmptySubsequences: false) ?? [])
            .map { (String($0), try CardOptions.tokens(String($0), of: "--contexts")) }
            .sorted { $0.tokens < $1.tokens }
    }

    /// What is to run on the card with each length of context; by one without a name where none was given.
    private static func contexts(
        _ lengths: [(text: String, tokens: Int)],
        _ request: CardRequest,
        _ prepared: RestrictedTask
    ) throws -> [CardContext] {
        if !lengths.isEmpty { try request.checkComparesContexts(of: prepared.input.model) }
        guard !lengths.isEmpty else {
            return [CardContext(name: "", request: request, bytes: try prepared.fileBytes(on: request))]
        }
        return try lengths.map { text, tokens in
            var request = request
            request.context = tokens
            return CardContext(name: text, request: request, bytes: try prepared.fileBytes(on: request))
        }
    }
}
