import BitAllocation
import Recipes
public import Runtimes
public import Tensors

extension RestrictedTask {
    /// Takes a card as the budget: from here on the task's budget is what the card leaves for the file.
    ///
    /// - Parameter request: The card, and what is to run on it.
    /// - Returns: The budget, with what takes memory of the card.
    /// - Throws: `RuntimeError` where it is not known what the runtime keeps, and ``PlanningError/cardFull(card:claimed:)``.
    public mutating func budget(of request: CardRequest) throws -> CardBudget {
        try CardBudget(request.memory(for: input.model), for: &task)
    }

    /// The task with every layer that is not on the card held to the format that each plan for the card gives it, so that of all plans
    /// those whose files are within ``CardBudget/fileBytes`` fit the card, whatever the context.
    ///
    /// - Parameter request: The card, and what is to run on it.
    /// - Returns: The task, and which layer is held to which format, but for layers whose names no pattern can stand for alone.
    /// - Throws: As ``budget(of:)``.
    public func holdingOffCardLayers(
        of request: CardRequest
    ) throws -> (task: RestrictedTask, held: [(layer: String, format: QuantizationFormat)]) {
        var onCard = task
        let card = try CardBudget(request.memory(for: input.model), for: &onCard)
        let problem = onCard.problem
        var held: [(layer: String, format: QuantizationFormat)] = []
        var choices: [Int: Int] = [:]
        for layer in card.settledLayers.sorted() where task.problem.allowedOptions(ofLayer: layer).count > 1 {
            let name = problem.layerNames[layer]
            guard let option = problem.allowedOptions(ofLayer: layer).first else { continue }
            choices[layer] = option
            guard
                let format = QuantizationFormat(
                    named: problem.formatNames[Int(problem.optionFormat[option])]
                ),
                let glob = try? Glob(name), problem.layerNames.filter(glob.matches) == [name]
            else { continue }
            held.append((name, format))
        }
        var restricted = self
        restricted.task.problem.forbid { layer, option in choices[layer].map { $0 != option } ?? false }
        return (restricted, held)
    }

    /// The card as a recipe records it, with the most bytes that the file may have.
    func recorded(_ card: CardBudget, _ request: CardRequest, fileBytes: Int) throws -> Recipe.Card {
        guard card.memory.runtime == .llamaCpp, LlamaCpp.knowsNetwork(of: input.model)
        else { return card.recorded(request, nil, fileBytes: fileBytes) }
        return card.recorded(request, try request.llamaSettings(for: input.model), fileBytes: fileBytes)
    }
}
