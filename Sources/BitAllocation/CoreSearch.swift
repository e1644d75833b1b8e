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

    private struct States {
        var weight: [Int] = []
        var cost: [Double] = []
        var node: [Int32] = []
        var limit: [Double] = []

        mutating func removeAll() {
            weight.removeAll(keepingCapacity: true)
            cost.removeAll(keepingCapacity: true)
            node.removeAll(keepingCapacity: true)
            limit.removeAll(keepingCapacity: true)
        }

        mutating func append(weight: Int, cost: Double, node: Int32, limit: Double) {
            self.weight.append(weight)
            self.cost.append(cost)
            self.node.append(node)
            self.limit.append(limit)
        }
    }

    /// One way to go on from every state of a unit.
    private struct Shift {
        var weight: Int
        var cost: Double
        /// The alternative's index, or −1 for the base.
        var choice: Int32
    }

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
        let isLightest: Bool
        let tolerance: Double
        switch goal {
        case .cheapest(let incumbent, let own): (best, tolerance, isLightest) = (incumbent, own, false)
        // Every plan up to the limit will do, so the limit stays what is to be beaten.
        case .lightest(let limit): (best, tolerance, isLightest) = (limit.nextUp, 0, true)
        }
        bound = -relaxation.multiplier * Double(relaxation.slack)
        let relaxedBound = bound
        var slack = relaxation.slack
        let bounds = SuffixBounds(core, multiplier: relaxation.multiplier)
        let width = bounds.prices.count
        let places = core.units.count
        let relief = Self.relief(of: core)

        var states = States()
        states.append(weight: 0, cost: 0, node: -1, limit: relaxedBound)
        var next = States()
        var trail = ChoiceTrail()
        var bestNode: Int32?
        var leastDropped = Double.infinity
        if best > 0 {
            bestNode = -1
            if isLightest { slack = -unit } else { best = 0 }
        }

        var place = 0
        places: while place < places {
            // Every plan that departs from the base here or later costs at least this.
            if relaxedBound + core.leastReducedCost[place] >= best - tolerance { break }
            if limits.shouldStop() || trail.count > limits.memory {
                wasStopped = true
                break
            }
            let shifts = Self.shifts(ofPlace: place, in: core)
            let row = (place + 1) * width
            var cursors = [Int](repeating: 0, count: shifts.count)
            var heads = shifts.map { states.weight[0] + $0.weight }
            var column = 0
            var lastCost = Double.infinity
            next.removeAll()
            let count = states.weight.count
            while true {
                var pick = -1
                var weight = Int.max
                for index in heads.indices where heads[index] < weight {
                    weight = heads[index]
                    pick = index
                }
                guard pick >= 0 else { break }
                // The heads come in order of weight: none after this one can return to the budget either.
                if weight + relief[place + 1] > slack { break }
                let cursor = cursors[pick]
                let cost = states.cost[cursor] + shifts[pick].cost
                let origin = states.node[cursor]
                cursors[pick] = cursor + 1
                heads[pick] = cursor + 1 < count ? states.weight[cursor + 1] + shifts[pick].weight : Int.max
                guard cost < lastCost else { continue }
                lastCost = cost
                let room = Double(slack - weight)
                var limit = bounds.sums[row + column] - bounds.prices[column] * room
                while column + 1 < width {
                    let other = bounds.sums[row + column + 1] - bounds.prices[column + 1] * room
                    guard other >= limit else { break }
                    limit = other
                    column += 1
                }
                limit += cost
                guard limit < best - tolerance else { continue }
                var node = origin
                if shifts[pick].choice >= 0 {
                    node = trail.record(shifts[pick].choice, after: origin)
                }
                if next.weight.last == weight {
                    // The cheaper of two states of one size replaces the other.
                    next.cost[next.cost.count - 1] = cost
                    next.node[next.node.count - 1] = node
                    next.limit[next.limit.count - 1] = limit
                } else {
                    next.append(weight: weight, cost: cost, node: node, limit: limit)
                }
                if weight <= slack, cost < best {
                    bestNode = node
                    if isLightest { slack = weight - unit } else { best = cost }
                }
            }
            place += 1
            swap(&states, &next)
            stateCount += states.weight.count
            if states.weight.count > limits.beam {
                leastDropped = min(leastDropped, Self.narrow(&states, to: limits.beam))
            }
            if states.weight.isEmpty { break }
        }

        if wasStopped {
            // What was still open is bounded by the limits of the states that were left.
            leastDropped = min(leastDropped, states.limit.min() ?? .infinity)
        }
        isExhausted = leastDropped >= best - tolerance
        bound = max(relaxedBound, min(best, leastDropped))
        if let bestNode {
            improvement = trail.codes(to: bestNode).map { code in
                let choice = Int(code)
                return (core.units[Self.place(of: choice, in: core)], core.alternatives[choice].candidate)
            }
        }
    }

    /// The most bytes that the layers from each place on can give back, as a number that is not positive.
    private static func relief(of core: Core) -> [Int] {
        var relief = [Int](repeating: 0, count: core.units.count + 1)
        for place in core.units.indices.reversed() {
            relief[place] =
                core.alternatives(ofPlace: place).reduce(0) { min($0, $1.weight) } + relief[place + 1]
        }
        return relief
    }

    /// The ways to go on at a place, of which the first leaves the unit at its base.
    private static func shifts(ofPlace place: Int, in core: Core) -> [Shift] {
        let alternatives = core.alternatives(ofPlace: place)
        var shifts = [Shift(weight: 0, cost: 0, choice: -1)]
        for (index, alternative) in zip(alternatives.indices, alternatives) {
            shifts.append(Shift(weight: alternative.weight, cost: alternative.cost, choice: Int32(index)))
        }
        return shifts
    }

    /// Keeps the states with the lowest limits, in their order, and returns the least limit that was dropped.
    private static func narrow(_ states: inout States, to beam: Int) -> Double {
        let threshold = states.limit.sorted()[beam]
        // Many states may share the threshold; only so many of them as there is room for stay.
        var room = beam - states.limit.reduce(0) { $0 + ($1 < threshold ? 1 : 0) }
        var kept = States()
        var dropped = Double.infinity
        for index in states.weight.indices {
            let limit = states.limit[index]
            if limit < threshold || (limit == threshold && room > 0) {
                if limit == threshold { room -= 1 }
                kept.append(
                    weight: states.weight[index],
                    cost: states.cost[index],
                    node: states.node[index],
                    limit: limit
                )
            } else {
                dropped = min(dropped, limit)
            }
        }
        states = kept
        return dropped
    }

    /// The place whose alternatives include one at an index.
    private static func place(of alternative: Int, in core: Core) -> Int {
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
}
