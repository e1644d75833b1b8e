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

    private let problem: ResourceProblem
    private let usesGLPK: Bool

    /// Creates a search.
    ///
    /// - Parameters:
    ///   - problem: The problem.
    ///   - usesGLPK: Whether GLPK may look for better choices in the core.
    public init(_ problem: ResourceProblem, usesGLPK: Bool = true) {
        self.problem = problem
        self.usesGLPK = usesGLPK
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
        let clock = StopClock(timeLimit: timeLimit, shouldStop: shouldStop)
        var best: [Int]?
        var bestCost = dearest
        func adopt(_ choices: [Int]) {
            guard problem.admits(choices) else { return }
            let cost = problem.cost(ofChoices: choices)
            if best == nil || cost < bestCost { (best, bestCost) = (choices, cost) }
        }
        let relaxation = ResourceRelaxation(problem, ceiling: dearest, clock: clock, adopt: adopt)
        guard relaxation.bound <= dearest * (1 + 1e-9) + .leastNormalMagnitude else { return .infeasible }
        var bound = max(0, relaxation.bound)
        func isProven() -> Bool { best != nil && bestCost - bound <= Self.proofTolerance * bestCost }
        let exchange = ResourceExchange(problem, prices: relaxation.prices)
        for start in relaxation.rounded where !isProven() && !clock.shouldStop() {
            guard let repaired = exchange.repaired(start, clock: clock) else { continue }
            adopt(exchange.filled(repaired, clock: clock))
        }

        for beam in [64, 1_024, 8_192] where !isProven() && !clock.shouldStop() {
            let core = ResourceCore(
                problem,
                prices: relaxation.prices,
                reach: best == nil ? .infinity : bestCost
            )
            // What is open in so many layers no search comes to an end with.
            guard best == nil || core.open.count <= Self.openLimit else { break }
            let search = ResourceCoreSearch(
                core,
                incumbent: best == nil ? .infinity : bestCost,
                beam: beam,
                clock: clock
            )
            if let choices = search.choices { adopt(choices) }
            if search.isComplete, best == nil { return .infeasible }
            bound = max(bound, min(search.bound, bestCost))
            if usesGLPK, beam == 64, !isProven(), let choices = core.solveAsIntegerProgram(clock: clock) {
                adopt(choices)
            }
        }
        guard let best else { return .unknown }
        return .plan(
            ResourcePlan(
                choices: best,
                cost: bestCost,
                bound: min(bound, bestCost),
                prices: relaxation.prices,
                status: isProven() ? .optimal : .feasible
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
