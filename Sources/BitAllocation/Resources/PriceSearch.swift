/// The search for the prices of several limits at which a bound on the cost is highest.
///
/// Prices, one per resource, take the limits into the cost (Everett, Generalized Lagrange multiplier method, 1963). The best
/// prices are found by cutting planes (Kelley 1960), whose master programme has one row per resource and one more; it is kept as
/// the inverse of its basis, and proposes prices from the choices that were met. The bound is worked out anew at every
/// proposal, so no rounding of the master programme enters it.
struct PriceSearch {
    /// What is least at some prices.
    struct Look {
        /// What the choice costs.
        var cost: Double
        /// What it takes of each resource.
        var uses: [Double]
        /// What it costs at the prices, less the price of the limits: a bound on the cost of any choice within them.
        var bound: Double
    }

    /// The prices at which the bound is the highest that was found, per unit of the resource.
    private(set) var prices: [Double]
    /// A proven lower limit on the cost.
    private(set) var bound = -Double.infinity
    /// The looks of the best mixture, by the order in which they were taken, and their shares of it.
    private(set) var mixture: [(look: Int, share: Double)] = []
    /// How often prices were proposed.
    private(set) var rounds = 0

    /// Searches for the prices.
    ///
    /// - Parameters:
    ///   - limits: The most that may be taken of each resource.
    ///   - ceiling: A bound beyond this proves that nothing so cheap keeps to the limits.
    ///   - start: Prices that are likely to be near the best.
    ///   - known: What was met at other prices, which counts as the first looks.
    ///   - stepsPerLook: The steps that finding what is least at some prices takes.
    ///   - tolerance: How near the bound has to come to that of the best prices, relative to it.
    ///   - clock: Ends the search early.
    ///   - leastAt: What is least at some prices.
    init(
        limits: [Double],
        ceiling: Double,
        start: [Double]? = nil,
        known: [(cost: Double, uses: [Double])] = [],
        stepsPerLook: Int,
        tolerance: Double = 1e-10,
        clock: StopClock,
        leastAt: ([Double]) -> Look
    ) {
        let count = limits.count
        prices = [Double](repeating: 0, count: count)
        // Limits become 1 and costs about 1; a resource without room is priced by its own scale.
        let scales = limits.map { $0 > 0 ? $0 : 1 }
        let dearest = ceiling > 0 ? ceiling : 1
        var seen = known.map { (cost: $0.cost, uses: zip($0.uses, scales).map { $0 / $1 }) }
        func look(at proposal: [Double], _ unit: Double) -> Bool {
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
        // One price for all limits, eightfold from nearly nothing until the limits are kept, sets the size of the prices to
        // look at; prices that are known to be near set it at once.
        var common = 0.0
        if let start, let largest = zip(start, scales).map({ $0 * $1 }).max(), largest > 0 {
            common = largest / dearest
            _ = look(at: zip(start, scales).map { $0 * $1 / largest }, largest)
            if known.isEmpty { _ = look(at: [Double](repeating: 0, count: count), dearest) }
        } else {
            while !clock.shouldStop() {
                if look(at: [Double](repeating: common, count: count), dearest) { break }
                common = common == 0 ? 1e-9 : common * 8
                if common > 1e6 || bound > ceiling * (1 + 1e-9) { break }
            }
        }
        guard common > 0, bound <= ceiling * (1 + 1e-9) else {
            mixture = seen.isEmpty ? [] : [(seen.count - 1, 1)]
            return
        }
        let costScale = dearest * common
        var master = CuttingPlaneMaster(
            limits: (0..<count).map { limits[$0] / scales[$0] },
            penalty: 16
        )
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
            _ = look(at: mixed, costScale)
            var improves = seen.last.map { master.add(cost: $0.cost / costScale, uses: $0.uses) } ?? false
            if bound > before {
                best = mixed
            } else if !improves {
                _ = look(at: next.prices, costScale)
                improves = seen.last.map { master.add(cost: $0.cost / costScale, uses: $0.uses) } ?? false
                if bound > before { best = next.prices }
            }
            isStuck = !improves && bound <= before
            if bound > ceiling * (1 + 1e-9) { break }
        }
        mixture = master.shares().filter { seen.indices.contains($0.choice) }.map { ($0.choice, $0.share) }
    }
}
