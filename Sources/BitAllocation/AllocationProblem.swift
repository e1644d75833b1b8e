/// Layers with their options, and the budget that one option per layer has to keep to.
///
/// The options of all layers stand in flat columns, so that a model of 90,000 layers with 20 options each takes tens of
/// megabytes and is walked without chasing pointers. A value of this type is always well formed: the initializers check it.
public struct AllocationProblem: Sendable {
    /// One format a layer may take.
    public struct Option: Hashable, Sendable {
        /// The format's name.
        public var format: String
        /// The layer's exact size in that format, in bytes.
        public var bytes: Int
        /// The cost of casting the layer to that format: finite and not negative.
        public var impact: Double

        /// Creates an option.
        public init(format: String, bytes: Int, impact: Double) {
            self.format = format
            self.bytes = bytes
            self.impact = impact
        }
    }

    /// One unit of decision.
    public struct Layer: Hashable, Sendable {
        /// The name that the impact table gives it.
        public var name: String
        /// The formats it may take.
        public var options: [Option]

        /// Creates a layer.
        public init(name: String, options: [Option]) {
            self.name = name
            self.options = options
        }
    }

    /// The layers' names, in the model's order.
    public let layerNames: [String]
    /// The names of all formats that any option has.
    public let formatNames: [String]
    /// Where each layer's options start in the columns; one more element than there are layers.
    public let firstOption: [Int]
    /// The format of every option, as an index into ``formatNames``.
    public let optionFormat: [UInt16]
    /// The bytes of every option.
    public internal(set) var optionBytes: [Int]
    /// The impact of every option.
    public let optionImpact: [Double]
    /// The bytes of the file that no choice changes: kept tensors, header, alignment.
    public let fixedBytes: Int
    /// The most bytes that the whole file may have.
    public var budget: Int
    /// How the layers' impacts make up the plan's.
    public var combination: ImpactCombination
    /// Whether an option may be chosen, for every option, or `nil` where all may.
    public internal(set) var isAllowed: [Bool]?
    /// Sets of layers that take one format; no layer is in two of them.
    public internal(set) var ties: [[Int]] = []
    /// The most different formats that the layers may take, or `nil`.
    public var formatLimit: Int?
    /// A second budget, or `nil`.
    public internal(set) var secondBudget: SecondBudget?
    /// The bytes of every option that are in the file and that the budget does not count, or `nil` where it counts them all.
    public internal(set) var uncountedBytes: [Int]?

    /// The number of layers.
    public var layerCount: Int { layerNames.count }

    /// The range of a layer's options in the columns.
    public func options(ofLayer layer: Int) -> Range<Int> {
        firstOption[layer]..<firstOption[layer + 1]
    }

    /// Creates a problem from layers.
    ///
    /// - Throws: ``AllocationError/invalidProblem(_:)`` for no layers, a layer without options, sizes that are negative
    ///   or add up beyond 2⁶³, impacts that are negative, not finite, or too large to be added.
    public init(
        layers: [Layer],
        fixedBytes: Int = 0,
        budget: Int,
        combination: ImpactCombination = .sum
    ) throws(AllocationError) {
        var columns = ProblemColumns(layers: layers.count, options: layers.first?.options.count ?? 0)
        for layer in layers {
            for option in layer.options {
                columns.append(option.format, bytes: option.bytes, impact: option.impact)
            }
            columns.endLayer(layer.name)
        }
        try self.init(columns: columns, fixedBytes: fixedBytes, budget: budget, combination: combination)
    }

    /// Creates a problem from layers that were collected one after the other.
    ///
    /// - Throws: ``AllocationError/invalidProblem(_:)``, as the initializer from layers does.
    package init(
        columns: ProblemColumns,
        fixedBytes: Int = 0,
        budget: Int,
        combination: ImpactCombination = .sum
    ) throws(AllocationError) {
        guard columns.formatNames.count <= ProblemColumns.formatLimit else {
            throw .invalidProblem("there are more than 65,536 formats")
        }
        try self.init(
            layerNames: columns.layerNames,
            formatNames: columns.formatNames,
            firstOption: columns.firstOption,
            optionFormat: columns.optionFormat,
            optionBytes: columns.optionBytes,
            optionImpact: columns.optionImpact,
            fixedBytes: fixedBytes,
            budget: budget,
            combination: combination
        )
    }

    /// Creates a problem from columns; see the properties for their meaning.
    ///
    /// - Throws: ``AllocationError/invalidProblem(_:)``, as the initializer from layers does, and for columns that do not
    ///   fit together.
    public init(
        layerNames: [String],
        formatNames: [String],
        firstOption: [Int],
        optionFormat: [UInt16],
        optionBytes: [Int],
        optionImpact: [Double],
        fixedBytes: Int = 0,
        budget: Int,
        combination: ImpactCombination = .sum
    ) throws(AllocationError) {
        self.layerNames = layerNames
        self.formatNames = formatNames
        self.firstOption = firstOption
        self.optionFormat = optionFormat
        self.optionBytes = optionBytes
        self.optionImpact = optionImpact
        self.fixedBytes = fixedBytes
        self.budget = budget
        self.combination = combination
        try validate()
    }
}
