public import BitAllocation
import Checkpoints
import Converters
public import Recipes
import Sensitivity
import Text

/// What comes of solving the task of a recipe again, which tells whether what its proof says is true.
public enum SolvingAgain: Hashable, Sendable {
    /// Nothing: the model or the table is not the one that the recipe was planned on.
    case otherInput
    /// Nothing: the second budget is another than the recipe's, or its costs are.
    case otherCosts
    /// Nothing: the grouping makes other layers than the recipe's.
    case otherLayers
    /// Nothing: layers of the recipe are of other tensors than the task's, or kept tensors are.
    case otherTensors([RecipeDifference])
    /// Nothing: a layer of the recipe takes a format that is no option of it, as the error says.
    case noOption(PlanningError)
    /// No plan keeps to the recipe's limit and the restrictions, as the error says.
    case noPlan(PlanningError)
    /// A plan, beside the recipe's.
    case solved(SolvedAgain)

    /// What of the recipe is not so.
    public var differences: [RecipeDifference] {
        switch self {
        case .otherInput, .otherCosts, .otherLayers: []
        case .otherTensors(let differences): differences
        case .noOption(let error): [Self.difference("options", planned: "allowed", error)]
        case .noPlan(let error): [Self.difference("restrictions", planned: "kept to", error)]
        case .solved(let again): again.differences
        }
    }

    private static func difference(
        _ figure: String,
        planned: String,
        _ error: PlanningError
    ) -> RecipeDifference {
        RecipeDifference(place: "the plan", figure: figure, planned: planned, found: error.description)
    }
}

extension RestrictedTask {
    /// Solves the task of a recipe again: whether the recipe keeps to the restrictions, and whether another plan is better.
    ///
    /// The task has to be made of what the recipe was planned from: its model and table, its converter, its rule of combining
    /// impacts, and its restrictions.
    ///
    /// - Parameters:
    ///   - recipe: The recipe.
    ///   - goal: What was wanted of it; nil for its limit, which is all of that unless a card or devices made it.
    ///   - allocator: What searches.
    /// - Returns: What came of it.
    /// - Throws: What ``plan(for:with:)`` throws besides that there is no plan.
    public func solveAgain(
        _ recipe: Recipe,
        for goal: Goal? = nil,
        with allocator: Allocator = Allocator()
    ) throws -> SolvingAgain {
        try solveAgain(recipe) { try $0.plan(for: goal ?? Goal(recipe.limit), with: allocator) }
    }

    /// Solves the task of a recipe again, as ``solveAgain(_:for:with:)`` does.
    ///
    /// - Parameters:
    ///   - recipe: The recipe.
    ///   - plan: Finds the plan of this task for what was wanted of the recipe.
    /// - Returns: What came of it.
    /// - Throws: What `plan` throws besides that there is no plan.
    public func solveAgain(
        _ recipe: Recipe,
        by plan: (RestrictedTask) throws -> PlannedModel
    ) throws -> SolvingAgain {
        guard recipe.wasPlanned(on: input) else { return .otherInput }
        guard rules.slowdown?.costs.digest == recipe.slowdown?.costs,
            rules.slowdown?.factor == recipe.slowdown?.factor
        else { return .otherCosts }
        guard Set(task.problem.layerNames) == Set(recipe.layers.map(\.layer)) else { return .otherLayers }
        let tensors = recipe.tensorDifferences(in: task)
        guard tensors.isEmpty else { return .otherTensors(tensors) }
        let choices: [Int]
        do throws(PlanningError) {
            choices = try recipe.choices(in: task)
        } catch {
            return .noOption(error)
        }
        let planned: PlannedModel
        do {
            planned = try plan(self)
        } catch let error as AllocationError where error.category == .noPlan {
            return .noPlan(.allocation(error))
        } catch let error as PlanningError where error.category == .noPlan {
            return .noPlan(error)
        }
        // A card settles layers that are not on it, and the recipe keeps to that as well.
        let problem = planned.card == nil ? task.problem : planned.task.problem
        return .solved(
            SolvedAgain(
                recipe,
                choices: choices,
                in: problem,
                plan: planned.plan,
                exact: exactness(of: recipe)
            )
        )
    }

    /// What of the size of a recipe's file is known to the byte; nil where the model or the importance matrix that says it may not
    /// be at hand.
    private func exactness(of recipe: Recipe) -> Recipe.Size.Exactness? {
        let named = recipe.recorded.model.map { !Model.builtInNames.contains($0) } ?? false
        guard !(named && input.model.files.isEmpty) else { return nil }
        let exactness = SizeAccuracy(of: file, by: rules.converter).exactness
        guard exactness == .file || recipe.importance == nil && recipe.impacts.encoderImportance == nil
        else { return nil }
        return exactness
    }
}

extension Recipe {
    /// Whether a model and a table are those that the recipe was planned on, by their digests.
    ///
    /// - Parameter input: The model and the table.
    /// - Returns: Whether both are.
    public func wasPlanned(on input: PlanningInput) -> Bool {
        model.digest == input.model.digest && impacts.digest == input.table.digest
    }
}
