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
        /// What it takes of an ordered problem's peak resource once: of all options that are chosen, only the largest counts.
        public var peak: Double

        /// Creates an option.
        public init(cost: Double, uses: [Double], peak: Double = 0) {
            self.cost = cost
            self.uses = uses
            self.peak = peak
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
    /// The peak of every option.
    let peaks: [Double]

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
    ///   number of resources than there are limits, figures that are negative, not finite, or too large to be added, and
    ///   peaks, of which only an ``OrderedResourceProblem`` knows.
    public init(layers: [[Option]], limits: [Double]) throws(AllocationError) {
        guard !layers.isEmpty, !limits.isEmpty else {
            throw .invalidProblem("there are no layers, or no limits")
        }
        guard layers.allSatisfy({ $0.allSatisfy { $0.peak == 0 } }) else {
            throw .invalidProblem("an option has a peak, and no resource gives room to it")
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
        var peaks: [Double] = []
        for (index, options) in layers.enumerated() {
            guard !options.isEmpty else { throw .invalidProblem("layer \(index) has no options") }
            for option in options {
                guard option.uses.count == limits.count else {
                    throw .invalidProblem("an option of layer \(index) has not one figure per limit")
                }
                let figures = option.uses + [option.cost, option.peak]
                // Sums over 2^20 layers of figures below this are far from infinity.
                guard figures.allSatisfy({ $0 >= 0 && $0 < 1e200 }) else {
                    throw .invalidProblem("a figure of layer \(index) is negative, not finite, or too large")
                }
                cost.append(option.cost)
                uses += option.uses
                peaks.append(option.peak)
            }
            firstOption.append(cost.count)
        }
        self.limits = limits
        self.firstOption = firstOption
        self.cost = cost
        self.uses = uses
        self.peaks = peaks
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
        peaks = Array(parts.map(\.peaks).joined())
    }

    /// The options of a problem whose peaks are no larger than `most`, within other limits; nil where a layer has none.
    init?(_ problem: ResourceProblem, peaksUpTo most: Double, limits: [Double]) {
        self.limits = limits
        guard problem.peaks.contains(where: { $0 > most }) else {
            (firstOption, cost) = (problem.firstOption, problem.cost)
            (uses, peaks) = (problem.uses, problem.peaks)
            return
        }
        var firstOption = [0]
        var cost: [Double] = []
        var uses: [Double] = []
        var peaks: [Double] = []
        for layer in 0..<problem.layerCount {
            for option in problem.options(ofLayer: layer) where problem.peaks[option] <= most {
                cost.append(problem.cost[option])
                uses += problem.uses[option * limits.count..<(option + 1) * limits.count]
                peaks.append(problem.peaks[option])
            }
            guard cost.count > firstOption[layer] else { return nil }
            firstOption.append(cost.count)
        }
        (self.firstOption, self.cost, self.uses, self.peaks) = (firstOption, cost, uses, peaks)
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

    /// The steps of going through every option with what it takes of every resource.
    var stepsPerPass: Int { cost.count * (resourceCount + 1) }

    /// Whether a choice keeps to every limit, up to the rounding of the sums.
    public func admits(_ choices: [Int]) -> Bool {
        zip(uses(ofChoices: choices), limits).allSatisfy { $0 <= $1 * (1 + 1e-15) }
    }
}
