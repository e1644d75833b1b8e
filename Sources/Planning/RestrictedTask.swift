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
    /// By how many bytes the file would be larger with the tensors that are kept in a format that was asked for as in the source.
    let bytesSavedByKeeping: Int

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
        var (model, asked) = try Self.keeping(grouped, rules, source: source)
        let chosen = Set(model.keptLayers).subtracting(grouped.keptLayers)
        var formats = rules.formats
        if let binding {
            formats = try binding.formats(formats, table: input.table)
            model = try binding.layers(of: model, chosen: asked.compactMapValues(\.format))
        }
        (formats, slowFormats) = Self.withoutSlow(formats, of: input, rules)
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
        try Self.checkNesting(of: asked, in: grouped, rules.restrictions)
        keptCasts = KeptCasts(model, by: rules.converter?.name, source: source) { tensor in
            asked[tensor.name] != nil
        }
        let given = rules.pinned(model.layers)
        if let binding, let refused = given.values.first(where: { !binding.converter.accepts($0) }) {
            throw PlanningError.formatRefused(refused.name, converter: binding.converter.name)
        }
        let askedFormats = asked.values.compactMap(\.format).sorted { $0.name < $1.name }
        try rules.runtime?.check(pinned: Array(given.values) + askedFormats)
        file = try Self.finishedFile(
            of: input,
            by: rules.converter,
            formats: (formats ?? []) + given.values + askedFormats
        )
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
        if rules.allowsQuantizedSource { try Self.hold(&task, to: input, rules, asked) }
        task.keptCosts = Self.keptCosts(of: grouped, in: model, input.table)
        bytesSavedByKeeping = Self.bytesSaved(
            byKeeping: Set(asked.keys),
            of: model,
            source: source,
            layout: task.layout
        )
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

    /// Refuses and forbids what a model that is quantized already does not hold; see ``QuantizedSource``.
    private static func hold(
        _ task: inout PlanningTask,
        to input: PlanningInput,
        _ rules: PlanningRules,
        _ asked: [String: PlanningRules.Keep]
    ) throws(PlanningError) {
        let sources = QuantizedSource(of: input.model)
        try sources.check(rules.restrictions, of: task.model.layers)
        try sources.check(asked, of: task.model.kept)
        try sources.hold(&task, to: input.table)
    }

    /// The formats without those that the program which the file is most likely for decodes slowly or not at all, and those.
    ///
    /// None is left out where the user named the runtime or the formats, or where no quantized format would remain.
    private static func withoutSlow(
        _ formats: [QuantizationFormat]?,
        of input: PlanningInput,
        _ rules: PlanningRules
    ) -> (formats: [QuantizationFormat]?, slow: [QuantizationFormat]) {
        guard rules.runtime == nil, rules.formats == nil, let formats,
            let usual = rules.converter?.usualRuntime(for: input.model)
        else { return (formats, []) }
        let named = Set(rules.restrictions.compactMap(\.format))
        let fast = formats.filter { usual.decodes($0) || named.contains($0) }
        guard fast.contains(where: { $0.bitsPerWeight < 16 }) else { return (formats, []) }
        return (fast, formats.filter { !fast.contains($0) })
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
}
