public import BitAllocation
import Checkpoints
import Converters
public import Recipes
public import Runtimes
import Sensitivity
import Tensors

/// A plan that was found for a goal, with what it takes to make a recipe of it.
public struct PlannedModel: Sendable {
    /// What was planned: with its rules and what is known of the finished file.
    public let origin: RestrictedTask
    /// What was wanted.
    public let goal: Goal
    /// The model and the table that the plan is the best for, which a robust plan has one of its own of.
    public let input: PlanningInput
    /// The task, with its budget, and with the layers settled that are not on the card.
    public let task: PlanningTask
    /// The plan.
    public let plan: AllocationPlan
    /// The card, where one is the limit.
    public let card: CardBudget?
    /// The devices and what is on each, where they are the limit.
    public let devices: DevicePlan?

    /// What a recipe says that the plan had to keep to.
    private var limit: Recipe.Limit {
        switch goal {
        case .impact(let impact), .devices(_, .fastest(let impact), _): .impact(impact)
        case .budget, .card, .devices: .bytes(fileLimit)
        }
    }

    /// The most bytes that the file may have: the budget, and on a card what the budget does not count of this plan.
    public var fileLimit: Int { card?.fileBytes(of: plan, for: task) ?? task.problem.budget }

    /// The plan as a whole recipe.
    ///
    /// - Parameter generator: What made the plan, and with which arguments.
    /// - Returns: The recipe.
    /// - Throws: `RecipeError` where the converter cannot be told the recipe, as where no command line takes its rules;
    ///   `RuntimeError` where what runs on the card is not known.
    public func recipe(by generator: Recipe.Generator) throws -> Recipe {
        let rules = origin.rules
        var recordedCard: Recipe.Card?
        if let card, case .card(let request) = goal {
            recordedCard = try origin.recorded(card, request, fileBytes: fileLimit)
        }
        let recipe = origin.recipe(
            of: plan,
            for: task,
            on: input,
            limit: limit,
            card: recordedCard,
            devices: devices,
            by: generator
        )
        // What only a finished recipe shows is said now, before it is written.
        _ = try rules.converter?.files(for: recipe, model: input.model.tensors)
        return recipe
    }

    /// The words that run a finished file on the card or the devices.
    ///
    /// - Parameter path: The file.
    /// - Returns: The words; nil where there is no card and no device, or it is not known how the runtime is started.
    /// - Throws: `RuntimeError` for what the model's metadata lack, and for a tensor that no rule of the runtime's moves.
    public func command(modelPath path: String) throws(RuntimeError) -> [String]? {
        if let devices { return try devices.command(modelPath: path) }
        guard case .card(let request) = goal else { return nil }
        return try request.command(for: input.model, modelPath: path)
    }
}

extension RestrictedTask {
    /// A plan of this task with names put to it again, as a whole recipe.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - task: The task as it was solved; nil for this one.
    ///   - input: The model and the table that the plan is the best for; nil for this one's.
    ///   - limit: What the plan had to keep to; nil for the task's budget.
    ///   - card: The card whose memory made the budget, if one did.
    ///   - devices: What is on each of several devices, if the plan was made for them.
    ///   - generator: What made the plan, and with which arguments.
    /// - Returns: The recipe.
    public func recipe(
        of plan: AllocationPlan,
        for task: PlanningTask? = nil,
        on input: PlanningInput? = nil,
        limit: Recipe.Limit? = nil,
        card: Recipe.Card? = nil,
        devices: DevicePlan? = nil,
        by generator: Recipe.Generator
    ) -> Recipe {
        let input = input ?? self.input
        return Recipe(
            plan,
            for: task ?? self.task,
            limit: limit,
            generator: generator,
            model: .init(
                name: input.model.name,
                parameters: input.model.parameters,
                digest: input.model.digest
            ),
            impacts: .init(input.table),
            importance: .init(input.table),
            converter: rules.converter,
            file: file,
            card: card,
            devices: devices,
            slowdown: rules.slowdown.map { Recipe.Slowdown(factor: $0.factor, costs: $0.costs.digest) }
        )
    }

    /// Finds the plan that a goal asks for.
    ///
    /// - Parameters:
    ///   - goal: What is wanted.
    ///   - allocator: What searches.
    /// - Returns: The plan.
    /// - Throws: ``PlanningError`` where there is none, `RuntimeError` where it is not known what the runtime keeps on a card,
    ///   and what the search throws.
    public func plan(for goal: Goal, with allocator: Allocator = Allocator()) throws -> PlannedModel {
        var settled = self
        var (card, devices): (CardBudget?, DevicePlan?) = (nil, nil)
        let plan: AllocationPlan
        switch goal {
        case .budget(let budget):
            settled.task.problem.budget = bytes(of: budget)
            plan = try settled.plan(within: settled.task.problem.budget, with: allocator)
        case .card(let request):
            let budget = try settled.budget(of: request)
            card = budget
            plan = try settled.plan(within: budget.fileBytes, with: allocator)
        case .impact(let most):
            plan = try settled.smallestPlan(maximumImpact: most, with: allocator)
            settled.task.problem.budget = plan.bytes
        case .devices(let list, let wanted, let request):
            let placed = try LlamaCppDevices(input.model, on: list, request)
            let found = try self.plan(wanted, on: placed, with: allocator)
            // Said before anything is written, where no rules put a tensor where it is to be.
            _ = try found.command(modelPath: "")
            (plan, devices) = (found.plan, found)
            settled.task.problem.budget = found.bytesOfFileAndLeft
        }
        return PlannedModel(
            origin: self,
            goal: goal,
            input: input,
            task: settled.task,
            plan: plan,
            card: card,
            devices: devices
        )
    }

    /// Finds the plan of a goal on devices.
    ///
    /// - Parameters:
    ///   - goal: What is wanted.
    ///   - devices: The devices, and what runs on them.
    ///   - allocator: How to search: the method, the time, and when to stop.
    /// - Returns: The plan.
    /// - Throws: ``PlanningError`` where there is none, and what the search throws.
    public func plan(
        _ goal: DeviceGoal,
        on devices: LlamaCppDevices,
        with allocator: Allocator
    ) throws -> DevicePlan {
        try DevicePlanner(
            task,
            on: devices,
            method: allocator.method,
            timeLimit: allocator.timeLimit,
            shouldStop: allocator.shouldStop
        ).plan(goal)
    }
}
