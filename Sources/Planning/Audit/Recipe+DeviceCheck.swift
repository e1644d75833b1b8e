public import Checkpoints
public import Recipes

extension Recipe {
    /// Adds up what is on the recipe's devices again, and works out from the model what of it follows from the model.
    ///
    /// What was given, and what other files take, is taken as the recipe says it; what was assumed is what the program assumes, unless
    /// it was given.
    ///
    /// - Parameter model: The recipe's model.
    /// - Returns: What differs; none for a recipe without devices.
    public func deviceDifferences(_ model: Model) -> [RecipeDifference] {
        guard let devices else { return [] }
        return DeviceCheck(self, devices, model: model).differences
    }
}
