/// A figure of a recipe that does not follow from what it was planned from.
public struct RecipeDifference: Hashable, Sendable {
    /// The layer or the tensor, or `the model`, `the table`, `the file`, `the plan`, `the card`, a device.
    public let place: String
    /// Which figure.
    public let figure: String
    /// What the recipe says.
    public let planned: String
    /// What follows.
    public let found: String

    /// Whether the plan that the recipe tells of is not the one that was worked out again, so that how good it is cannot be told by
    /// its figures.
    public var makesAnotherPlan: Bool { ["impact", "bytes", "tensors", "converter"].contains(figure) }

    /// Creates a difference.
    public init(place: String, figure: String, planned: String, found: String) {
        self.place = place
        self.figure = figure
        self.planned = planned
        self.found = found
    }
}
