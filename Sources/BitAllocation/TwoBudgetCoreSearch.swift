/// The dominance dynamic programme over a core with two budgets: exact when it runs to its end, a beam search with a bound
/// when it does not.
///
/// ``ResourceCoreSearch`` is the same for any number of limits, but not in what it finds where it drops states: it keeps a state
/// unless one of its neighbours beats it, while two budgets allow the states that no other beats to be found exactly, by a
/// staircase. One in place of the other may keep other states in the beam, and so make other plans of large problems. What
/// they do alike, ``ChoiceTrail``, they share.
struct TwoBudgetCoreSearch {
    /// The option per layer of the best plan found, or `nil` where the incumbent was not beaten.
    private(set) var choices: [Int]?
    /// A proven lower limit on the whole cost.
    private(set) var bound: Double
    /// The states that were kept.
    private(set) var stateCount = 1

    private struct State {
        var bytes: Int
        var second: Double
        var cost: Double
        var node: Int32
        var limit: Double
    }

    init(_ core: TwoBudgetCore, incumbent: Double, beam: Int, clock: StopClock) {
        let tolerance = SumMinimizer.tolerance * incumbent
        var best = incumbent - core.baseCost
        let places = core.open.count
        let pairs = Self.pairs(around: core.prices)
        // For every pair of prices, the least that the units from a place on add.
        var sums = [Double](repeating: 0, count: (places + 1) * pairs.count)
        var reliefBytes = [Int](repeating: 0, count: places + 1)
        var reliefSecond = [Double](repeating: 0, count: places + 1)
        for place in stride(from: places - 1, through: 0, by: -1) {
            for (column, pair) in pairs.enumerated() {
                var least = Double.infinity
                for alternative in core.open[place] {
                    least = min(
                        least,
                        alternative.cost + pair.bytes * Double(alternative.bytes) + pair.second
                            * alternative.second
                    )
                }
                sums[place * pairs.count + column] = sums[(place + 1) * pairs.count + column] + least
            }
            reliefBytes[place] = reliefBytes[place + 1] + core.open[place].reduce(0) { min($0, $1.bytes) }
            reliefSecond[place] = reliefSecond[place + 1] + core.open[place].reduce(0) { min($0, $1.second) }
        }
        func limit(_ bytes: Int, _ second: Double, _ cost: Double, _ place: Int) -> Double {
            let roomBytes = Double(core.slackBytes - bytes)
            let roomSecond = core.slackSecond - second
            var most = -Double.infinity
            for (column, pair) in pairs.enumerated() {
                most = max(
                    most,
                    sums[place * pairs.count + column] - pair.bytes * roomBytes - pair.second * roomSecond
                )
            }
            return cost + most
        }
        func isWithin(_ bytes: Int, _ second: Double) -> Bool {
            bytes <= core.slackBytes && second <= core.slackSecond + core.tolerance
        }

        var trail = ChoiceTrail()
        var bestNode: Int32?
        var leastDropped = Double.infinity
        var states = [State(bytes: 0, second: 0, cost: 0, node: -1, limit: limit(0, 0, 0, 0))]
        if isWithin(0, 0), best > 0 {
            best = 0
            bestNode = -1
        }
        for place in 0..<places {
            if clock.shouldStop() || trail.count > 16_000_000 {
                leastDropped = min(leastDropped, states.reduce(.infinity) { min($0, $1.limit) })
                states = []
                break
            }
            var next: [State] = []
            for state in states {
                for (index, alternative) in core.open[place].enumerated() {
                    let bytes = state.bytes + alternative.bytes
                    let second = state.second + alternative.second
                    let cost = state.cost + alternative.cost
                    guard bytes + reliefBytes[place + 1] <= core.slackBytes,
                        second + reliefSecond[place + 1] <= core.slackSecond + core.tolerance
                    else { continue }
                    let limit = limit(bytes, second, cost, place + 1)
                    guard limit < best - tolerance else { continue }
                    var node = state.node
                    if index > 0 {
                        node = trail.record(
                            ChoiceTrail.code(ofPlace: place, alternative: index),
                            after: state.node
                        )
                    }
                    if isWithin(bytes, second), cost < best {
                        best = cost
                        bestNode = node
                    }
                    next.append(State(bytes: bytes, second: second, cost: cost, node: node, limit: limit))
                }
            }
            Self.dropDominated(&next)
            if next.count > beam {
                next.sort { $0.limit < $1.limit }
                leastDropped = min(leastDropped, next[beam].limit)
                next.removeLast(next.count - beam)
            }
            states = next
            stateCount += states.count
            if states.isEmpty { break }
        }
        bound = core.baseCost + max(core.relaxedBound, min(best, leastDropped))
        if let bestNode {
            choices = core.choices(trail.alternatives(to: bestNode, places: places))
        }
    }

    /// The prices that were found, and others around them for states far from the budgets.
    private static func pairs(around prices: TwoPrices) -> [TwoPrices] {
        let factors = [0, 0.5, 0.9, 1, 1.1, 2]
        var pairs: [TwoPrices] = []
        for bytes in prices.bytes > 0 ? factors : [0] {
            for second in prices.second > 0 ? factors : [0] {
                pairs.append(TwoPrices(bytes: prices.bytes * bytes, second: prices.second * second))
            }
        }
        return pairs
    }

    /// Keeps the states that no other state beats in bytes, second cost and cost.
    private static func dropDominated(_ states: inout [State]) {
        states.sort { ($0.bytes, $0.second, $0.cost) < ($1.bytes, $1.second, $1.cost) }
        // The staircase of second cost and cost over all states that are no larger: rising in the one, falling in the other.
        var stairs: [(second: Double, cost: Double)] = []
        var kept: [State] = []
        for state in states {
            var low = 0
            var high = stairs.count
            while low < high {
                let middle = (low + high) / 2
                if stairs[middle].second <= state.second {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            if low > 0, stairs[low - 1].cost <= state.cost { continue }
            var end = low
            while end < stairs.count, stairs[end].cost >= state.cost { end += 1 }
            // A stair of the same second cost is beaten as well.
            let start = low > 0 && stairs[low - 1].second == state.second ? low - 1 : low
            stairs.replaceSubrange(start..<end, with: [(state.second, state.cost)])
            kept.append(state)
        }
        states = kept
    }
}
