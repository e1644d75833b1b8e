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
    private(set) var bound: Double
    /// The looks of the best mixture, by the order in which they were taken, and their shares of it.
    private(set) var mixture: [(look: Int, share: Double)]
    /// How often prices were proposed.
    private(set) var rounds: Int

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
        var looks = PriceLooks(
            limits: limits,
            ceiling: ceiling,
            known: known,
            stepsPerLook: stepsPerLook,
            clock: clock
        )
        let size = looks.findSize(start: start, isAlone: known.isEmpty, leastAt)
        if size > 0, !looks.isBeyondCeiling {
            mixture = looks.raiseBound(size: size, tolerance: tolerance, leastAt)
        } else {
            mixture = looks.last.map { [($0, 1)] } ?? []
        }
        (prices, bound, rounds) = (looks.prices, looks.bound, looks.rounds)
    }
}
