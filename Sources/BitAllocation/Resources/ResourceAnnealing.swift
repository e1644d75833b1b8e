/// Random exchanges in the open part of a problem, which may make a choice dearer or too large for a while.
///
/// Where things of many sizes have to fill several limits, exchanges of one or two that each make a choice cheaper end far from
/// the best. Here an exchange is taken where it costs no more than a threshold that falls to nothing (threshold accepting: Dueck and
/// Scheuer, Threshold accepting, 1990), what is beyond a limit being paid at more than its price. Numbers follow from a fixed seed, so the
/// same problem gives the same choice.
struct ResourceAnnealing {
    /// The alternatives of the open layers in flat columns, those of a layer by what they cost at the prices.
    private let firstAlternative: [Int]
    private let cost: [Double]
    private let uses: [Double]
    private let places: [Int]
    private let slack: [Double]
    /// What a unit beyond a limit costs.
    private let penalty: [Double]
    private let core: ResourceCore

    /// What looking at an exchange is worth in a clock's steps, per resource.
    private static let stepsPerExchange = 8

    /// Where the random numbers begin.
    private let seed: Int

    /// Prepares the open part of a problem.
    ///
    /// - Parameters:
    ///   - core: The open part.
    ///   - seed: Another one makes other exchanges.
    init(_ core: ResourceCore, seed: Int = 0) {
        self.core = core
        self.seed = seed
        slack = core.slack
        let dearest = zip(core.prices, core.limits).reduce(0) { max($0, $1.0 * max($1.1, 0)) }
        penalty = zip(core.prices, core.limits).map { price, limit in
            3 * max(price, limit > 0 ? 0.02 * dearest / limit : dearest)
        }
        var firstAlternative = [0]
        var cost: [Double] = []
        var uses: [Double] = []
        var places: [Int] = []
        for alternatives in core.open {
            let order = alternatives.indices.sorted {
                (alternatives[$0].reducedCost, $0) < (alternatives[$1].reducedCost, $1)
            }
            for place in order {
                cost.append(alternatives[place].cost)
                uses += alternatives[place].uses
                places.append(place)
            }
            firstAlternative.append(cost.count)
        }
        self.firstAlternative = firstAlternative
        self.cost = cost
        self.uses = uses
        self.places = places
    }

    /// The best choice met on the way, or nil where none kept to the limits.
    ///
    /// - Parameters:
    ///   - start: The choice to begin with; by default the one that is least at the prices.
    ///   - steps: How many exchanges are looked at.
    ///   - threshold: The most that one may cost at first.
    ///   - clock: Ends the search early.
    /// - Returns: The choice, as indices in the problem's columns; sums are rounded, so that it may be a hair beyond a limit.
    func choices(
        from start: [Int]? = nil,
        steps: Int,
        threshold: Double,
        clock: StopClock
    ) -> [Int]? {
        let count = core.limits.count
        let layers = core.open.count
        guard layers > 1, count > 0 else { return nil }
        var taken = (0..<layers).map { layer in
            let range = firstAlternative[layer]..<firstAlternative[layer + 1]
            guard let own = start?[core.layers[layer]] else { return range.lowerBound }
            return range.first { core.open[layer][places[$0]].option == own } ?? range.lowerBound
        }
        var left = slack
        var own = 0.0
        var best: (cost: Double, taken: [Int])?
        var numbers = Numbers(seed: seed)
        var isWithin = left.allSatisfy { $0 >= 0 }
        for step in 0..<steps {
            if step & 0xfff == 0 {
                if clock.shouldStop() { break }
                clock.count(0x1000 * Self.stepsPerExchange * count)
                // Sums that are kept up to date drift.
                left = slack
                own = 0
                for alternative in taken {
                    own += cost[alternative]
                    for resource in 0..<count { left[resource] -= uses[alternative * count + resource] }
                }
                isWithin = left.allSatisfy { $0 >= 0 }
            }
            let first = numbers.below(layers)
            let from = taken[first]
            let to = alternative(of: first, &numbers)
            // Every other exchange is of two layers, as one makes room for the other.
            let isPair = numbers.next() & 1 == 0
            let second = isPair ? numbers.below(layers) : first
            let secondFrom = taken[second]
            let secondTo = isPair ? alternative(of: second, &numbers) : to
            let hasSecond = isPair && second != first && secondTo != secondFrom
            guard to != from || hasSecond else { continue }
            var change = cost[to] - cost[from]
            if hasSecond { change += cost[secondTo] - cost[secondFrom] }
            var difference = change
            var fits = true
            for resource in 0..<count {
                var use = uses[to * count + resource] - uses[from * count + resource]
                if hasSecond {
                    use += uses[secondTo * count + resource] - uses[secondFrom * count + resource]
                }
                let before = left[resource]
                let after = before - use
                if after < 0 { fits = false }
                difference += penalty[resource] * (max(0, -after) - max(0, -before))
            }
            // The threshold falls with the cube of what is left.
            let rest = 1 - Double(step) / Double(steps)
            guard difference <= threshold * rest * rest * rest else { continue }
            taken[first] = to
            if hasSecond { taken[second] = secondTo }
            own += change
            for resource in 0..<count {
                left[resource] -= uses[to * count + resource] - uses[from * count + resource]
                if hasSecond {
                    left[resource] -=
                        uses[secondTo * count + resource] - uses[secondFrom * count + resource]
                }
            }
            isWithin = fits
            if isWithin, own < best?.cost ?? .infinity { best = (own, taken) }
        }
        return best.map { core.choices(places(of: $0.taken)) }
    }

    private func places(of taken: [Int]) -> [Int] { taken.map { places[$0] } }

    /// A random alternative of a layer, the cheap ones more often.
    private func alternative(of layer: Int, _ numbers: inout Numbers) -> Int {
        let range = firstAlternative[layer]..<firstAlternative[layer + 1]
        let share = numbers.share()
        return range.lowerBound + Int(share * share * Double(range.count))
    }

    /// Numbers that look random: xorshift64 (Marsaglia, Xorshift RNGs, 2003).
    private struct Numbers {
        private var state: UInt64

        init(seed: Int) {
            // Never 0, from which nothing else comes.
            state = 0x9e37_79b9_7f4a_7c15 &* (2 &* UInt64(truncatingIfNeeded: seed) &+ 1)
        }

        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state >> 11
        }

        /// A number from 0 to below 1.
        mutating func share() -> Double { Double(next()) * 0x1p-53 }

        mutating func below(_ count: Int) -> Int { Int(share() * Double(count)) }
    }
}
