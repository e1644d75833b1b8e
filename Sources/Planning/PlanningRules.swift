public import BitAllocation
public import Converters
public import Runtimes
public import Sensitivity
public import Tensors

/// What a plan has to keep to besides its goal, and what makes and loads the file.
public struct PlanningRules: Sendable {
    /// Layers or tensors that stay as they are, or in a given format.
    public struct Keep: Sendable {
        /// Which, by their names.
        public let glob: Glob
        /// The format, or nil for each one's own.
        public let format: QuantizationFormat?
        /// The rule as the user wrote it, for messages.
        public let description: String

        /// Creates a rule.
        public init(_ glob: Glob, format: QuantizationFormat? = nil, description: String) {
            self.glob = glob
            self.format = format
            self.description = description
        }
    }

    /// A limit on what the model costs in its formats, such as time, against what it costs in the source's.
    public struct Slowdown: Sendable {
        /// What an element costs in each format.
        public let costs: FormatCosts
        /// The most that the model may cost, as a multiple of the source's.
        public let factor: Double
        /// The limit as the user wrote it, for messages.
        public let description: String

        /// Creates a limit.
        public init(_ costs: FormatCosts, factor: Double, description: String) {
            self.costs = costs
            self.factor = factor
            self.description = description
        }
    }

    /// How tensors make up layers; nil for the built-in grouping that has most of the table's layers.
    public var grouping: LayerGrouping?
    /// The formats that may be used, besides the source format, which always may; nil for all of the table's.
    public var formats: [QuantizationFormat]?
    /// What stays out of the plan.
    public var kept: [Keep] = []
    /// What the layers have to keep to, in the order in which messages name it.
    ///
    /// A layer that a pin matches needs no row in the table.
    public var restrictions: [Restriction] = []
    /// The limit on a second cost, which stands after the other restrictions.
    public var slowdown: Slowdown?
    /// The converter that makes the file, as it treats the model (`Converter.adapted(to:importance:)`); nil for none.
    public var converter: (any Converter)?
    /// The program that loads the file, which leaves only the formats that it decodes fast; nil for none.
    public var runtime: TargetRuntime?
    /// Whether a model that is quantized already may be planned, no layer above the bits that it has.
    public var allowsQuantizedSource = false
    /// How impacts combine; nil for the rule that the kind of the table's cells asks for.
    public var combination: ImpactCombination?

    /// Creates rules that ask for nothing.
    ///
    /// - Parameter converter: The converter that makes the file, as it treats the model; nil for none.
    public init(converter: (any Converter)? = nil) {
        self.converter = converter
    }

    /// The formats of the layers that are pinned; the first pin that matches a layer has it.
    func pinned(_ layers: [ModelLayer]) -> [String: QuantizationFormat] {
        let pins = restrictions.compactMap { restriction -> (glob: Glob, format: QuantizationFormat)? in
            guard case .pin(let glob, let format) = restriction.kind else { return nil }
            return (glob, format)
        }
        var formats: [String: QuantizationFormat] = [:]
        guard !pins.isEmpty else { return formats }
        for layer in layers {
            formats[layer.name] = pins.first { $0.glob.matches(layer.name) }?.format
        }
        return formats
    }

    /// The restrictions for a task: those that are given, and the second budget.
    ///
    /// - Throws: `AllocationError.invalidProblem(_:)` where the costs lack a format.
    func restrictions(for task: PlanningTask) throws(AllocationError) -> [Restriction] {
        let restrictions = restrictions.map { $0.nestedByTensors(of: task.model.layers) }
        guard let slowdown else { return restrictions }
        let second = try task.secondBudget(slowdown.costs, factor: slowdown.factor)
        return restrictions + [Restriction(.secondBudget(second), description: slowdown.description)]
    }
}
