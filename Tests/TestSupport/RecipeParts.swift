public import Recipes

/// The parts of a recipe, to be changed before another one is made of them: one that nobody would plan.
public struct RecipeParts {
    /// What made the recipe.
    public var generator: Recipe.Generator
    /// What it is for.
    public var model: Recipe.ModelReference
    /// What it was planned on.
    public var impacts: Recipe.TableReference
    /// The importance matrix of its table.
    public var importance: Recipe.Importance?
    /// The converter that bound the plan.
    public var converter: String?
    /// What the plan has to keep to.
    public var limit: Recipe.Limit
    /// The card whose memory made the budget.
    public var card: Recipe.Card?
    /// The devices that the plan was made for.
    public var devices: Recipe.Devices?
    /// The size of the file.
    public var size: Recipe.Size
    /// The combined impact.
    public var impact: Recipe.Impact
    /// The second budget.
    public var slowdown: Recipe.Slowdown?
    /// How good the plan is known to be.
    public var proof: Recipe.Proof
    /// The planned layers.
    public var layers: [Recipe.Layer]
    /// The kept tensors.
    public var kept: [Recipe.Kept]

    /// Takes a recipe apart.
    public init(_ recipe: Recipe) {
        generator = recipe.generator
        model = recipe.model
        impacts = recipe.impacts
        importance = recipe.importance
        converter = recipe.converter
        limit = recipe.limit
        card = recipe.card
        devices = recipe.devices
        size = recipe.size
        impact = recipe.impact
        slowdown = recipe.slowdown
        proof = recipe.proof
        layers = recipe.layers
        kept = recipe.kept
    }

    /// The recipe of these parts.
    public var recipe: Recipe {
        Recipe(
            generator: generator,
            model: model,
            impacts: impacts,
            importance: importance,
            converter: converter,
            limit: limit,
            card: card,
            devices: devices,
            size: size,
            impact: impact,
            slowdown: slowdown,
            proof: proof,
            layers: layers,
            kept: kept
        )
    }
}

extension Recipe {
    /// The recipe with other parts.
    ///
    /// - Parameter change: Changes the parts.
    /// - Returns: The other recipe.
    /// - Throws: What the change throws.
    public func changed(_ change: (inout RecipeParts) throws -> Void) rethrows -> Recipe {
        var parts = RecipeParts(self)
        try change(&parts)
        return parts.recipe
    }
}
