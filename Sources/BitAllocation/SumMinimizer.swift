import IntegerProgramming

/// Minimises a sum of costs within a capacity: relaxation, greedy plan, core, dynamic programme, integer program.
///
/// One value serves every budget of a problem; what does not depend on the budget is computed once.
struct SumMinimizer: Sendable {
    /// The best choice found, with what is proven about it.
    struct Outcome {
        /// The candidate chosen per unit.
        var choice: [Int32]
        /// The sum of the chosen costs.
        var cost: Double
        /// A proven lower limit on the sum.
        var bound: Double
        /// What found the choice.
        var solver: AllocationPlan.Solver
        /// States kept and nodes created.
        var nodeCount: Int
        /// The cost of the base plan that differences were taken against.
        var baseCost: Double
    }

    let candidates: Candidates
    private let hulls: ConvexHulls
    private let unitOfVertex: [Int32]

    /// Two sums closer than this, relative to their size, are taken for equal: about a thousand roundings.
    static let tolerance = 1e-12
    /// The relative distance between cost and bound at which a plan counts as proven.
    static let proofTolerance = SameImpact.tolerance
    /// Cores with more alternatives than this are left to the dynamic programme unless GLPK was asked for by name.
    static let integerProgramLimit = 100
    /// The nodes that GLPK may create on a core the dynamic programme has solved already; a count, not a time, so that
    /// the same input gives the same recipe.
    static let confirmationNodes = 100
    /// The work that GLPK may do for that, in steps of its search and of the simplex method.
    ///
    /// What it solves at all takes a thousand or two. A count, not a time, because a process may be paused.
    static let confirmationWork = 20_000
    /// The states kept per unit in successive passes; each pass starts from the better incumbent of the one before.
    private static let beams = [256, 4_096, 65_536, 524_288]
    /// The choices remembered by one pass, at eight bytes each.
    private static let choiceMemory = 16_000_000
    /// The states kept per unit while a lighter choice is searched for.
    private static let lightBeams = [256, 4_096, 32_768]

    /// The greatest common divisor of all weights: choices differ in weight by multiples of it.
    private let weightUnit: Int

    init(_ candidates: Candidates) {
        self.candidates = candidates
        hulls = ConvexHulls(candidates)
        var units = [Int32](repeating: 0, count: hulls.candidate.count)
        for unit in 0..<candidates.unitCount {
            for vertex in Int(hulls.first[unit])..<Int(hulls.first[unit + 1]) {
                units[vertex] = Int32(unit)
            }
        }
        unitOfVertex = units
        var divisor = 0
        for weight in candidates.weight {
            divisor = greatestCommonDivisor(divisor, weight)
            if divisor == 1 { break }
        }
        weightUnit = max(1, divisor)
    }

    /// Minimises the sum within a capacity.
    ///
    /// - Parameters:
    ///   - capacity: Bytes above the smallest plan; not negative.
    ///   - rivals: Choices that cost less than a given cost; the greedy plan must not be worse than they are.
    ///   - method: What may be used.
    ///   - target: Where only this matters, a cost: the search ends with a choice that costs at most this or a bound above it.
    ///   - cutoff: A cost from which on choices do not matter: the search ends with a bound that reaches it.
    ///   - clock: When to stop.
    ///
    /// - Returns: The best choice found; its bound is 0 at the least.
    func minimize(
        capacity: Int,
        rivals: (_ cost: Double) -> [[Int32]],
        method: AllocationMethod,
        target: Double? = nil,
        cutoff: Double? = nil,
        clock: StopClock
    ) -> Outcome {
        let relaxation = LinearRelaxation(candidates, hulls, capacity: capacity)
        let greedy = GreedyFill(candidates, hulls, from: relaxation, unitOfVertex: unitOfVertex)
        var outcome = Outcome(
            choice: greedy.choice,
            cost: cost(of: greedy.choice),
            bound: max(0, relaxation.bound),
            solver: .greedy,
            nodeCount: 0,
            baseCost: relaxation.baseCost
        )
        for rival in rivals(outcome.cost) {
            let slack = capacity - weight(of: rival)
            guard slack >= 0 else { continue }
            let filled = GreedyFill(candidates, from: rival, slack: slack)
            adopt(filled.choice, as: .greedy, into: &outcome)
        }
        if relaxation.position == hulls.order.count {
            // Every unit has its least cost: nothing can be better.
            outcome.bound = outcome.cost
        }
        guard method != .greedy else { return outcome }
        let cutoff = cutoff ?? .infinity
        for beam in Self.beams
        where !isDecided(outcome, target) && outcome.bound < cutoff && !clock.shouldStop() {
            search(beam: beam, relaxation, &outcome, below: cutoff, clock)
        }
        if method.mayUseIntegerProgram, target == nil, outcome.bound < cutoff {
            confirm(capacity: capacity, relaxation, &outcome, method, clock)
        }
        return outcome
    }

