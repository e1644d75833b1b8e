/// The bound of an ordered problem where the places may begin only at some segments.
///
/// A window says of each place between which segments its row begins. At given prices the least way within a window is found by
/// going through its segments and places once.
struct OrderedRelaxation {
    /// Of each place, the first and the last segment with which its row may begin; both rise from place to place.
    ///
    /// A place whose row begins where the next one's does has no segment.
    struct Window: Hashable {
        var first: [Int]
        var last: [Int]

        /// Whether one way alone is left.
        var isSingle: Bool { first == last }

        /// The part in which a place begins at some segments.
        func part(_ place: Int, from lowest: Int, to highest: Int) -> Window {
            var part = self
            for next in place..<first.count { part.first[next] = max(first[next], lowest) }
            for before in 0...place { part.last[before] = min(last[before], highest) }
            return part
        }
    }

    /// A choice that was met.
    struct Met: Equatable {
        /// Where each place begins.
        let starts: [Int]
        let cost: Double
        let uses: [Double]
    }

    /// What the best prices of a window come to.
    struct Answer {
        let window: Window
        let bound: Double
        let prices: [Double]
        /// The choices of the best mixture and their shares of it, the largest first.
        let mixture: [(met: Met, share: Double)]
        /// The choices that were met last.
        let met: [Met]
    }

    let problem: OrderedResourceProblem
    private let segments: Int
    private let places: Int
    /// Where the layers of each segment on each place start among all layers; one more element than there are of those.
    private let firstLayer: [Int]
    private let layers: ResourceProblem
    // Of each segment on each place, what it costs and takes whatever is chosen, and whether it may be there.
    private let standingCost: [Double]
    private let standingUses: [Double]
    private let isOpen: [Bool]
    /// Of each segment on each place, the least share of each limit that it takes with its layers.
    private let leastShares: [Double]

    init(_ problem: OrderedResourceProblem) {
        self.problem = problem
        segments = problem.segmentCount
        places = problem.placeCount
        var firstLayer: [Int] = []
        var count = problem.freeLayerCount
        for place in problem.segments.joined() {
            firstLayer.append(count)
            count += place.layers.layerCount
        }
        self.firstLayer = firstLayer + [count]
        standingCost = problem.segments.joined().map(\.cost)
        standingUses = problem.segments.joined().flatMap(\.uses)
        isOpen = problem.segments.joined().map(\.isOpen)
        layers = ResourceProblem(
            joining: [problem.free] + problem.segments.joined().map(\.layers),
            limits: problem.limits
        )
        let limits = problem.limits
        leastShares = problem.segments.joined().flatMap { place in
            limits.indices.map { resource in
                let least = (0..<place.layers.layerCount).reduce(place.uses[resource]) { total, layer in
                    let uses = place.layers.options(ofLayer: layer).map {
                        place.layers.uses[$0 * limits.count + resource]
                    }
                    return total + (uses.min() ?? 0)
                }
                return limits[resource] > 0 ? least / limits[resource] : 0
            }
        }
    }

    /// The largest share of a limit that the segments of a way take at least.
    func crowding(_ starts: [Int]) -> Double {
        let count = problem.limits.count
        var shares = [Double](repeating: 0, count: count)
        for (segment, place) in way(starts).enumerated() {
            for resource in 0..<count {
                shares[resource] += leastShares[(segment * places + place) * count + resource]
            }
        }
        return shares.max() ?? 0
    }

    /// The steps of one look at all layers, segments and places within a window; ``OrderedResourceSearch`` has those of a look at
    /// all ways, and says why they are others.
    var stepsPerLook: Int { layers.stepsPerPass + segments * places * (problem.limits.count + 4) }

    /// The window of all ways.
    var whole: Window {
        var last = [Int](repeating: segments, count: places)
        last[0] = 0
        return Window(first: [Int](repeating: 0, count: places), last: last)
    }

    /// The window of one way.
    static func window(of starts: [Int]) -> Window { Window(first: starts, last: starts) }

    /// The place of each segment where places begin at some segments.
    func way(_ starts: [Int]) -> [Int] {
        (0..<segments).map { segment in (starts.lastIndex { $0 <= segment }) ?? 0 }
    }

    /// The best prices of a window.
    ///
    /// - Parameters:
    ///   - window: Where the places may begin.
    ///   - cutoff: A bound beyond this is as good as any.
    ///   - start: Prices that are likely to be near the best.
    ///   - known: Choices that were met before, of which those within the window help.
    ///   - clock: Ends the search early.
    /// - Returns: The bound, the prices that give it, and the choices that were met.
    func bound(
        _ window: Window,
        below cutoff: Double,
        start: [Double]?,
        met known: [Met],
        clock: StopClock
    ) -> Answer {
        var met = known.filter { own in
            (0..<places).allSatisfy { window.first[$0]...window.last[$0] ~= own.starts[$0] }
        }
        var scratch = Scratch(layers.layerCount, segments, places)
        let search = PriceSearch(
            limits: problem.limits,
            ceiling: cutoff,
            start: start,
            known: met.map { ($0.cost, $0.uses) },
            stepsPerLook: stepsPerLook,
            tolerance: 1e-7,
            clock: clock
        ) { prices in
            let look = least(at: prices, window, &scratch)
            met.append(Met(starts: scratch.starts, cost: look.cost, uses: look.uses))
            return look
        }
        let mixture = search.mixture.filter { met.indices.contains($0.look) }
            .map { (met: met[$0.look], share: $0.share) }
            .sorted { $0.share > $1.share }
        return Answer(
            window: window,
            bound: search.bound,
            prices: search.prices,
            mixture: mixture,
            met: Self.unlike(mixture.map(\.met) + met.suffix(Self.keptChoices))
        )
    }

