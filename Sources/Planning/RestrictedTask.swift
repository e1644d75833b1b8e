public import BitAllocation
import Checkpoints
public import Converters
import Recipes
import Runtimes
import Sensitivity
public import Tensors

/// A model and a table, joined, bound to the converter that makes the file, and kept to the restrictions: all but the goal.
///
/// This is where a plan comes from:
///
/// ```swift
/// let input = PlanningInput(model: model, table: table)
/// let converter = try Converters.named("plan").adapted(to: model, importance: .none)
/// let task = try RestrictedTask(input, PlanningRules(converter: converter))
/// let planned = try task.plan(for: .budget(Budget(parsing: "9GB")), with: Allocator())
/// let recipe = try planned.recipe(by: generator)
/// ```
public struct RestrictedTask: Sendable {
    /// The model and the table.
    public let input: PlanningInput
    /// What the plan has to keep to.
    public let rules: PlanningRules
    /// The task with the restrictions; its budget is still to be set.
    public internal(set) var task: PlanningTask
    /// The task's problem without the restrictions.
    public let unrestricted: AllocationProblem
    /// The restrictions, in the order of the rules.
    public let restrictions: [Restriction]
    /// What the finished file holds besides tensor data; nil where nothing is known of what will write it.
    public let file: FinishedFile?
    /// The formats of the table that are left out, as the program that the file is most likely for decodes them slowly or not at
    /// all; see `Converter.usualRuntime(for:)`.
    public let slowFormats: [QuantizationFormat]
    /// What the plan leaves as it is, that nobody asked for.
    public let keptLayers: KeptLayers
    /// What becomes of tensors outside the plan, where that loses something.
    public let keptCasts: KeptCasts

    /// Joins a model and a table, binds them to the converter, and applies the restrictions.
    ///
    /// - Parameters:
    ///   - input: The model and the table.
    ///   - rules: What the plan has to keep to.
    /// - Throws: ``PlanningError`` where model, table, converter, runtime and restrictions contradict each other; `RecipeError`
    ///   for a model that the converter refuses; `TensorError` for tensors that no grouping covers; `CheckpointError` for
    ///   metadata that cannot be read; `RuntimeError` for a model that the runtime does not run.
    public init(_ input: PlanningInput, _ rules: PlanningRules = PlanningRules()) throws {
        try Self.checkPacking(of: input, rules)
        try rules.runtime?.check(model: input.model)
        let source = input.model.sourceFormat
        let binding = rules.converter.map { ConverterBinding(converter: $0, source: source) }
        if let binding {
            try rules.runtime?.check(converter: binding.converter.name)
            try binding.converter.check(input.model.tensors)
        }
        try input.checkTableOwner()
        let grouped = try input.table.layers(of: input.model, grouping: rules.grouping)
            .keepingIntegers(sourceFormat: source)
        var model = try Self.keeping(grouped, rules, source: source)
        let chosen = Set(model.keptLayers).subtracting(grouped.keptLayers)
        var formats = rules.formats
        if let binding {
            formats = try binding.formats(formats, table: input.table)
            model = try binding.layers(of: model, chosen: Self.chosenFormats(of: model, rules))
        }
        var leftOut: [QuantizationFormat] = []
        if rules.runtime == nil, rules.formats == nil, let all = formats,
            let usual = rules.converter?.usualRuntime(for: input.model)
        {
            let named = Set(rules.restrictions.compactMap(\.format))
            let fast = all.filter { usual.decodes($0) || named.contains($0) }
            if fast.contains(where: { $0.bitsPerWeight < 16 }) {
                leftOut = all.filter { !fast.contains($0) }
                formats = fast
            }
        }
        slowFormats = leftOut
        if let runtime = rules.runtime {
            let all = formats ?? input.table.formats.compactMap(QuantizationFormat.init(named:))
            formats = try runtime.formats(rules.formats, from: all, table: input.table)
        }
        keptLayers = KeptLayers(
            model,
            converter: rules.converter?.name,
            besides: grouped.keptLayers,
            chosen: chosen,
            unfit: grouped.unfitTensors
        )
        keptCasts = KeptCasts(model, by: rules.converter?.name) { tensor in
            rules.kept.contains { $0.format != nil && $0.glob.matches(tensor.name) }
        }
        let given = rules.pinned(model.layers)
        if let binding, let refused = given.values.first(where: { !binding.converter.accepts($0) }) {
            throw PlanningError.formatRefused(refused.name, converter: binding.converter.name)
        }
        try rules.runtime?.check(pinned: given.values)
        file = try Self.finishedFile(of: input, by: rules.converter, formats: (formats ?? []) + given.values)
        let stored = StoredFloats(of: input.model, by: rules.converter)
        var task = try PlanningTask(
            model: model,
            impacts: input.table,
            formats: formats,
            sourceFormat: source,
            stayingFormat: binding.map { binding in
                {
                    stored.stayingFormat(of: $0, besides: input.table)
                        ?? binding.stayingFormat(of: $0.tensors)
                }
            },
            given: given,
            layout: try file?.layout ?? input.model.header.layout(for: input.model.tensors),
            budget: 0,
            combination: rules.combination ?? input.table.defaultCombination
        )
        try binding?.bind(&task)
        try stored.release(&task)
        if rules.allowsQuantizedSource {
            let sources = QuantizedSource(of: input.model)
            try sources.check(rules.restrictions, of: task.model.layers)
            try sources.check(rules.kept, of: task.model.kept)
            try sources.hold(&task, to: input.table)
        }
        task.keptCosts = Self.keptCosts(of: grouped, in: model, input.table)
        unrestricted = task.problem
        restrictions = try rules.restrictions(for: task)
        try Self.apply(restrictions, to: &task)
        self.input = input
        self.rules = rules
        self.task = task
    }

