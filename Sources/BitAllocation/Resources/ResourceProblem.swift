/// Layers with options that take several resources, and a limit on each: bytes on each of several devices, and time.
///
/// Options stand in flat columns, so that hundreds of thousands of them are walked quickly.
public struct ResourceProblem: Sendable {
    /// One way a layer may be had.
    public struct Option: Hashable, Sendable {
        /// What it costs: finite and not negative.
        public var cost: Double
        /// What it takes of each resource: finite and not negative.
        public var uses: [Double]

        /// Creates an option.
        public init(cost: Double, uses: [Double]) {
            self.cost = cost
            self.uses = uses
        }
    }

    /// The most that may be taken of each resource.
    public let limits: [Double]
    /// Where each layer's options start in the columns; one more element than there are layers.
    public let firstOption: [Int]
    /// The cost of every option.
    public let cost: [Double]
    /// What every option takes of every resource, the resources of an option side by side.
    public let uses: [Double]

    /// The number of layers.
    public var layerCount: Int { firstOption.count - 1 }
    /// The number of resources.
    public var resourceCount: Int { limits.count }

    /// Creates a problem.
    ///
    /// - Parameters:
    ///   - layers: The options of each layer.
    ///   - limits: The most that may be taken of each resource.
    /// - Throws: ``AllocationError/invalidProblem(_:)`` for no layers or resources, a layer without options, options with another
    ///   number of resources than there are limits, and figures that are negative, not finite, or too large to be added.
    public init(layers: [[Option]], limits: [Double]) throws(AllocationError) {
        guard !layers.isEmpty, !limits.isEmpty else {
            throw .invalidProblem("there are no layers, or no limits")
        }
        try self.init(perhapsNoLayers: layers, limits: limits)
    }

    /// Creates a part of a problem, which may have no layers of its own.
    init(perhapsNoLayers layers: [[Option]], limits: [Double]) throws(AllocationError) {
        guard limits.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
            throw .invalidProblem("a limit is negative or not a finite number")
        }
        var firstOption = [0]
        var cost: [Double] = []
        var uses: [Double] = []
        for (index, options) in layers.enumerated() {
            guard !options.isEmpty else { throw .invalidProblem("layer \(index) has no options") }
            for option in options {
                guard option.uses.count == limits.count else {
                    throw .invalidProblem("an option of layer \(index) has not one figure per limit")
                }
                let figures = option.uses + [option.cost]
                // Sums over 2^20 layers of figures below this are far from infinity.
                guard figures.allSatisfy({ $0 >= 0 && $0 < 1e200 }) else {
                    throw .invalidProblem("a figure of layer \(index) is negative, not finite, or too large")
                }
                cost.append(option.cost)
                uses += option.uses
            }
            firstOption.append(cost.count)
        }
        self.limits = limits
        self.firstOption = firstOption
        self.cost = cost
        self.uses = uses
    }

    /// The layers of several problems, one problem's after the other's.
    init(joining parts: [ResourceProblem], limits: [Double]) {
        self.limits = limits
        var firstOption = [0]
        for part in parts {
            let before = firstOption.last ?? 0
            firstOption += part.firstOption.dropFirst().map { $0 + before }
        }
        self.firstOption = firstOption
        cost = Array(parts.map(\.cost).joined())
        uses = Array(parts.map(\.uses).joined())
    }

    /// The options of a layer, in the columns.
    public func options(ofLayer layer: Int) -> Range<Int> {
        firstOption[layer]..<firstOption[layer + 1]
    }

    /// What a choice of one option per layer takes of each resource.
    ///
    /// Sizes in bytes below 2⁵³ add up exactly.
    public func uses(ofChoices choices: [Int]) -> [Double] {
        (0..<resourceCount).map { resource in
            CompensatedSum.of(choices.lazy.map { uses[$0 * resourceCount + resource] })
        }
    }

    /// What a choice costs.
    public func cost(ofChoices choices: [Int]) -> Double {
        CompensatedSum.of(choices.lazy.map { cost[$0] })
    }

    /// Whether a choice keeps to every limit, up to the rounding of the sums.
    public func admits(_ choices: [Int]) -> Bool {
        zip(uses(ofChoices: choices), limits).allSatisfy { $0 <= $1 * (1 + 1e-15) }
    }
}
