/// The prices of a byte and of a unit of the second budget.
struct TwoPrices {
    var bytes: Double
    var second: Double
}

/// A bound on the cost of any plan within two budgets, and the prices that give it.
///
/// Lagrange multipliers for both budgets give the bound (Everett, Generalized Lagrange multiplier method, 1963); the best pair
/// is found by bisecting the second price over the linear relaxation in the first.
struct TwoBudgetRelaxation {
    /// The prices at which the bound is the highest that was found.
    private(set) var prices = TwoPrices(bytes: 0, second: 0)
    /// A proven lower limit on the cost of any plan within both budgets, in the scale of the search.
    private(set) var bound = -Double.infinity

    /// Searches for the prices.
    ///
    /// - Parameters:
    ///   - problem: The problem.
    ///   - second: Its second budget.
    ///   - units: Its units.
    ///   - scale: The scale of the search.
    ///   - ceiling: Options with a larger impact are left out.
    ///   - isAllowed: Whether an option may be chosen, or `nil` where all may.
    ///   - budget: The most bytes of the file.
    ///   - start: The cost of some plan within both budgets, which sets the size of the first price that is tried.
    ///   - clock: Ends the search early.
    ///   - adopt: Called with the choices of every plan that is met, whether or not it keeps to the budgets.
    init(
        _ problem: AllocationProblem,
        second: SecondBudget,
        units: Units,
        scale: ImpactScale,
        ceiling: Double = .infinity,
        isAllowed: [Bool]?,
        budget: Int,
        start: Double,
        clock: StopClock,
        adopt: ([Int]) -> Void = { _ in }
    ) {
        // The bound as a function of the second price is concave: its slope is the second budget's overrun.
        var low = 0.0
        var high: Double?
        var price = 0.0
        for _ in 0..<60 where !clock.shouldStop() {
            let candidates = Candidates(problem, units: units, ceiling: ceiling, isAllowed: isAllowed) {
                scale.cost(ofImpact: problem.optionImpact[$0]) + price * second.cost[$0]
            }
            let capacity = budget - problem.fixedBytes - candidates.smallestBytes
            guard candidates.emptyUnit == nil, capacity >= 0 else { return }
            let relaxation = LinearRelaxation(candidates, ConvexHulls(candidates), capacity: capacity)
            let value = relaxation.bound - price * second.limit
            if value > bound {
                bound = value
                prices = TwoPrices(bytes: relaxation.multiplier, second: price)
            }
            let choices = candidates.choices(relaxation.base)
            adopt(choices)
            if second.admits(choices) {
                if price == 0 { break }
                high = price
            } else {
                low = price
            }
            if let high {
                price = (low + high) / 2
                if high - low <= 1e-14 * high { break }
            } else {
                // Prices grow fourfold until the second budget is kept; the scale of costs sets the first.
                price = price == 0 ? max(start, .leastNormalMagnitude) / max(second.limit, 1e-300) : price * 4
                guard price.isFinite else { break }
            }
        }
    }
}
