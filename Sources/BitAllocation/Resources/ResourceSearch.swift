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
    ///   - timeLimit: The time to spend.
    ///   - shouldStop: Asked between steps; `true` ends the search with the best choice so far.
    /// - Returns: The plan, or why there is none.
    public func solve(
        timeLimit: Duration = .seconds(10),
        shouldStop: @escaping @Sendable () -> Bool = { false }
    ) -> ResourceAnswer {
        solve(clock: StopClock(timeLimit: timeLimit, shouldStop: shouldStop))
    }

    /// Searches for a choice that costs less than another one.
    ///
    /// - Parameters:
    ///   - cutoff: What the choice has to cost less than; where none does, the answer is that there is none.
    ///   - enough: The gap that is small enough to end with.
    ///   - start: Prices that are likely to be near the best.
    ///   - annealings: How often random exchanges are tried where many layers are open, each time from the best choice so far.
    ///   - mostStates: How many states the search of the core keeps at most.
    ///   - clock: Ends the search early.
    /// - Returns: The plan, or why there is none.
    func solve(
        below cutoff: Double = .infinity,
        closeTo enough: Double = Self.proofTolerance,
        start: [Double]? = nil,
        annealings: Int = 1,
        mostStates: Int = 65_536,
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
        var near: (choices: [Int], cost: Double)?
        for start in relaxation.rounded where !isProven() && !clock.shouldStop() {
            guard let repaired = exchange.repaired(start, clock: clock) else { continue }
            let filled = exchange.filled(repaired, clock: clock)
            let cost = problem.cost(ofChoices: filled)
            if cost < near?.cost ?? .infinity { near = (filled, cost) }
            adopt(filled, .greedy)
        }

        for round in 0..<(method == .greedy ? 0 : annealings) where !isWithin(enough) && !clock.shouldStop() {
            let reach = best == nil && cutoff == .infinity ? .infinity : bestCost
            let core = ResourceCore(problem, prices: relaxation.prices, reach: reach)
            guard Self.annealedLayers ~= core.open.count else { break }
            let annealed = ResourceAnnealing(core, seed: round)
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
        }

        for beam in method == .greedy ? [] : [64, 1_024, 8_192, 65_536]
        where beam <= mostStates && !isWithin(enough) && !clock.shouldStop() {
            let reach = best == nil && cutoff == .infinity ? .infinity : bestCost
            let core = ResourceCore(problem, prices: relaxation.prices, reach: reach)
            // What is open in so many layers no search comes to an end with.
            guard reach == .infinity || core.open.count <= Self.openLimit else { break }
            let search = ResourceCoreSearch(core, incumbent: reach, beam: beam, clock: clock)
            if let choices = search.choices { adopt(choices, .dominance) }
            if search.isComplete, best == nil { return .infeasible }
            bound = max(bound, min(search.bound, bestCost))
            if beam == 64, !isWithin(enough), let choices = core.solveAsIntegerProgram(clock: clock) {
                adopt(choices, .glpk)
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
