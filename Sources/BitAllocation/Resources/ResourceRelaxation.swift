/// A bound on the cost of any choice within several limits, and the prices that give it.
///
/// Prices, one per resource, take the limits into the cost (Everett, Generalized Lagrange multiplier method, 1963): at any prices
/// that are not negative, the sum over the layers of the least priced option, less the price of the limits, is a bound. The best
/// prices are found by cutting planes (Kelley 1960), whose master programme has one row per resource and one more; it is kept as
/// the inverse of its basis, and proposes prices from the choices that were met. The bound is worked out anew at every
/// proposal, so no rounding of the master programme enters it.
struct ResourceRelaxation {
    /// The prices at which the bound is the highest that was found, per unit of the resource.
    private(set) var prices: [Double]
    /// A proven lower limit on the cost.
    private(set) var bound = -Double.infinity
    /// Choices that take of every resource about what the best mixture of choices takes.
    private(set) var rounded: [[Int]]
    /// How many choices are made of a mixture, each beginning at another layer.
    private static let roundings = 12
    /// How often prices were proposed.
    private(set) var rounds = 0

    /// Searches for the prices.
    ///
    /// - Parameters:
    ///   - problem: The problem.
    ///   - ceiling: The cost of a choice within the limits, or of the dearest choice: a bound beyond it proves that there is none.
    ///   - clock: Ends the search early.
    ///   - adopt: Called with every choice that is met, whether or not it keeps to the limits.
    init(_ problem: ResourceProblem, ceiling: Double, clock: StopClock, adopt: ([Int]) -> Void) {
        let count = problem.resourceCount
        prices = [Double](repeating: 0, count: count)
        rounded = []
        var met: [[Int32]] = []
        // Limits become 1 and costs about 1; a resource without room is priced by its own scale.
        let scales = (0..<count).map { problem.limits[$0] > 0 ? problem.limits[$0] : 1 }
        // One price for all limits, eightfold from nearly nothing until the limits are kept, sets the size of the prices to look at.
        var common = 0.0
        let dearest = ceiling > 0 ? ceiling : 1
        var seen: [(cost: Double, uses: [Double])] = []
        func look(at proposal: [Double], _ unit: Double) -> Bool {
            let own = zip(proposal, scales).map { $0 * unit / $1 }
            let (choices, value) = Self.leastChoice(problem, prices: own)
            adopt(choices)
            met.append(choices.map { Int32(truncatingIfNeeded: $0) })
            rounds += 1
            if value > bound {
                bound = value
                prices = own
            }
            let uses = problem.uses(ofChoices: choices)
            seen.append((problem.cost(ofChoices: choices), zip(uses, scales).map { $0 / $1 }))
            return zip(uses, problem.limits).allSatisfy { $0 <= $1 }
        }
        while !clock.shouldStop() {
            if look(at: [Double](repeating: common, count: count), dearest) { break }
            common = common == 0 ? 1e-9 : common * 8
            if common > 1e6 || bound > ceiling * (1 + 1e-9) { break }
        }
        guard common > 0, bound <= ceiling * (1 + 1e-9) else {
            rounded = met.suffix(1).map { $0.map { Int($0) } }
            return
        }
        let costScale = dearest * common
        var master = CuttingPlaneMaster(
            limits: (0..<count).map { problem.limits[$0] / scales[$0] },
            penalty: 16
        )
        for column in seen { _ = master.add(cost: column.cost / costScale, uses: column.uses) }
        var best = zip(prices, scales).map { $0 * $1 / costScale }
        var isStuck = false
        for _ in 0..<300 where !clock.shouldStop() {
            guard let next = master.solve() else { break }
            let gap = next.value - bound / costScale
            if gap <= 1e-10 * max(bound.magnitude / costScale, 1e-6) || isStuck {
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
        let mixture = master.shares().filter { met.indices.contains($0.choice) }
        if !mixture.isEmpty {
            let parts = mixture.map { (met[$0.choice], $0.share) }
            for start in 0..<Self.roundings {
                let first = problem.layerCount * start / Self.roundings
                rounded.append(Self.rounded(parts, problem, scales: scales, from: first))
            }
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