    /// Whether the bound agrees with the cost to within ``proofTolerance``.
    func isProven(_ outcome: Outcome) -> Bool {
        outcome.cost - outcome.bound <= Self.proofTolerance * outcome.cost && hasPrecision(outcome)
    }

    /// Whether a search that only asks for a target, or for a proof, has its answer.
    private func isDecided(_ outcome: Outcome, _ target: Double?) -> Bool {
        guard let target else { return isProven(outcome) }
        return outcome.cost <= target || outcome.bound > target || outcome.bound >= outcome.cost
    }

    /// Whether differences against the base plan still carry the digits that a proof needs.
    ///
    /// Where the base plan costs far more than the best one, its rounding errors drown the best one's cost.
    func hasPrecision(_ outcome: Outcome) -> Bool {
        outcome.baseCost * 1e-15 <= outcome.cost * Self.tolerance || outcome.cost == 0
    }

    private func search(
        beam: Int,
        _ relaxation: LinearRelaxation,
        _ outcome: inout Outcome,
        below cutoff: Double,
        _ clock: StopClock
    ) {
        let level = min(outcome.cost, cutoff)
        let tolerance = Self.tolerance * level
        let core = Core(candidates, relaxation, reach: level - relaxation.bound + tolerance)
        let search = CoreSearch(
            core,
            relaxation,
            goal: .cheapest(incumbent: level - relaxation.baseCost, tolerance: tolerance),
            limits: CoreSearch.Limits(
                beam: beam,
                memory: Self.choiceMemory,
                shouldStop: clock.shouldStop
            )
        )
        outcome.nodeCount += search.stateCount
        if let improvement = search.improvement {
            var choice = relaxation.base
            for (unit, candidate) in improvement {
                choice[Int(unit)] = candidate
            }
            adopt(choice, as: .dominance, into: &outcome)
        }
        if search.bound >= search.best {
            outcome.bound = max(outcome.bound, min(outcome.cost, level))
        } else {
            outcome.bound = min(outcome.cost, max(outcome.bound, relaxation.baseCost + search.bound))
        }
    }

    /// The lightest choice that costs at most so much.
    struct Lightest {
        /// The candidate chosen per unit, or `nil` where there is no such choice, or none was found.
        var choice: [Int32]?
        /// The states kept.
        var nodeCount = 0
        /// Whether differences between costs carried the digits that the answer needs.
        var hasPrecision = true
    }