    // MARK: Joining

    /// Refuses a model that is quantized already, unless that is allowed and the weights can be read.
    private static func checkPacking(of input: PlanningInput, _ rules: PlanningRules) throws(PlanningError) {
        let packed = input.model.packedWeights
        guard let first = packed.first(where: { $0.scheme != .ggml || !rules.allowsQuantizedSource }) else {
            return
        }
        throw .quantizedAlready(first, isReadable: packed.allSatisfy { $0.scheme == .ggml })
    }

    /// The model without the layers and tensors that the rules keep.
    private static func keeping(
        _ grouped: LayeredModel,
        _ rules: PlanningRules,
        source: QuantizationFormat
    ) throws -> LayeredModel {
        let (model, unused) = try grouped.keeping(
            rules.kept.map { ($0.glob, $0.format) },
            except: Set(rules.pinned(grouped.layers).keys),
            sourceFormat: source
        )
        if let (index, cause) = unused.first {
            let rule = rules.kept[index].description
            throw switch cause {
            case .matchesNothing:
                PlanningError.patternMatchesNothing(
                    rule,
                    near: NearNames.of(
                        rules.kept[index].glob,
                        in: grouped.layers.map(\.name) + grouped.kept.map(\.tensor.name)
                    )
                )
            case .plannedAllTheSame: PlanningError.patternOverruled(rule, by: "a pin")
            case .keptOtherwise(let other):
                PlanningError.patternOverruled(rule, by: rules.kept[other].description)
            }
        }
        return model
    }

    /// What layers that are kept as a whole cost by the table, in other formats than their own.
    ///
    /// - Parameters:
    ///   - grouped: The layers that there are without anything kept.
    ///   - model: The model as it is planned.
    ///   - table: The table.
    /// - Returns: The layers, in the model's order; none that the table says nothing of.
    private static func keptCosts(
        of grouped: LayeredModel,
        in model: LayeredModel,
        _ table: ImpactTable
    ) -> [PlanningTask.KeptCost] {
        let planned = Set(model.layers.map(\.name))
        var formats: [String: QuantizationFormat] = [:]
        for kept in model.kept { formats[kept.tensor.name] = kept.format }
        return grouped.layers.filter { !planned.contains($0.name) }.compactMap { layer in
            let found = Set(layer.tensors.map { formats[$0.name] })
            guard found.count == 1, let format = found.first ?? nil,
                layer.tensors.contains(where: { $0.elementType != format }),
                let impact = table.impact(ofLayer: layer.name, in: format)
            else { return nil }
            return PlanningTask.KeptCost(
                layer: layer.name,
                tensors: layer.tensors.map(\.name),
                impact: impact
            )
        }
    }

