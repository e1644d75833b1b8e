/// The search of a core layer by layer: exact where it runs to its end, and with a bound on what it dropped where it does not.
struct ResourceCoreSearch {
    /// The best choice that was found, or nil where none is better than the incumbent.
    private(set) var choices: [Int]?
    /// A proven lower limit on the cost of any choice within the limits, no lower than the incumbent where none is better.
    private(set) var bound: Double
    /// Whether every choice was looked at or ruled out.
    private(set) var isComplete: Bool

    private struct State {
        var uses: [Double]
        var cost: Double
        var node: Int32
        var limit: Double
    }

    init(_ core: ResourceCore, incumbent: Double, beam: Int, clock: StopClock) {
        let count = core.slack.count
        let places = core.open.count
        let tolerance = incumbent.isFinite ? SumMinimizer.tolerance * incumbent : 0
        let room = core.slack.indices.map { core.slack[$0] + core.limits[$0] * 1e-15 }
        let tuples = Self.tuples(around: core.prices)
        // For every tuple of prices, the least that the layers from a place on add; and the most relief of each resource.
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
        func limit(_ uses: [Double], _ cost: Double, _ place: Int) -> Double {
            var most = -Double.infinity
            for (column, tuple) in tuples.enumerated() {
                var value = sums[place * tuples.count + column]
                for resource in 0..<count {
                    value -= tuple[resource] * (core.slack[resource] - uses[resource])
                }
                most = max(most, value)
            }
            return cost + most
        }
        func isWithin(_ uses: [Double], _ place: Int) -> Bool {
            for resource in 0..<count
            where uses[resource] + relief[place * count + resource] > room[resource] {
                return false
            }
            return true
        }

        var best = incumbent.isFinite ? incumbent - core.baseCost : .infinity
        var parents: [Int32] = []
        var taken: [Int32] = []
        var bestNode: Int32?
        var leastDropped = Double.infinity
        let none = [Double](repeating: 0, count: count)
        let start = limit(none, 0, 0)
        var states = [State(uses: none, cost: 0, node: -1, limit: start)]
        if isWithin(none, places), best > 0 {
            best = 0
            bestNode = -1
        }
        for place in 0..<places {
            if clock.shouldStop() || taken.count > 16_000_000 || core.open[place].count > 256 {
                leastDropped = min(leastDropped, states.reduce(.infinity) { min($0, $1.limit) })
                states = []
                break
            }
            var next: [State] = []
            for state in states {
                for (index, alternative) in core.open[place].enumerated() {
                    var uses = state.uses
                    for resource in 0..<count { uses[resource] += alternative.uses[resource] }
                    guard isWithin(uses, place + 1) else { continue }
                    let cost = state.cost + alternative.cost
                    let limit = limit(uses, cost, place + 1)
                    guard limit < best - tolerance else { continue }
                    var node = state.node
                    if index > 0 {
                        node = Int32(taken.count)
                        parents.append(state.node)
                        taken.append(Int32(place) << 8 | Int32(index))
                    }
                    if cost < best, isWithin(uses, places) {
                        best = cost
                        bestNode = node
                    }
                    next.append(State(uses: uses, cost: cost, node: node, limit: limit))
                }
            }
            next.sort { $0.limit < $1.limit }
            Self.dropDominated(&next)
            if next.count > beam {
                leastDropped = min(leastDropped, next[beam].limit)
                next.removeLast(next.count - beam)
            }
            states = next
            if states.isEmpty { break }
        }
        isComplete = leastDropped == .infinity
        bound = core.baseCost + max(start, min(best, leastDropped))
        if let bestNode {
            var chosen = [Int](repeating: 0, count: places)
            var node = bestNode
            while node >= 0 {
                let code = taken[Int(node)]
                chosen[Int(code >> 8)] = Int(code & 0xFF)
                node = parents[Int(node)]
            }
            choices = core.choices(chosen)
        }
    }

    /// The prices that were found, and others in one direction each, for states far from the limits.
    private static func tuples(around prices: [Double]) -> [[Double]] {
        var tuples = [prices]
        for resource in prices.indices where prices[resource] > 0 {
            for factor in [0, 0.5, 0.9, 1.1, 2] {
                var tuple = prices
                tuple[resource] *= factor
                tuples.append(tuple)
            }
        }
        if prices.contains(where: { $0 > 0 }) { tuples.append(prices.map { _ in 0 }) }
        return tuples
    }

    /// Drops states that one of the 32 before them, in the order of what they promise, beats in cost and in every resource.
    private static func dropDominated(_ states: inout [State]) {
        var kept: [State] = []
        kept.reserveCapacity(states.count)
        for state in states {
            let isBeaten = kept.suffix(32).contains { other in
                guard other.cost <= state.cost else { return false }
                for resource in state.uses.indices where other.uses[resource] > state.uses[resource] {
                    return false
                }
                return true
            }
            if !isBeaten { kept.append(state) }
        }
        states = kept
    }
}
