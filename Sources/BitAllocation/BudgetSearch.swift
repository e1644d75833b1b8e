/// The search for one problem's plan: turns impacts into costs to be summed, and sums back into impacts.
struct BudgetSearch {
    private let problem: AllocationProblem
    private let method: AllocationMethod
    private let clock: StopClock
    /// The largest impact of any option; squares are taken relative to it.
    private let scale: Double

    init(_ problem: AllocationProblem, method: AllocationMethod, clock: StopClock) {
        self.problem = problem
        self.method = method
        self.clock = clock
        scale = max(problem.optionImpact.reduce(0, max), .leastNormalMagnitude)
    }

    /// Finds the plan; the problem must be feasible.
    mutating func plan(since start: ContinuousClock.Instant) -> AllocationPlan {
        var ceiling = Double.infinity
        if problem.combination == .max {
            ceiling = leastCeiling()
        }
        while true {
            let candidates = Candidates(problem, ceiling: ceiling, cost: cost)
            let minimizer = SumMinimizer(candidates)
            let capacity = problem.budget - problem.fixedBytes - candidates.smallestBytes
            let outcome = minimizer.minimize(
                capacity: capacity,
                rivals: rivals(in: candidates),
                method: method,
                clock: clock
            )
            if !minimizer.hasPrecision(outcome), !clock.shouldStop() {
                // No layer of a better plan costs more than the whole of this one; without such options the costs are
                // of one order, and differences between them keep their digits.
                let tighter = impact(ofCost: outcome.cost) * (1 + 1e-9)
                if tighter < ceiling, candidates.cost.contains(where: { $0 > cost(tighter) }) {
                    ceiling = tighter
                    continue
                }
            }
            return plan(outcome, minimizer, ceiling: ceiling, since: start)
        }
    }

    private func plan(
        _ outcome: SumMinimizer.Outcome,
        _ minimizer: SumMinimizer,
        ceiling: Double,
        since start: ContinuousClock.Instant
    ) -> AllocationPlan {
        let choices = outcome.choice.map { Int(minimizer.candidates.source[Int($0)]) }
        let total = problem.impact(ofChoices: choices)
        let isProven = minimizer.isProven(outcome)
        var bound = total
        if problem.combination == .max {
            // The least maximum is found by search over all values, so it is its own bound.
            bound = min(total, ceiling)
        } else if outcome.bound < outcome.cost {
            bound = min(total, impact(ofCost: outcome.bound))
        }
        return AllocationPlan(
            choices: choices,
            bytes: problem.bytes(ofChoices: choices),
            impact: total,
            bound: bound,
            status: isProven ? .optimal : .feasible,
            solver: outcome.solver,
            ending: ending(isProven: isProven),
            nodeCount: outcome.nodeCount,
            duration: start.duration(to: .now)
        )
    }

    private func ending(isProven: Bool) -> AllocationPlan.Ending {
        if isProven { return .proven }
        if method == .greedy { return .greedyOnly }
        if clock.isStopped { return .stopped }
        return clock.isLate ? .timeLimit : .stateLimit
    }

    /// What an impact costs in the sum.
    private func cost(_ impact: Double) -> Double {
        problem.combination == .rss ? (impact / scale) * (impact / scale) : impact
    }

    private func impact(ofCost cost: Double) -> Double {
        problem.combination == .rss ? scale * max(0, cost).squareRoot() : cost
    }

    /// The uniform plans within the budget, as candidates.
    private func rivals(in candidates: Candidates) -> [[Int32]] {
        problem.uniformPlans().compactMap { uniform in
            guard uniform.bytes <= problem.budget else { return nil }
            var choice: [Int32] = []
            for (layer, option) in uniform.choices.enumerated() {
                // The candidate that dominates the option: the last that is no larger.
                let bytes = problem.optionBytes[option]
                var found: Int32?
                for index in candidates.range(ofLayer: layer)
                where problem.optionBytes[Int(candidates.source[index])] <= bytes {
                    found = Int32(index)
                }
                guard let found else { return nil }
                choice.append(found)
            }
            return choice
        }
    }

    /// The least `T` such that some plan within the budget has no layer with an impact above `T`.
    private func leastCeiling() -> Double {
        let candidates = Candidates(problem) { $0 }
        let capacity = problem.budget - problem.fixedBytes - candidates.smallestBytes
        func fits(_ ceiling: Double) -> Bool {
            var left = capacity
            for layer in 0..<candidates.layerCount {
                let range = candidates.range(ofLayer: layer)
                guard let index = range.first(where: { candidates.cost[$0] <= ceiling }) else { return false }
                left -= candidates.weight[index]
                if left < 0 { return false }
            }
            return true
        }
        // The bits of doubles that are not negative order as the doubles do, so bisecting the bits finds the exact
        // value in at most 64 steps.
        var low: UInt64 = 0
        var high = candidates.cost.reduce(0, max).bitPattern
        while low < high {
            let middle = low + (high - low) / 2
            if fits(Double(bitPattern: middle)) {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return Double(bitPattern: low)
    }
}