    /// Finds the lightest choice below a weight that costs at most so much.
    ///
    /// - Parameters:
    ///   - weight: What the choice has to be lighter than.
    ///   - limit: The greatest cost; above 0.
    ///   - clock: When to stop.
    /// - Returns: The choice, as far as one was found.
    func lightest(below weight: Int, limit: Double, clock: StopClock) -> Lightest {
        var lightest = Lightest()
        // The weight to stay below need not be one that a choice can have.
        var capacity = weight > 0 ? (weight - 1) / weightUnit * weightUnit : -1
        for beam in Self.lightBeams where capacity >= 0 && !clock.shouldStop() {
            let relaxation = LinearRelaxation(candidates, hulls, capacity: capacity)
            guard relaxation.baseCost * 1e-15 <= limit * Self.tolerance else {
                lightest.hasPrecision = false
                break
            }
            guard relaxation.bound <= limit else { break }
            let search = CoreSearch(
                Core(candidates, relaxation, reach: limit - relaxation.bound),
                relaxation,
                goal: .lightest(limit: limit - relaxation.baseCost),
                unit: weightUnit,
                limits: CoreSearch.Limits(
                    beam: beam,
                    memory: Self.choiceMemory,
                    shouldStop: clock.shouldStop
                )
            )
            lightest.nodeCount += search.stateCount
            if let improvement = search.improvement {
                var choice = relaxation.base
                for (unit, candidate) in improvement {
                    choice[Int(unit)] = candidate
                }
                if self.weight(of: choice) <= capacity, cost(of: choice) <= limit {
                    lightest.choice = choice
                    capacity = self.weight(of: choice) - weightUnit
                }
            }
            if search.isExhausted { break }
        }
        return lightest
    }

    /// Lets GLPK solve the core, and takes its answer only where the bound agrees with it.
    private func confirm(
        capacity: Int,
        _ relaxation: LinearRelaxation,
        _ outcome: inout Outcome,
        _ method: AllocationMethod,
        _ clock: StopClock
    ) {
        let isCertain = isProven(outcome)
        let reach = (outcome.cost - relaxation.bound) * (1 + 1e-9) + Self.tolerance * outcome.cost
        let core = Core(candidates, relaxation, reach: reach)
        guard !core.units.isEmpty, method == .glpk || core.alternatives.count <= Self.integerProgramLimit
        else {
            return
        }
        let program = CoreProgram(core, slack: relaxation.slack)
        guard
            let answer = method == .glpk
                ? program.solve(SolveOptions(timeLimit: clock.remaining) { clock.shouldStop() })
                : program.solve(.confirmation { clock.isStopped })
        else { return }
        outcome.nodeCount += answer.nodeCount
        guard let taken = answer.taken else { return }
        var choice = relaxation.base
        for (unit, candidate) in taken {
            choice[Int(unit)] = candidate
        }
        guard weight(of: choice) <= capacity else { return }
        let found = cost(of: choice)
        if found < outcome.cost {
            adopt(choice, as: .glpk, into: &outcome)
            if isCertain { outcome.bound = outcome.cost }
        } else if found <= outcome.cost * (1 + Self.proofTolerance) {
            outcome.solver = .glpk
        }
    }

    private func adopt(_ choice: [Int32], as solver: AllocationPlan.Solver, into outcome: inout Outcome) {
        let found = cost(of: choice)
        guard
            found < outcome.cost
                || (found == outcome.cost && weight(of: choice) < weight(of: outcome.choice))
        else { return }
        outcome.choice = choice
        outcome.cost = found
        outcome.solver = solver
        outcome.bound = min(outcome.bound, found)
    }

    func cost(of choice: [Int32]) -> Double {
        CompensatedSum.of(choice.lazy.map { candidates.cost[Int($0)] })
    }

    func weight(of choice: [Int32]) -> Int {
        choice.reduce(0) { $0 + candidates.weight[Int($1)] }
    }
}

extension SolveOptions {
    /// What GLPK may spend on a core that the dynamic programme has solved already.
    static func confirmation(shouldStop: @escaping @Sendable () -> Bool) -> SolveOptions {
        SolveOptions(
            timeLimit: nil,
            nodeLimit: SumMinimizer.confirmationNodes,
            workLimit: SumMinimizer.confirmationWork,
            shouldStop: shouldStop
        )
    }
}
