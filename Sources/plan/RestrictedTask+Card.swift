import Planning
import Recipes
import Reports
import Runtimes

extension RestrictedTask {
    /// A card as the budget: from here on the task's budget is what the card leaves for the file.
    mutating func budget(of request: CardRequest) throws -> CardBudget {
        let memory = try translatingErrors { try request.memory(for: input.model) }
        if memory.bytesForWeights <= 0 {
            for line in CardSummary.lines(of: memory, width: Console.width) { Console.note(line) }
        }
        return try CardBudget(memory, for: &task)
    }

    /// The card as a recipe records it.
    func recorded(_ card: CardBudget, _ request: CardRequest) throws -> Recipe.Card {
        guard card.memory.runtime == .llamaCpp,
            (try? NetworkMetadata(input.model)).flatMap({ try? LlamaCppNetwork($0) }) != nil
        else { return card.recorded(request, nil) }
        return card.recorded(request, try request.llamaSettings(for: input.model))
    }
}
