import BitAllocation
public import Checkpoints
import Converters
public import Recipes
public import Sensitivity
public import Tensors

/// What a recipe says otherwise than its model, its table and its costs make it.
public struct RecipeAudit: Hashable, Sendable {
    /// The differences: of the table and of sizes, then layer by layer, then of the whole.
    public private(set) var differences: [RecipeDifference] = []

    /// Computes a recipe's impacts, sizes and totals again.
    ///
    /// - Parameters:
    ///   - recipe: The recipe.
    ///   - model: The model that it was planned for.
    ///   - table: The table that it was planned on.
    ///   - sizes: The recipe's sizes, computed again for the model.
    ///   - layers: The model's layers by the grouping that it was planned with; nil where that is not at hand, and which tensors make
    ///     up a layer is not looked at.
    ///   - costs: The costs of its second budget; nil where they are not at hand, and the budget is not looked at.
    ///   - mayBeGiven: Whether the table may lack the rows of layers whose format was given, which then cost nothing.
    /// - Throws: `CheckpointError` for metadata of the model that cannot be read, and `SensitivityError` where the costs lack a
    ///   format.
    public init(
        _ recipe: Recipe,
        model: Model,
        table: ImpactTable,
        sizes: RecipeSizes,
        layers: LayeredModel?,
        costs: FormatCosts? = nil,
        layersMayBeGiven mayBeGiven: Bool = false
    ) throws {
        differences += recipe.tableDifferences(table)
        if let converter = recipe.converter, (try? Converters.named(converter)) == nil {
            add("the plan", "converter", converter, "none of that name")
        }
        if let layers { differences += recipe.layerDifferences(layers) }
        try compareSizes(sizes, recipe, model)
        compareLayers(recipe, model, table, mayBeGiven: mayBeGiven)
        compareTotals(recipe, model)
        differences += recipe.cardDifferences(model) + recipe.deviceDifferences(model)
        if let costs { try compareSlowdown(recipe, model, costs) }
    }

    private mutating func add(_ place: String, _ figure: String, _ planned: String, _ found: String) {
        differences.append(RecipeDifference(place: place, figure: figure, planned: planned, found: found))
    }

    private mutating func compare(_ place: String, _ figure: String, _ planned: String, _ found: String) {
        if planned != found { add(place, figure, planned, found) }
    }

    private mutating func compareSizes(_ sizes: RecipeSizes, _ recipe: Recipe, _ model: Model) throws {
        for name in sizes.unplanned { add(name, "missing", "none", "in the model") }
        for difference in sizes.differences {
            add(
                difference.place,
                "bytes",
                "\(difference.planned)",
                difference.found.map { "\($0)" } ?? "none"
            )
        }
        if let header = try RecipeSizes.headerDifference(
            recipe,
            of: model,
            unconverted: model.header.layout(for: model.tensors)
        ) {
            add("the file", "header", "\(header.planned)", "\(header.found)")
        }
    }

    private mutating func compareLayers(
        _ recipe: Recipe,
        _ model: Model,
        _ table: ImpactTable,
        mayBeGiven: Bool
    ) {
        let tensors = Dictionary(model.tensors.map { ($0.name, $0) }) { first, _ in first }
        let source = recipe.recorded.allowsQuantizedSource ? QuantizedSource(of: model) : nil
        let stored = StoredFloats(of: model, by: recipe.converter.flatMap { try? Converters.named($0) })
        for layer in recipe.layers {
            let isCopied = QuantizationFormat(named: layer.format).map {
                stored.copies(layer.tensors, in: $0)
            }
            // The source format stands in no table and costs nothing; nor does a given layer that the table says nothing of.
            let hasRow = table.index(ofLayer: layer.layer) != nil
            let impact: Double? =
                if isCopied ?? false {
                    0
                } else if !hasRow, mayBeGiven {
                    0
                } else if table.index(ofFormat: layer.format) == nil {
                    recipe.stays(layer, in: tensors, source: model.sourceFormat) ? 0 : nil
                } else {
                    table.impact(layer: layer.layer, format: layer.format).map {
                        max($0, source?.leastImpact(of: layer.layer, layer.tensors, in: table) ?? 0)
                    }
                }
            let found = impact.map { "\($0)" } ?? (hasRow ? "forbidden" : "no row")
            compare(layer.layer, "impact", "\(layer.impact)", found)
        }
    }

    private mutating func compareTotals(_ recipe: Recipe, _ model: Model) {
        let sum = recipe.size.tensorData.addingReportingOverflow(recipe.size.headerAndAlignment)
        let bytes = sum.overflow ? "too many" : "\(sum.partialValue)"
        compare("the file", "bytes", "\(recipe.size.bytes)", bytes)
        var parameters = recipe.model.parameters
        if recipe.model.digest == model.digest {
            compare("the model", "parameters", "\(parameters)", "\(model.parameters)")
            parameters = model.parameters
        }
        let bits = Double(recipe.size.bytes) * 8 / Double(max(1, parameters))
        if abs(recipe.size.bitsPerWeight - bits) > 1e-9 * bits {
            add("the file", "bits per weight", "\(recipe.size.bitsPerWeight)", "\(bits)")
        }
        differences += recipe.proofDifferences
        let total = ImpactCombination(recipe.impact.combine).total(recipe.layers.map(\.impact))
        compare("the plan", "impact", "\(recipe.impact.total)", "\(total)")
        switch recipe.limit {
        case .bytes(let budget) where recipe.size.bytes > budget:
            add("the plan", "budget", "at most \(budget)", "\(recipe.size.bytes)")
        case .impact(let limit) where recipe.impact.total > limit * (1 + AllocationPlan.impactTolerance):
            add("the plan", "impact", "at most \(limit)", "\(recipe.impact.total)")
        default: break
        }
    }

    private mutating func compareSlowdown(_ recipe: Recipe, _ model: Model, _ costs: FormatCosts) throws {
        guard let slowdown = recipe.slowdown else { return }
        var elements: [String: Int] = [:]
        for tensor in model.tensors { elements[tensor.name] = tensor.elementCount }
        let layers = recipe.layers.map { layer in
            (format: layer.format, elements: layer.tensors.reduce(0) { $0 + (elements[$1] ?? 0) })
        }
        let found = try costs.slowdown(of: layers, source: model.sourceFormat.name)
        guard found > slowdown.factor * (1 + 1e-12) else { return }
        add("the plan", "slowdown", "at most \(slowdown.factor)", "\(found)")
    }
}
