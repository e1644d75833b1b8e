import IntegerProgramming

/// The part of a problem that is still open at some prices, as differences from the choice that is least at them.
struct ResourceCore {
    /// Another option of an open layer.
    struct Alternative {
        /// The option's index in the problem's columns.
        var option: Int
        /// What it costs more than the layer's own.
        var cost: Double
        /// What it takes more of each resource.
        var uses: [Double]
        /// What it costs more at the prices; never negative.
        var reducedCost: Double
    }

    /// The alternatives of each open layer, its own option first; the layers that move most first, so that the later ones fill up
    /// what those leave, and layers of the same shape are next to each other.
    let open: [[Alternative]]
    /// The open layers.
    let layers: [Int]
    /// The choice that is least at the prices.
    let base: [Int]
    /// What the base costs.
    let baseCost: Double
    /// What the base leaves of each limit, perhaps negative.
    let slack: [Double]
    let prices: [Double]
    let limits: [Double]

    /// Fixes what no choice cheaper than `reach` has.
    init(_ problem: ResourceProblem, prices: [Double], reach: Double) {
        let (base, bound) = ResourceRelaxation.leastChoice(problem, prices: prices)
        self.base = base
        self.prices = prices
        limits = problem.limits
        baseCost = problem.cost(ofChoices: base)
        slack = zip(problem.limits, problem.uses(ofChoices: base)).map { $0 - $1 }
        let most = reach.isFinite ? reach - bound + SumMinimizer.tolerance * reach : .infinity
        let count = problem.resourceCount
        var found: [(layer: Int, least: Double, size: Double, alternatives: [Alternative])] = []
        for layer in 0..<problem.layerCount {
            let own = base[layer]
            var alternatives = [
                Alternative(option: own, cost: 0, uses: [Double](repeating: 0, count: count), reducedCost: 0)
            ]
            for option in problem.options(ofLayer: layer) where option != own {
                let uses = (0..<count).map {
                    problem.uses[option * count + $0] - problem.uses[own * count + $0]
                }
                let cost = problem.cost[option] - problem.cost[own]
                let reduced = cost + zip(prices, uses).reduce(0) { $0 + $1.0 * $1.1 }
                guard reduced <= most else { continue }
                alternatives.append(
                    Alternative(option: option, cost: cost, uses: uses, reducedCost: max(0, reduced))
                )
            }
            guard alternatives.count > 1 else { continue }
            let least = alternatives.dropFirst().reduce(Double.infinity) { min($0, $1.reducedCost) }
            let size = alternatives.reduce(0) { most, alternative in
                max(most, zip(prices, alternative.uses).reduce(0) { $0 + $1.0 * $1.1.magnitude })
            }
            found.append((layer, least, size, alternatives))
        }
        found.sort { ($1.size, $0.least, $0.layer) < ($0.size, $1.least, $1.layer) }
        open = found.map(\.alternatives)
        layers = found.map(\.layer)
    }

    /// The choice of one alternative per open layer.
    func choices(_ taken: [Int]) -> [Int] {
        var choices = base
        for (place, alternative) in taken.enumerated() {
            choices[layers[place]] = open[place][alternative].option
        }
        return choices
    }

    /// GLPK's choice for the core, or nil where the core is too large for it or this build does not have it.
    func solveAsIntegerProgram(clock: StopClock) -> [Int]? {
        let count = open.reduce(0) { $0 + $1.count - 1 }
        guard IntegerProgram.hasSolver, count > 0, count <= SumMinimizer.integerProgramLimit else {
            return nil
        }
        var program = IntegerProgram()
        var rows = [[IntegerProgram.Term]](repeating: [], count: slack.count)
        let scales = slack.indices.map { resource in
            let largest = open.joined().reduce(slack[resource].magnitude) {
                max($0, $1.uses[resource].magnitude)
            }
            return largest > 0 ? 1e6 / largest : 1
        }
        for alternatives in open {
            var own: [IntegerProgram.Term] = []
            for alternative in alternatives.dropFirst() {
                let variable = program.addVariable(cost: alternative.cost)
                own.append(.init(1, variable))
                for resource in slack.indices where alternative.uses[resource] != 0 {
                    rows[resource].append(.init(alternative.uses[resource] * scales[resource], variable))
                }
            }
            if own.count > 1 { program.addConstraint(own, upperBound: 1) }
        }
        for resource in slack.indices where !rows[resource].isEmpty {
            program.addConstraint(rows[resource], upperBound: slack[resource] * scales[resource])
        }
        // As much as it may do, each step of it going through the layers and the limits.
        clock.count(SumMinimizer.confirmationWork * (open.count + slack.count))
        guard let values = try? program.solve(.confirmation { clock.isStopped }).values else { return nil }
        var taken: [Int] = []
        var column = 0
        for alternatives in open {
            var chosen = 0
            for index in alternatives.indices.dropFirst() {
                if values[column] > 0.5 { chosen = index }
                column += 1
            }
            taken.append(chosen)
        }
        return choices(taken)
    }
}