    /// Choices without those that are there already, as the same twice sends the search for prices in circles.
    private static func unlike(_ choices: [Met]) -> [Met] {
        choices.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// The choices that are kept for the parts of a window.
    private static let keptChoices = 24

    /// Room for the figures of one look.
    private struct Scratch {
        var least: [Double]
        var choice: [Int]
        var values: [Double]
        var rest: [Double]
        var starts: [Int]

        init(_ layers: Int, _ segments: Int, _ places: Int) {
            least = [Double](repeating: 0, count: layers)
            choice = [Int](repeating: 0, count: layers)
            values = [Double](repeating: .infinity, count: segments * places)
            rest = [Double](repeating: 0, count: (segments + 1) * places)
            starts = [Int](repeating: 0, count: places)
        }
    }

    /// What is least at some prices, over the ways of a window.
    private func least(at prices: [Double], _ window: Window, _ scratch: inout Scratch) -> PriceSearch.Look {
        let count = prices.count
        var total = CompensatedSum()
        price(0..<problem.freeLayerCount, at: prices, &scratch)
        for layer in 0..<problem.freeLayerCount { total.add(scratch.least[layer]) }
        for segment in 0..<segments {
            for place in 0..<places {
                let index = segment * places + place
                guard isOpen[index], segment >= window.first[place],
                    place + 1 == places || segment < window.last[place + 1]
                else {
                    scratch.values[index] = .infinity
                    continue
                }
                let range = firstLayer[index]..<firstLayer[index + 1]
                price(range, at: prices, &scratch)
                var value = standingCost[index]
                for resource in 0..<count {
                    value += prices[resource] * standingUses[index * count + resource]
                }
                for layer in range { value += scratch.least[layer] }
                scratch.values[index] = value
            }
        }
        for segment in stride(from: segments - 1, through: 0, by: -1) {
            var least = Double.infinity
            for place in stride(from: places - 1, through: 0, by: -1) {
                let own =
                    scratch.values[segment * places + place] + scratch.rest[(segment + 1) * places + place]
                least = min(least, own)
                scratch.rest[segment * places + place] = least
            }
        }
        var look = PriceSearch.Look(cost: 0, uses: [Double](repeating: 0, count: count), bound: .infinity)
        guard scratch.rest[0] < .infinity else { return look }
        var cost = CompensatedSum()
        func add(_ range: Range<Int>, _ scratch: Scratch) {
            for layer in range {
                let option = scratch.choice[layer]
                cost.add(layers.cost[option])
                for resource in 0..<count { look.uses[resource] += layers.uses[option * count + resource] }
            }
        }
        add(0..<problem.freeLayerCount, scratch)
        var place = 0
        for own in 0..<places { scratch.starts[own] = own == 0 ? 0 : segments }
        for segment in 0..<segments {
            while place + 1 < places,
                scratch.values[segment * places + place] + scratch.rest[(segment + 1) * places + place]
                    > scratch.rest[segment * places + place]
            {
                place += 1
                scratch.starts[place] = segment
            }
            let index = segment * places + place
            total.add(scratch.values[index])
            cost.add(standingCost[index])
            for resource in 0..<count { look.uses[resource] += standingUses[index * count + resource] }
            add(firstLayer[index]..<firstLayer[index + 1], scratch)
        }
        for (price, limit) in zip(prices, problem.limits) { total.add(-price * limit) }
        look.cost = cost.value
        look.bound = total.value
        return look
    }

    /// What every way costs at least, at given prices.
    struct Values {
        fileprivate var base: Double
        /// Of each place, what the segments before one cost there, and how many of them cannot be there.
        fileprivate var sums: [[(cost: Double, closed: Int)]]

        /// What a way costs at least.
        func least(_ starts: [Int]) -> Double {
            var total = base
            for place in sums.indices {
                let first = sums[place][starts[place]]
                let last = sums[place][place + 1 < starts.count ? starts[place + 1] : sums[place].count - 1]
                guard first.closed == last.closed else { return .infinity }
                total += last.cost - first.cost
            }
            return total
        }
    }

    /// What every way costs at least, at given prices.
    func values(at prices: [Double]) -> Values {
        var scratch = Scratch(layers.layerCount, segments, places)
        _ = least(at: prices, whole, &scratch)
        var base = -zip(prices, problem.limits).reduce(0) { $0 + $1.0 * $1.1 }
        for layer in 0..<problem.freeLayerCount { base += scratch.least[layer] }
        let sums = (0..<places).map { place in
            var sum = (cost: 0.0, closed: 0)
            return [sum]
                + (0..<segments).map { segment in
                    let value = scratch.values[segment * places + place]
                    if value < .infinity { sum.cost += value } else { sum.closed += 1 }
                    return sum
                }
        }
        return Values(base: base, sums: sums)
    }

    /// Finds the least option of each of some layers.
    private func price(_ range: Range<Int>, at prices: [Double], _ scratch: inout Scratch) {
        let count = prices.count
        layers.cost.withUnsafeBufferPointer { cost in
            layers.uses.withUnsafeBufferPointer { uses in
                prices.withUnsafeBufferPointer { prices in
                    for layer in range {
                        var least = Double.infinity
                        var chosen = layers.firstOption[layer]
                        for option in layers.options(ofLayer: layer) {
                            var priced = cost[option]
                            let first = option * count
                            for resource in 0..<count { priced += prices[resource] * uses[first + resource] }
                            if priced < least {
                                least = priced
                                chosen = option
                            }
                        }
                        scratch.least[layer] = least
                        scratch.choice[layer] = chosen
                    }
                }
            }
        }
    }
}
