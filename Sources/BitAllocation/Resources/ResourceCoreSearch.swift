/// The search of a core layer by layer: exact where it runs to its end, and with a bound on what it dropped where it does not.
///
/// States that take the same of every resource, as many do where layers are of the same shape, are one: the cheapest. With two budgets alone,
/// ``TwoBudgetCoreSearch`` says why it is another search.
struct ResourceCoreSearch {
    /// The best choice that was found, or nil where none is better than the incumbent.
    private(set) var choices: [Int]?
    /// A proven lower limit on the cost of any choice within the limits, no lower than the incumbent where none is better.
    private(set) var bound: Double
    /// Whether every choice was looked at or ruled out.
    private(set) var isComplete: Bool
    /// States side by side.
    private struct States {
        /// What the states take of each resource, the resources of a state side by side.
        var uses: [Double] = []
        var costs: [Double] = []
        var nodes: [Int32] = []
        var limits: [Double] = []

        var count: Int { costs.count }
    }

    /// What the layers from each place on add at least, and give back at most.
    private struct Suffixes {
        /// The number of resources.
        private let count: Int
        /// The number of tuples of prices.
        private let columns: Int
        /// The most that a choice may take of each resource above the base.
        private let room: [Double]
        /// The prices, tuple by tuple, and what each tuple makes of the slack.
        private let prices: [Double]
        private let offsets: [Double]
        /// For every tuple of prices, the least that the layers from a place on add; and the most relief of each resource.
        private let sums: [Double]
        private let relief: [Double]

        init(of core: ResourceCore) {
            let count = core.slack.count
            let places = core.open.count
            let tuples = Self.tuples(around: core.prices, core.limits)
            var sums = [Double](repeating: 0, count: (places + 1) * tuples.count)
            var relief = [Double](repeating: 0, count: (places + 1) * count)
            for place in stride(from: places - 1, through: 0, by: -1) {
                for (column, tuple) in tuples.enumerated() {
                    var least = Double.infinity
                    for alternative in core.open[place] {
                        var priced = alternative.cost
                        for resource in 0..<count { priced += tuple[resource] * alternative.uses[resource] }
                        least = min(least, priced)
                    }
                    sums[place * tuples.count + column] = sums[(place + 1) * tuples.count + column] + least
                }
                for resource in 0..<count {
                    relief[place * count + resource] =
                        relief[(place + 1) * count + resource]
                        + core.open[place].reduce(0) { min($0, $1.uses[resource]) }
                }
            }
            self.count = count
            columns = tuples.count
            room = core.slack.indices.map { core.slack[$0] + core.limits[$0] * 1e-15 }
            prices = tuples.flatMap(\.self)
            offsets = tuples.map { tuple in zip(tuple, core.slack).reduce(0) { $0 + $1.0 * $1.1 } }
            self.sums = sums
            self.relief = relief
        }

        /// The least that a state with such uses costs in the end; more than `enough` is not worked out any further.
        @inline(__always)
        func limit(_ uses: [Double], _ cost: Double, _ place: Int, _ enough: Double) -> Double {
            var most = -Double.infinity
            for column in 0..<columns {
                var value = cost + sums[place * columns + column] - offsets[column]
                for resource in 0..<count { value += prices[column * count + resource] * uses[resource] }
                most = max(most, value)
                if most >= enough { break }
            }
            return most
        }

        /// Whether the layers from a place on may bring a state with such uses within the limits.
        @inline(__always)
        func isWithin(_ uses: [Double], _ place: Int) -> Bool {
            for resource in 0..<count
            where uses[resource] + relief[place * count + resource] > room[resource] {
                return false
            }
            return true
        }

        /// The prices that were found, and others in one direction each, for states far from the limits.
        private static func tuples(around prices: [Double], _ limits: [Double]) -> [[Double]] {
            var tuples = [prices]
            let worth = zip(prices, limits).map { $0 * $1 }
            let most = worth.max() ?? 0
            for resource in prices.indices where worth[resource] > 1e-9 * most {
                for factor in [0, 0.5, 0.9, 1.1, 2] {
                    var tuple = prices
                    tuple[resource] *= factor
                    tuples.append(tuple)
                }
            }
            if most > 0 { tuples.append(prices.map { _ in 0 }) }
            return tuples
        }
    }

