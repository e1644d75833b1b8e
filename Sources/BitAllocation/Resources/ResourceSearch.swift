/// The search for the least cost within several limits.
///
/// A relaxation gives a bound and prices. Choices met on the way are repaired until they keep to the limits and filled
/// until no single exchange helps; the best of them is the incumbent. At the prices, what an option costs beyond its layer's
/// best fixes the layers that cannot be otherwise in a better choice; the rest, the core, is searched layer by
/// layer, which is exact where it runs to its end, and by GLPK.
public struct ResourceSearch: Sendable {
    /// The relative distance between cost and bound at which a choice counts as the best.
    private static let proofTolerance = SumMinimizer.proofTolerance

    /// The most open layers that are searched.
    private static let openLimit = 2_000

    /// How many open layers there are where random exchanges are tried: fewer are searched to the end without them.
    private static let annealedLayers = 16...4_000
    /// The random exchanges that are looked at, per open layer.
    private static let stepsPerLayer = 8_000

    /// Something that is done to find a better choice, or to prove that there is none.
    enum Step: Hashable {
        /// Random exchanges where many layers are open, from the best choice so far; another seed makes others.
        case exchanges(seed: Int)
        /// A search of the core that keeps so many states.
        case states(Int)
    }

    /// What is done by default, the cheap things first.
    static let steps: [Step] = [
        .exchanges(seed: 0), .states(64), .states(1_024), .states(8_192), .states(65_536),
    ]

    private let problem: ResourceProblem
    private let method: AllocationMethod

    /// Creates a search.
    ///
    /// - Parameters:
    ///   - problem: The problem.
    ///   - method: What may be used: GLPK looks for better choices in the core, and the greedy method leaves the core alone.
    public init(_ problem: ResourceProblem, method: AllocationMethod = .auto) {
        self.problem = problem
        self.method = method
    }

    /// Searches until the best choice is proven or the clock says stop.
    ///
    /// - Parameters:
    ///   - timeLimit: The time to spend, which stands for a number of steps; a machine of usual speed takes less.
    ///   - shouldStop: Asked between steps; `true` ends the search with the best choice so far.
    /// - Returns: The plan, or why there is none.
    public func solve(
        timeLimit: Duration = .seconds(10),
        shouldStop: @escaping @Sendable () -> Bool = { false }
    ) -> ResourceAnswer {
        solve(clock: .counting(timeLimit: timeLimit, shouldStop: shouldStop))
    }

    /// Searches for a choice that costs less than another one.
    ///
    /// - Parameters:
    ///   - cutoff: What the choice has to cost less than; where none does, the answer is that there is none.
    ///   - enough: The gap that is small enough to end with.
    ///   - start: Prices that are likely to be near the best.
    ///   - known: A choice to begin random exchanges with, which need not be below the cutoff.
    ///   - steps: What is done, in this order, until a choice is close enough. GLPK looks at the core after the first search of it.
    ///   - clock: Ends the search early.
    /// - Returns: The plan, or why there is none.
    func solve(
        below cutoff: Double = .infinity,
        closeTo enough: Double = Self.proofTolerance,
        start: [Double]? = nil,
        from known: [Int]? = nil,
        steps: [Step] = Self.steps,
        clock: StopClock
    ) -> ResourceAnswer {
        var best: [Int]?
        let ceiling = min(dearest, cutoff)
        var bestCost = ceiling
        var finder = AllocationPlan.Solver.greedy
        func adopt(_ choices: [Int], _ solver: AllocationPlan.Solver) {
            guard problem.admits(choices) else { return }
            let cost = problem.cost(ofChoices: choices)
            if best == nil ? cost <= bestCost : cost < bestCost {
                (best, bestCost, finder) = (choices, cost, solver)
            }
        }
        let relaxation = ResourceRelaxation(problem, ceiling: ceiling, start: start, clock: clock) {
            adopt($0, .greedy)
        }
        guard relaxation.bound <= ceiling * (1 + 1e-9) + .leastNormalMagnitude else { return .infeasible }
        var bound = max(0, relaxation.bound)
        func isWithin(_ gap: Double) -> Bool { best != nil && bestCost - bound <= gap * bestCost }
        func isProven() -> Bool { isWithin(Self.proofTolerance) }
        let exchange = ResourceExchange(problem, prices: relaxation.prices)
        // The cheapest choice within the limits, which need not be below the cutoff.
        var near = known.map { (choices: $0, cost: problem.cost(ofChoices: $0)) }
        for start in relaxation.rounded where !isProven() && !clock.shouldStop() {
            guard let repaired = exchange.repaired(start, clock: clock) else { continue }
            let filled = exchange.filled(repaired, clock: clock)
            let cost = problem.cost(ofChoices: filled)
            if cost < near?.cost ?? .infinity { near = (filled, cost) }
            adopt(filled, .greedy)
        }

        var hasProgram = false
        for step in method == .greedy ? [] : steps where !isWithin(enough) && !clock.shouldStop() {
            clock.count(problem.stepsPerPass)
            let reach = best == nil && cutoff == .infinity ? .infinity : bestCost
            let core = ResourceCore(problem, prices: relaxation.prices, reach: reach)
            switch step {
            case .exchanges(let seed):
                guard Self.annealedLayers ~= core.open.count else { continue }
                let annealed = ResourceAnnealing(core, seed: seed)
                    .choices(
                        from: best ?? near?.choices,
                        steps: Self.stepsPerLayer * core.open.count,
                        threshold: (reach.isFinite ? bestCost - bound : bound) / 10,
                        clock: clock.share(of: 3)
                    )
                if let annealed {
                    adopt(annealed, .greedy)
                    adopt(exchange.filled(annealed, clock: clock), .greedy)
                }
            case .states(let most):
                // What is open in so many layers no search comes to an end with.
                guard reach == .infinity || core.open.count <= Self.openLimit else { continue }
                let search = ResourceCoreSearch(core, incumbent: reach, beam: most, clock: clock)
                if let choices = search.choices { adopt(choices, .dominance) }
                if search.isComplete, best == nil { return .infeasible }
                bound = max(bound, min(search.bound, bestCost))
                guard !hasProgram, !isWithin(enough) else { continue }
                hasProgram = true
                if let choices = core.solveAsIntegerProgram(clock: clock) { adopt(choices, .glpk) }
            }
        }
        guard let best else { return .unknown }
        return .plan(
            ResourcePlan(
                choices: best,
                cost: bestCost,
                bound: min(bound, bestCost),
                prices: relaxation.prices,
                status: isProven() ? .optimal : .feasible,
                solver: finder
            )
        )
    }

    /// The cost of the dearest choice there is.
    private var dearest: Double {
        CompensatedSum.of(
            (0..<problem.layerCount).lazy.map { layer in
                problem.options(ofLayer: layer).reduce(0) { max($0, problem.cost[$1]) }
            }
        )
    }
}
