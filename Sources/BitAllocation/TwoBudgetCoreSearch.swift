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

    /// Searches a core.
    ///
    /// - Parameters:
    ///   - core: What is still open.
    ///   - incumbent: The whole cost that a plan has to be below.
    ///   - beam: The states that are kept per place.
    ///   - clock: Ends the search early.
    init(_ core: TwoBudgetCore, incumbent: Double, beam: Int, clock: StopClock) {
        var sweep = Sweep(core, incumbent: incumbent)
        var states = [sweep.start]
        var leastDropped = Double.infinity
        for place in core.open.indices {
            if clock.shouldStop() || sweep.trail.count > 16_000_000 {
                leastDropped = min(leastDropped, states.reduce(.infinity) { min($0, $1.limit) })
                break
            }
            states = sweep.extend(states, over: place)
            Self.dropDominated(&states)
            if states.count > beam {
                leastDropped = min(leastDropped, Self.narrow(&states, to: beam))
            }
            stateCount += states.count
            if states.isEmpty { break }
        }
        bound = core.baseCost + max(core.relaxedBound, min(sweep.best, leastDropped))
        choices = sweep.choices
    }

    /// The way through the places of a core, from the states of one to those of the next.
    private struct Sweep {
        private let core: TwoBudgetCore
        private let suffixes: Suffixes
        private let tolerance: Double
        /// The cost that is to be beaten, above the base plan.
        private(set) var best: Double
        /// The node of the best plan, or `nil` where none was met.
        private var bestNode: Int32?
        /// How the states came about.
        private(set) var trail = ChoiceTrail()

        init(_ core: TwoBudgetCore, incumbent: Double) {
            self.core = core
            suffixes = Suffixes(of: core)
            tolerance = SumMinimizer.tolerance * incumbent
            best = incumbent - core.baseCost
            meet(bytes: 0, second: 0, cost: 0, node: -1)
        }

        /// The state that took nothing yet.
        var start: State {
            State(bytes: 0, second: 0, cost: 0, node: -1, limit: suffixes.limit(0, 0, 0, fromPlace: 0))
        }

        /// The states after a place that may lead to a better plan, one for each way on from each state before it.
        mutating func extend(_ states: [State], over place: Int) -> [State] {
            var next: [State] = []
            for state in states {
                for (index, alternative) in core.open[place].enumerated() {
                    let bytes = state.bytes + alternative.bytes
                    let second = state.second + alternative.second
                    let cost = state.cost + alternative.cost
                    guard suffixes.canKeep(bytes, second, fromPlace: place + 1) else { continue }
                    let limit = suffixes.limit(bytes, second, cost, fromPlace: place + 1)
                    guard limit < best - tolerance else { continue }
                    var node = state.node
                    if index > 0 {
                        node = trail.record(
                            ChoiceTrail.code(ofPlace: place, alternative: index),
                            after: state.node
                        )
                    }
                    meet(bytes: bytes, second: second, cost: cost, node: node)
                    next.append(State(bytes: bytes, second: second, cost: cost, node: node, limit: limit))
                }
            }
            return next
        }

        /// Takes a plan that keeps to both budgets and is better.
        @inline(__always)
        private mutating func meet(bytes: Int, second: Double, cost: Double, node: Int32) {
            if suffixes.isWithin(bytes, second), cost < best {
                best = cost
                bestNode = node
            }
        }

        /// The option per layer of the best plan, or `nil` where none was met.
        var choices: [Int]? {
            bestNode.map { core.choices(trail.alternatives(to: $0, places: core.open.count)) }
        }
    }

    /// What the units from each place on add at least, and give back at most.
    private struct Suffixes {
        /// What the base plan leaves of the budgets, and the rounding that the second one is granted on top.
        private let slackBytes: Int
        private let slackSecond: Double
        private let secondWithRounding: Double
        private let pairs: [TwoPrices]
        /// For every pair of prices, the least that the units from a place on add.
        private let sums: [Double]
        /// The most that the units from each place on give back, as numbers that are not positive.
        private let reliefBytes: [Int]
        private let reliefSecond: [Double]

        init(of core: TwoBudgetCore) {
            let places = core.open.count
            let pairs = Self.pairs(around: core.prices)
            var sums = [Double](repeating: 0, count: (places + 1) * pairs.count)
            var reliefBytes = [Int](repeating: 0, count: places + 1)
            var reliefSecond = [Double](repeating: 0, count: places + 1)
            for place in core.open.indices.reversed() {
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
                reliefSecond[place] =
                    reliefSecond[place + 1] + core.open[place].reduce(0) { min($0, $1.second) }
            }
            slackBytes = core.slackBytes
            slackSecond = core.slackSecond
            secondWithRounding = core.slackSecond + core.tolerance
            self.pairs = pairs
            self.sums = sums
            self.reliefBytes = reliefBytes
            self.reliefSecond = reliefSecond
        }

        /// The least that a state costs in the end, by the prices that say most of it.
        @inline(__always)
        func limit(_ bytes: Int, _ second: Double, _ cost: Double, fromPlace place: Int) -> Double {
            let roomBytes = Double(slackBytes - bytes)
            let roomSecond = slackSecond - second
            var most = -Double.infinity
            for (column, pair) in pairs.enumerated() {
                most = max(
                    most,
                    sums[place * pairs.count + column] - pair.bytes * roomBytes - pair.second * roomSecond
                )
            }
            return cost + most
        }

        /// Whether a state keeps to both budgets as it is.
        @inline(__always)
        func isWithin(_ bytes: Int, _ second: Double) -> Bool {
            bytes <= slackBytes && second <= secondWithRounding
        }

        /// Whether the units from a place on may bring a state within both budgets.
        @inline(__always)
        func canKeep(_ bytes: Int, _ second: Double, fromPlace place: Int) -> Bool {
            bytes + reliefBytes[place] <= slackBytes && second + reliefSecond[place] <= secondWithRounding
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

    /// Keeps the states with the lowest limits, and returns the least limit that was dropped.
    private static func narrow(_ states: inout [State], to beam: Int) -> Double {
        states.sort { $0.limit < $1.limit }
        let dropped = states[beam].limit
        states.removeLast(states.count - beam)
        return dropped
    }
}