    /// The formats that the rules keep tensors in, by the tensors' names.
    private static func chosenFormats(
        of model: LayeredModel,
        _ rules: PlanningRules
    ) -> [String: QuantizationFormat] {
        let named = rules.kept.filter { $0.format != nil }
        var formats: [String: QuantizationFormat] = [:]
        for kept in model.kept where named.contains(where: { $0.glob.matches(kept.tensor.name) }) {
            formats[kept.tensor.name] = kept.format
        }
        return formats
    }

    /// What the finished file holds besides tensor data, where a plan may give layers these formats, of its own accord or as it is
    /// told; nil where nothing is known of what will write it.
    private static func finishedFile(
        of input: PlanningInput,
        by converter: (any Converter)?,
        formats: [QuantizationFormat]
    ) throws -> FinishedFile? {
        if let converter { return try converter.finishedFile(for: input.model, formats: formats) }
        return input.table.byteCounts == nil ? nil : .ofMeasuredSizes
    }

    /// Applies restrictions; where a format fits no layer that one matches, the error says which rows it would need.
    private static func apply(_ restrictions: [Restriction], to task: inout PlanningTask)
        throws(PlanningError)
    {
        do throws(PlanningError) {
            try task.problem.apply(restrictions)
        } catch .formatNowhere(let restriction, let format, let known) {
            if contradictsPin(restriction, restrictions, task) {
                throw .contradiction(relax: [restriction], budget: nil)
            }
            guard let rows = UnfitRows(task, format: format) else {
                throw .formatNowhere(restriction, format: format, known: known)
            }
            throw .formatFitsNowhere(restriction, format: format, rows: rows)
        } catch .patternMatchesNothing(let words, let near) {
            throw keptMatch(words, restrictions, task) ?? .patternMatchesNothing(words, near: near)
        } catch .contradiction(let relax, nil) where relax.count == 1 {
            throw lackOfFormat(relax[0], restrictions, task) ?? .contradiction(relax: relax, budget: nil)
        } catch {
            throw error
        }
    }

    /// That a restriction, by its words, matches kept tensors alone, by their names or those of their layers; nil where it matches none.
    private static func keptMatch(
        _ words: String,
        _ restrictions: [Restriction],
        _ task: PlanningTask
    ) -> PlanningError? {
        guard let glob = restrictions.first(where: { $0.description == words })?.kind.glob else { return nil }
        let layers = task.model.keptLayers.filter(glob.matches)
        let kept = task.model.kept.filter { kept in
            let name = kept.tensor.name
            return glob.matches(name) || layers.contains { name.hasPrefix($0 + ".") || name == $0 }
        }
        guard let first = kept.first else { return nil }
        return .matchesKept(
            words,
            tensor: first.tensor.name,
            format: first.format.name,
            others: kept.count - 1
        )
    }

    /// Why a pin, by its words, leaves no plan: layers that it matches do not have its format; nil where they all do.
    private static func lackOfFormat(
        _ words: String,
        _ restrictions: [Restriction],
        _ task: PlanningTask
    ) -> PlanningError? {
        guard let pin = restrictions.first(where: { $0.description == words }),
            case .pin(let glob, let format) = pin.kind
        else { return nil }
        let problem = task.problem
        let lacking = problem.layerNames.indices.filter { layer in
            glob.matches(problem.layerNames[layer])
                && !problem.options(ofLayer: layer).contains {
                    problem.formatNames[Int(problem.optionFormat[$0])] == format.name
                }
        }
        guard !lacking.isEmpty else { return nil }
        let layers = task.model.layers
        return .formatLacking(
            words,
            format: format.name,
            layers: lacking.map { problem.layerNames[$0] },
            needsImportance: format.needsImportanceMatrix
                && lacking.allSatisfy { layers[$0].tensors.allSatisfy(format.fits) }
        )
    }

