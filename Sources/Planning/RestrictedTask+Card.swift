public import BitAllocation
public import Recipes
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
    /// - Parameter card: The card's budget, which ``budget(of:)`` gave of this very task, or of a copy.
    /// - Returns: The task, and which layer is held to which format, but for layers whose names no pattern can stand for alone.
    public func holdingOffCardLayers(
        of card: CardBudget
    ) -> (task: RestrictedTask, held: [(layer: String, format: QuantizationFormat)]) {
        let problem = task.problem
        var held: [(layer: String, format: QuantizationFormat)] = []
        var choices: [Int: Int] = [:]
        for (layer, option) in card.settledOptions.sorted(by: { $0.key < $1.key })
        where problem.allowedOptions(ofLayer: layer).count > 1 {
            let name = problem.layerNames[layer]
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

    /// A recipe for a card, of a plan whose size the card's budget bounds as it stands.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - request: The card, and what is to run on it.
    ///   - generator: What made the plan, and with which arguments.
    /// - Returns: The recipe; nil where the card has no room for weights, or how large a file it holds depends on the plan.
    /// - Throws: `RuntimeError` where it is not known what the runtime keeps on the card.
    public func recipe(
        of plan: AllocationPlan,
        on request: CardRequest,
        by generator: Recipe.Generator
    ) throws -> Recipe? {
        var task = task
        let memory = try request.memory(for: input.model)
        guard let card = try? CardBudget(memory, for: &task), card.settlesAll(of: task) else { return nil }
        return recipe(
            of: plan,
            limit: .bytes(card.fileBytes),
            card: try recorded(card, request, fileBytes: card.fileBytes),
            by: generator
        )
    }

    /// The card as a recipe records it, with the most bytes that the file may have.
    func recorded(_ card: CardBudget, _ request: CardRequest, fileBytes: Int) throws -> Recipe.Card {
        guard card.memory.runtime == .llamaCpp, LlamaCpp.knowsNetwork(of: input.model)
        else { return card.recorded(request, nil, fileBytes: fileBytes) }
        return card.recorded(request, try request.llamaSettings(for: input.model), fileBytes: fileBytes)
    }
}
