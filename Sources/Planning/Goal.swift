public import Recipes
public import Runtimes

/// What is wanted of a plan.
public enum Goal: Sendable {
    /// The least impact within a limit on the whole file.
    case budget(Budget)
    /// The smallest file with at most a combined impact.
    case impact(Double)
    /// The least impact on a card that runs the model.
    case card(CardRequest)
    /// A format and a device for every layer.
    ///
    /// The request says what is to run there; its own bytes play no part.
    case devices([Device], DeviceGoal, CardRequest)
}

extension Goal {
    /// What a recipe's plan had to keep to, without the card or the devices that its limit may come of.
    ///
    /// - Parameter limit: The recipe's limit.
    public init(_ limit: Recipe.Limit) {
        switch limit {
        case .bytes(let budget): self = .budget(.bytes(budget))
        case .impact(let most): self = .impact(most)
        }
    }
}