    /// Whether a pin, by its words, names a layer that an earlier pin gives another format.
    private static func contradictsPin(
        _ words: String,
        _ restrictions: [Restriction],
        _ task: PlanningTask
    ) -> Bool {
        guard let index = restrictions.firstIndex(where: { $0.description == words }),
            case .pin(let glob, let format) = restrictions[index].kind
        else { return false }
        return restrictions[..<index].contains { earlier in
            guard case .pin(let other, let otherFormat) = earlier.kind, otherFormat != format else {
                return false
            }
            return task.problem.layerNames.contains { glob.matches($0) && other.matches($0) }
        }
    }

    // MARK: Measuring

    /// Measures formats that somebody else chose by the whole table, also where no plan may take them.
    ///
    /// Of a model that is quantized already, impacts are not the table's, and what plans may take is all that is known.
    ///
    /// - Parameter format: The format of a tensor of the model, or nil where it stays as the source has it.
    /// - Returns: Its size, and its impact where the table has it.
    public func measuring(_ format: (TensorInfo) -> QuantizationFormat?) -> AssignedFormats {
        task.measuring(on: rules.allowsQuantizedSource ? nil : input.table, format)
    }

    // MARK: Planning

    /// The size of the file with every layer as the model's own files have it, in bytes: scaled 8-bit floats are not multiplied
    /// out in that.
    public var sourceBytes: Int { task.sourceBytes - input.model.multipliedOutByteCount }

    /// A budget in bytes of the whole file.
    public func bytes(of budget: Budget) -> Int {
        budget.bytes(parameters: input.model.parameters, sourceBytes: sourceBytes)
    }

    /// The plan within a budget.
    ///
    /// - Parameters:
    ///   - budget: The most bytes that the whole file may have.
    ///   - allocator: What searches.
    /// - Returns: The plan.
    /// - Throws: ``PlanningError/contradiction(relax:budget:)`` where restrictions leave no plan, ``PlanningError/noneFits(_:)``
    ///   where the budget is too small for any, and what `Allocator.plan(for:)` throws.
    public func plan(within budget: Int, with allocator: Allocator) throws -> AllocationPlan {
        var problem = task.problem
        problem.budget = budget
        do {
            return try allocator.plan(for: problem)
        } catch {
            switch error {
            case .infeasible, .overconstrained:
                if let relax = unrestricted.relaxation(of: restrictions, within: budget) {
                    throw PlanningError.contradiction(relax: relax, budget: budget)
                }
            default: break
            }
            guard case .infeasible(_, let smallestBytes) = error else { throw error }
            throw PlanningError.noneFits(infeasibility(within: budget, smallestBytes: smallestBytes))
        }
    }

    /// Why no plan fits a budget.
    ///
    /// - Parameters:
    ///   - budget: The budget, in bytes of the whole file.
    ///   - smallestBytes: The bytes of the smallest possible file.
    /// - Returns: What that is made of, and whether the table has smaller formats.
    public func infeasibility(within budget: Int, smallestBytes: Int) -> Infeasibility {
        let table = input.table
        let smallest = task.problem.formatNames.compactMap { QuantizationFormat(named: $0)?.bitsPerWeight }
            .min()
        let hasSmaller = table.formats.compactMap { QuantizationFormat(named: $0)?.bitsPerWeight }
            .contains { $0 < smallest ?? 0 }
        let isWhole = !hasSmaller && restrictions.isEmpty && table.byteCounts == nil
        return Infeasibility(task, budget: budget, smallestBytes: smallestBytes, table: isWhole ? table : nil)
    }

    /// The smallest plan with at most an impact.
    ///
    /// - Parameters:
    ///   - maximumImpact: The most combined impact.
    ///   - allocator: What searches.
    /// - Returns: The plan.
    /// - Throws: ``PlanningError/contradiction(relax:budget:)`` where restrictions leave no plan, and what
    ///   `Allocator.smallestPlan(for:maximumImpact:)` throws.
    public func smallestPlan(maximumImpact: Double, with allocator: Allocator) throws -> AllocationPlan {
        do {
            return try allocator.smallestPlan(for: task.problem, maximumImpact: maximumImpact)
        } catch {
            switch error {
            case .impactOutOfReach, .overconstrained:
                if let relax = unrestricted.relaxation(of: restrictions, maximumImpact: maximumImpact) {
                    throw PlanningError.contradiction(relax: relax, budget: nil)
                }
            default: break
            }
            throw error
        }
    }
}
