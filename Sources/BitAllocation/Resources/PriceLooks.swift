/// What was met at the prices that a search looked at, and the best bound of them.
struct PriceLooks {
    /// The prices of the best bound, per unit of the resource.
    private(set) var prices: [Double]
    /// The best bound.
    private(set) var bound = -Double.infinity
    /// How often was looked.
    private(set) var rounds = 0

    private let limits: [Double]
    /// What limits are divided by to become 1; a resource without room is priced by its own scale.
    private let scales: [Double]
    private let ceiling: Double
    /// What costs are divided by to become about 1.
    private let dearest: Double
    private let stepsPerLook: Int
    private let clock: StopClock
    /// The choices that were met, with what they take in the scales.
    private var seen: [(cost: Double, uses: [Double])]

    /// Begins.
    ///
    /// - Parameters:
    ///   - limits: The most that may be taken of each resource.
    ///   - ceiling: A bound beyond this proves that nothing so cheap keeps to the limits.
    ///   - known: What was met at other prices, which counts as the first looks.
    ///   - stepsPerLook: The steps that finding what is least at some prices takes.
    ///   - clock: Ends the search early, and counts its steps.
    init(
        limits: [Double],
        ceiling: Double,
        known: [(cost: Double, uses: [Double])],
        stepsPerLook: Int,
        clock: StopClock
    ) {
        self.limits = limits
        self.ceiling = ceiling
        self.stepsPerLook = stepsPerLook
        self.clock = clock
        prices = [Double](repeating: 0, count: limits.count)
        let scales = limits.map { $0 > 0 ? $0 : 1 }
        self.scales = scales
        dearest = ceiling > 0 ? ceiling : 1
        seen = known.map { (cost: $0.cost, uses: zip($0.uses, scales).map { $0 / $1 }) }
    }

    /// Whether the bound proves that nothing so cheap as the ceiling keeps to the limits.
    var isBeyondCeiling: Bool { bound > ceiling * (1 + 1e-9) }

    /// The number of the last look, or `nil` where there is none.
    var last: Int? { seen.indices.last }

    /// Looks at what is least at some prices.
    ///
    /// - Parameters:
    ///   - proposal: The prices in the scales, per unit of cost.
    ///   - unit: The unit of cost.
    ///   - leastAt: What is least at some prices.
    /// - Returns: Whether the choice keeps to the limits.
    @discardableResult
    private mutating func look(
        at proposal: [Double],
        _ unit: Double,
        _ leastAt: ([Double]) -> PriceSearch.Look
    ) -> Bool {
        let own = zip(proposal, scales).map { $0 * unit / $1 }
        // What the master programme then does with the choice is a small part of that, or of 10,000 steps.
        clock.count(stepsPerLook + 10_000)
        let found = leastAt(own)
        rounds += 1
        if found.bound > bound {
            bound = found.bound
            prices = own
        }
        seen.append((found.cost, zip(found.uses, scales).map { $0 / $1 }))
        return zip(found.uses, limits).allSatisfy { $0 <= $1 }
    }

    /// Finds the size of the prices to look at.
    ///
    /// One price for all limits, eightfold from nearly nothing until the limits are kept, sets it; prices that are known to be near set
    /// it at once.
    ///
    /// - Parameters:
    ///   - start: Prices that are likely to be near the best.
    ///   - isAlone: Whether nothing was met at other prices.
    ///   - leastAt: What is least at some prices.
    /// - Returns: The size, as a share of the dearest cost; 0 where prices are not needed, or the clock ended it.
    mutating func findSize(
        start: [Double]?,
        isAlone: Bool,
        _ leastAt: ([Double]) -> PriceSearch.Look
    ) -> Double {
        if let start, let largest = zip(start, scales).map({ $0 * $1 }).max(), largest > 0 {
            look(at: zip(start, scales).map { $0 * $1 / largest }, largest, leastAt)
            if isAlone { look(at: [Double](repeating: 0, count: limits.count), dearest, leastAt) }
            return largest / dearest
        }
        var common = 0.0
        while !clock.shouldStop() {
            if look(at: [Double](repeating: common, count: limits.count), dearest, leastAt) { break }
            common = common == 0 ? 1e-9 : common * 8
            if common > 1e6 || isBeyondCeiling { break }
        }
        return common
    }

    /// Raises the bound by cutting planes until the master programme says that no prices have a higher one.
    ///
    /// - Parameters:
    ///   - size: The size of the prices.
    ///   - tolerance: How near the bound has to come to that of the best prices, relative to it.
    ///   - leastAt: What is least at some prices.
    /// - Returns: The looks of the best mixture and their shares of it.
    mutating func raiseBound(
        size: Double,
        tolerance: Double,
        _ leastAt: ([Double]) -> PriceSearch.Look
    ) -> [(look: Int, share: Double)] {
        let costScale = dearest * size
        var master = CuttingPlaneMaster(limits: zip(limits, scales).map { $0 / $1 }, penalty: 16)
        for column in seen { _ = master.add(cost: column.cost / costScale, uses: column.uses) }
        var best = zip(prices, scales).map { $0 * $1 / costScale }
        var isStuck = false
        for _ in 0..<300 where !clock.shouldStop() {
            guard let next = master.solve() else { break }
            let gap = next.value - bound / costScale
            if gap <= tolerance * max(bound.magnitude / costScale, 1e-6) || isStuck {
                // Limits that are kept only for the penalty need a greater one, up to where a bound would prove that they cannot be.
                guard master.paysPenalty, master.penalty * costScale < 1e9 * dearest else { break }
                master.raisePenalty()
                isStuck = false
                continue
            }
            // Between the best prices so far and the master's, which by themselves jump about.
            let before = bound
            let mixed = zip(next.prices, best).map { 0.5 * $0 + 0.5 * $1 }
            var improves = look(at: mixed, costScale, into: &master, leastAt)
            if bound > before {
                best = mixed
            } else if !improves {
                improves = look(at: next.prices, costScale, into: &master, leastAt)
                if bound > before { best = next.prices }
            }
            isStuck = !improves && bound <= before
            if isBeyondCeiling { break }
        }
        return master.shares().filter { seen.indices.contains($0.choice) }.map { ($0.choice, $0.share) }
    }

    /// Looks at prices and tells the master programme what was met.
    ///
    /// - Returns: Whether that is cheaper than the mixture at the master's prices.
    private mutating func look(
        at proposal: [Double],
        _ costScale: Double,
        into master: inout CuttingPlaneMaster,
        _ leastAt: ([Double]) -> PriceSearch.Look
    ) -> Bool {
        look(at: proposal, costScale, leastAt)
        return seen.last.map { master.add(cost: $0.cost / costScale, uses: $0.uses) } ?? false
    }
}
