/// The dominance dynamic programme over a core: exact when it runs to its end, a beam search with a bound when it does not.
///
/// Layer by unit it keeps the states (bytes above the base plan, cost above the base plan) that no other state beats in
/// both, and drops those that cannot lead below the incumbent: too many bytes to be brought back, or a lower limit (see
/// ``SuffixBounds``) that reaches the incumbent. A state within the budget is a whole plan, the rest being left at the base.
/// When the states outgrow the beam, those with the highest limits are dropped, and the least limit among them stays a
/// proven bound.
///
/// Asked for the lightest plan that costs no more than a given cost, it takes every such plan that it meets, and lowers the
/// capacity below that plan's weight.
struct CoreSearch {
    /// What the search is for.
    enum Goal {
        /// The cheapest plan: one that costs less than the incumbent, by more than the tolerance.
        case cheapest(incumbent: Double, tolerance: Double)
        /// The lightest plan that costs at most so much.
        case lightest(limit: Double)
    }

    /// What the search may spend.
    struct Limits {
        /// The states kept per unit.
        var beam: Int
        /// The choices remembered in all; each takes eight bytes.
        var memory: Int
        /// Asked once per unit and every few thousand states.
        var shouldStop: () -> Bool
    }

    /// The cheapest plan's cost above the base plan.
    private(set) var best: Double
    /// The alternatives that the cheapest plan takes, or `nil` where the incumbent was not beaten.
    private(set) var improvement: [(unit: Int32, candidate: Int32)]?
    /// A proven lower limit on the cost above the base plan.
    private(set) var bound: Double
    /// Whether no state was left out that could have led to what is searched for.
    private(set) var isExhausted = false
    /// Whether the search was stopped from outside.
    private(set) var wasStopped = false
    /// The states that were kept.
    private(set) var stateCount = 1

    /// Searches a core.
    ///
    /// - Parameters:
    ///   - core: What is still open.
    ///   - relaxation: The base plan and the price of a byte.
    ///   - goal: What is searched for; its costs are above that of the base plan.
    ///   - unit: The bytes by which plans differ at the least.
    ///   - limits: What the search may spend.
    init(
        _ core: Core,
        _ relaxation: LinearRelaxation,
        goal: Goal,
        unit: Int = 1,
        limits: Limits
    ) {
        let relaxedBound = -relaxation.multiplier * Double(relaxation.slack)
        var sweep = Sweep(
            core,
            multiplier: relaxation.multiplier,
            incumbent: CoreIncumbent(goal, slack: relaxation.slack, unit: unit)
        )
        var states = CoreStates()
        states.append(weight: 0, cost: 0, node: -1, limit: relaxedBound)
        var next = CoreStates()
        var leastDropped = Double.infinity
        for place in core.units.indices {
            // Every plan that departs from the base here or later costs at least this.
            if relaxedBound + core.leastReducedCost[place] >= sweep.incumbent.threshold { break }
            if limits.shouldStop() || sweep.trail.count > limits.memory {
                wasStopped = true
                break
            }
            sweep.extend(states, over: place, into: &next)
            swap(&states, &next)
            stateCount += states.count
            if states.count > limits.beam {
                leastDropped = min(leastDropped, states.narrow(to: limits.beam))
            }
            if states.isEmpty { break }
        }

        if wasStopped {
            // What was still open is bounded by the limits of the states that were left.
            leastDropped = min(leastDropped, states.limit.min() ?? .infinity)
        }
        best = sweep.incumbent.cost
        isExhausted = leastDropped >= sweep.incumbent.threshold
        bound = max(relaxedBound, min(best, leastDropped))
        improvement = sweep.improvement
    }

    /// The way through the places of a core, from the states of one to those of the next.
    private struct Sweep {
        private let core: Core
        private let bounds: SuffixBounds
        /// The most bytes that the layers from each place on can give back, as a number that is not positive.
        private let relief: [Int]
        /// The best plan that was met.
        private(set) var incumbent: CoreIncumbent
        /// How the states came about.
        private(set) var trail = ChoiceTrail()

        init(_ core: Core, multiplier: Double, incumbent: CoreIncumbent) {
            self.core = core
            bounds = SuffixBounds(core, multiplier: multiplier)
            relief = Self.relief(of: core)
            self.incumbent = incumbent
        }

        /// Goes on from every state in every way that a place has, and keeps what may lead to a plan that is searched for.
        ///
        /// - Parameters:
        ///   - states: The states before the place.
        ///   - place: The place.
        ///   - next: Becomes the states after it.
        mutating func extend(_ states: CoreStates, over place: Int, into next: inout CoreStates) {
            let bounds = bounds
            let relief = relief[place + 1]
            var column = 0
            var lastCost = Double.infinity
            next.removeAll()
            CoreMerge.forEach(of: states, over: place, in: core) { weight, cost, origin, choice in
                // They come in order of weight: none after this one can return to the budget either.
                guard weight + relief <= incumbent.slack else { return false }
                // A lighter state that costs no more beats it.
                guard cost < lastCost else { return true }
                lastCost = cost
                let room = Double(incumbent.slack - weight)
                let limit = bounds.least(fromPlace: place + 1, room: room, column: &column) + cost
                guard limit < incumbent.threshold else { return true }
                let node = choice >= 0 ? trail.record(choice, after: origin) : origin
                next.keep(weight: weight, cost: cost, node: node, limit: limit)
                incumbent.meet(weight: weight, cost: cost, node: node)
                return true
            }
        }

        /// The alternatives that the best plan takes, or `nil` where none was met.
        var improvement: [(unit: Int32, candidate: Int32)]? {
            guard let node = incumbent.node else { return nil }
            return trail.codes(to: node).map { code in
                let choice = Int(code)
                return (core.units[place(of: choice)], core.alternatives[choice].candidate)
            }
        }

        /// The place whose alternatives include one at an index.
        private func place(of alternative: Int) -> Int {
            var low = 0
            var high = core.units.count - 1
            while low < high {
                let middle = (low + high) / 2
                if alternative < Int(core.first[middle + 1]) {
                    high = middle
                } else {
                    low = middle + 1
                }
            }
            return low
        }

        private static func relief(of core: Core) -> [Int] {
            var relief = [Int](repeating: 0, count: core.units.count + 1)
            for place in core.units.indices.reversed() {
                relief[place] =
                    core.alternatives(ofPlace: place).reduce(0) { min($0, $1.weight) } + relief[place + 1]
            }
            return relief
        }
    }
}
