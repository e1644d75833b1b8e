import Planning
import Recipes
import Sensitivity

extension CheckCommand {
    /// The costs of the recipe's second budget, where it has one and they are given.
    ///
    /// - Throws: `PlanningError` for costs of a recipe without a second budget, and for others than the recipe's unless that is
    ///   forced.
    func checkedCosts(of recipe: Recipe) throws -> FormatCosts? {
        guard let slowdown = recipe.slowdown else {
            guard costs == nil else { throw PlanningError.noSecondBudget }
            return nil
        }
        guard let path = costs else {
            Console.note(
                "the slowdown of at most \(slowdown.factor) was not checked; name its table with --costs"
            )
            return nil
        }
        let costs = try FormatCosts.read(path: path)
        guard costs.digest == slowdown.costs || force else { throw PlanningError.otherCosts }
        return costs
    }
}