    /// Searches a core.
    ///
    /// - Parameters:
    ///   - core: What is still open.
    ///   - incumbent: The cost that a choice has to be below; infinite where none is known.
    ///   - beam: The states that are kept per place.
    ///   - clock: Ends the search early, and counts its steps.
    init(_ core: ResourceCore, incumbent: Double, beam: Int, clock: StopClock) {
        let count = core.slack.count
        let places = core.open.count
        let tolerance = incumbent.isFinite ? SumMinimizer.tolerance * incumbent : 0
        let suffixes = Suffixes(of: core)
        var best = incumbent.isFinite ? incumbent - core.baseCost : .infinity
        var trail = ChoiceTrail()
        var bestNode: Int32?
        var leastDropped = Double.infinity
        let none = [Double](repeating: 0, count: count)
        let start = suffixes.limit(none, 0, 0, .infinity)
        var states = States(uses: none, costs: [0], nodes: [-1], limits: [start])
        var table = StateTable(limits: core.limits)
        var uses = none
        if suffixes.isWithin(none, places), best > 0 {
            best = 0
            bestNode = -1
        }
        for place in 0..<places {
            if clock.shouldStop() || trail.count > 16_000_000 || core.open[place].count > 256 {
                leastDropped = min(leastDropped, states.limits.min() ?? .infinity)
                states = States()
                break
            }
            clock.count(states.count * core.open[place].count * Self.stepsPerState * max(1, count))
            var next = States()
            table.removeAll(expecting: states.count * core.open[place].count)
            for state in 0..<states.count {
                for (index, alternative) in core.open[place].enumerated() {
                    for resource in 0..<count {
                        uses[resource] = states.uses[state * count + resource] + alternative.uses[resource]
                    }
                    guard suffixes.isWithin(uses, place + 1) else { continue }
                    let cost = states.costs[state] + alternative.cost
                    let limit = suffixes.limit(uses, cost, place + 1, best - tolerance)
                    guard limit < best - tolerance else { continue }
                    let isBetter = cost < best && suffixes.isWithin(uses, places)
                    let slot = table.slot(of: uses, next: next.count)
                    let isNew = slot == next.count
                    guard isNew || cost < next.costs[slot] else { continue }
                    var node = states.nodes[state]
                    if index > 0 {
                        node = trail.record(
                            ChoiceTrail.code(ofPlace: place, alternative: index),
                            after: node
                        )
                    }
                    if isBetter {
                        best = cost
                        bestNode = node
                    }
                    if isNew {
                        next.uses += uses
                        next.costs.append(cost)
                        next.nodes.append(node)
                        next.limits.append(limit)
                    } else {
                        for resource in 0..<count { next.uses[slot * count + resource] = uses[resource] }
                        next.costs[slot] = cost
                        next.nodes[slot] = node
                        next.limits[slot] = limit
                    }
                }
            }
            states = Self.kept(next, count, beam: beam, below: best - tolerance, &leastDropped)
            if states.count == 0 { break }
        }
        isComplete = leastDropped == .infinity
        bound = core.baseCost + max(start, min(best, leastDropped))
        if let bestNode {
            choices = core.choices(trail.alternatives(to: bestNode, places: places))
        }
    }

    /// What working out a state is worth in a clock's steps, per resource.
    private static let stepsPerState = 36

    /// The states that promise most, without those that one of the eight before them, in the order of what they promise, beats in cost
    /// and in every resource.
    private static func kept(
        _ states: States,
        _ count: Int,
        beam: Int,
        below most: Double,
        _ leastDropped: inout Double
    ) -> States {
        let order = (0..<states.count).filter { states.limits[$0] < most }
            .sorted { (states.limits[$0], $0) < (states.limits[$1], $1) }
        var kept: [Int] = []
        kept.reserveCapacity(min(order.count, beam))
        for state in order {
            let isBeaten = kept.suffix(8).contains { other in
                guard states.costs[other] <= states.costs[state] else { return false }
                for resource in 0..<count
                where states.uses[other * count + resource] > states.uses[state * count + resource] {
                    return false
                }
                return true
            }
            guard !isBeaten else { continue }
            guard kept.count < beam else {
                leastDropped = min(leastDropped, states.limits[state])
                break
            }
            kept.append(state)
        }
        var result = States()
        result.uses.reserveCapacity(kept.count * count)
        for state in kept {
            result.uses += states.uses[state * count..<(state + 1) * count]
            result.costs.append(states.costs[state])
            result.nodes.append(states.nodes[state])
            result.limits.append(states.limits[state])
        }
        return result
    }
}
