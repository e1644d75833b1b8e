/// A bound on the cost of any choice within several limits, the prices that give it, and choices that come near to the mixture
/// that is least at them.
///
/// At any prices that are not negative, the sum over the layers of the least priced option, less the price of the limits, is
/// a bound; ``PriceSearch`` finds the best prices.
struct ResourceRelaxation {
    /// The prices at which the bound is the highest that was found, per unit of the resource.
    let prices: [Double]
    /// A proven lower limit on the cost.
    let bound: Double
    /// Choices that take of every resource about what the best mixture of choices takes.
    private(set) var rounded: [[Int]] = []
    /// How many choices are made of a mixture, each beginning at another layer.
    private static let roundings = 12

    /// Searches for the prices.
    ///
    /// - Parameters:
    ///   - problem: The problem.
    ///   - ceiling: A bound beyond this proves that no choice within the limits is so cheap.
    ///   - start: Prices that are likely to be near the best.
    ///   - clock: Ends the search early.
    ///   - adopt: Called with every choice that is met, whether or not it keeps to the limits.
    init(
        _ problem: ResourceProblem,
        ceiling: Double,
        start: [Double]? = nil,
        clock: StopClock,
        adopt: ([Int]) -> Void
    ) {
        var met: [[Int32]] = []
        let search = PriceSearch(
            limits: problem.limits,
            ceiling: ceiling,
            start: start,
            stepsPerLook: problem.stepsPerPass,
            clock: clock
        ) { prices in
            let (choices, bound) = Self.leastChoice(problem, prices: prices)
            adopt(choices)
            met.append(choices.map { Int32(truncatingIfNeeded: $0) })
            return PriceSearch.Look(
                cost: problem.cost(ofChoices: choices),
                uses: problem.uses(ofChoices: choices),
                bound: bound
            )
        }
        prices = search.prices
        bound = search.bound
        // What is proven to be nowhere needs no choice.
        guard search.bound <= ceiling * (1 + 1e-9) + .leastNormalMagnitude else { return }
        guard search.mixture.count > 1 else {
            rounded = search.mixture.map { met[$0.look].map { Int($0) } }
            return
        }
        let scales = problem.limits.map { $0 > 0 ? $0 : 1 }
        let parts = search.mixture.map { (met[$0.look], $0.share) }
        for start in 0..<Self.roundings {
            let first = problem.layerCount * start / Self.roundings
            rounded.append(Self.rounded(parts, problem, scales: scales, from: first))
        }
    }

    /// Gives each layer one of the options that a mixture of choices has there, so that in the order of the layers what is taken
    /// stays close to what the mixture takes.
    private static func rounded(
        _ mixture: [(choice: [Int32], share: Double)],
        _ problem: ResourceProblem,
        scales: [Double],
        from start: Int
    ) -> [Int] {
        let count = problem.resourceCount
        var error = [Double](repeating: 0, count: count)
        var choices = mixture.first.map { $0.choice.map { Int($0) } } ?? []
        for step in 0..<problem.layerCount {
            let layer = (start + step) % problem.layerCount
            let options = mixture.map { Int($0.choice[layer]) }
            guard let first = options.first, options.contains(where: { $0 != first }) else { continue }
            for (option, part) in zip(options, mixture) {
                for resource in 0..<count {
                    error[resource] -= part.share * problem.uses[option * count + resource] / scales[resource]
                }
            }
            func distance(_ option: Int) -> Double {
                (0..<count).reduce(0) { total, resource in
                    let off = error[resource] + problem.uses[option * count + resource] / scales[resource]
                    // What is too much is worse than what is left.
                    return total + (off > 0 ? 4 : 1) * off * off
                }
            }
            let chosen = options.min { distance($0) < distance($1) } ?? first
            for resource in 0..<count {
                error[resource] += problem.uses[chosen * count + resource] / scales[resource]
            }
            choices[layer] = chosen
        }
        return choices
    }

    /// The choice that is least at some prices, and the bound that they give.
    static func leastChoice(_ problem: ResourceProblem, prices: [Double]) -> (choices: [Int], bound: Double) {
        let count = problem.resourceCount
        var choices = [Int](repeating: 0, count: problem.layerCount)
        var total = CompensatedSum()
        problem.cost.withUnsafeBufferPointer { cost in
            problem.uses.withUnsafeBufferPointer { uses in
                for layer in 0..<problem.layerCount {
                    var least = Double.infinity
                    var chosen = problem.firstOption[layer]
                    for option in problem.options(ofLayer: layer) {
                        var priced = cost[option]
                        for resource in 0..<count {
                            priced += prices[resource] * uses[option * count + resource]
                        }
                        if priced < least {
                            least = priced
                            chosen = option
                        }
                    }
                    choices[layer] = chosen
                    total.add(least)
                }
            }
        }
        for (price, limit) in zip(prices, problem.limits) { total.add(-price * limit) }
        return (choices, total.value)
    }
}
