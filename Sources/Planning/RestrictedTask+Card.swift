import Recipes
public import Runtimes

extension RestrictedTask {
    /// Takes a card as the budget: from here on the task's budget is what the card leaves for the file.
    ///
    /// - Parameter request: The card, and what is to run on it.
    /// - Returns: The budget, with what takes memory of the card.
    /// - Throws: `RuntimeError` where it is not known what the runtime keeps, and ``PlanningError/cardFull(card:claimed:)``.
    public mutating func budget(of request: CardRequest) throws -> CardBudget {
        try CardBudget(request.memory(for: input.model), for: &task)
    }

    /// The card as a recipe records it, with the most bytes that the file may have.
    func recorded(_ card: CardBudget, _ request: CardRequest, fileBytes: Int) throws -> Recipe.Card {
        guard card.memory.runtime == .llamaCpp, LlamaCpp.knowsNetwork(of: input.model)
        else { return card.recorded(request, nil, fileBytes: fileBytes) }
        return card.recorded(request, try request.llamaSettings(for: input.model), fileBytes: fileBytes)
    }
}
