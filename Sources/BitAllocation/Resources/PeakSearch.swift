/// The search for the least cost where one resource gives room, once, to the largest peak of what is chosen.
///
/// Allowed up to one size, peaks are no more: the options beyond it are left out, and the room for it comes off the resource's
/// limit. Sizes are taken together in ranges at first, with the options of the largest and the room of the smallest, which bounds
/// every size between; a range that may hold something better is halved, the one with the least bound first, and a single size is
/// searched as a problem of its own.
struct PeakSearch {
    /// Sizes, by their places among the peaks, and a bound on what a choice with such a peak costs.
    private struct Range {
        let lowest: Int
        let highest: Int
        let search: OrderedResourceSearch
        let prices: PriceSearch

        var bound: Double { max(0, prices.bound) }
        var isSingle: Bool { lowest == highest }
    }

    private let problem: OrderedResourceProblem
    private let method: AllocationMethod
    private let peaks: [Double]

    init(_ problem: OrderedResourceProblem, method: AllocationMethod) {
        self.problem = problem
        self.method = method
        peaks = problem.peaks
    }

    /// What any choice costs at least, as far as the bound of all sizes together tells; infinite where none keeps to the limits.
    func leastCost(clock: StopClock) -> Double {
        range(0, peaks.count - 1, below: .infinity, start: nil, clock)?.bound ?? .infinity
    }

    /// Searches until the best choice is proven, or as close as is enough for a large problem, or the clock says stop.
    func solve(clock: StopClock) -> OrderedResourceAnswer {
        var best: (plan: OrderedResourcePlan, most: Double)?
        // The least bound of the sizes that were searched without an end.
        var open = Double.infinity
        var effort = 0
        var ranges = [range(0, peaks.count - 1, below: .infinity, start: nil, clock)].compactMap(\.self)
        /// The prices that bound all sizes together.
        let prices = ranges.first?.prices.prices
        func bestCost() -> Double { best?.plan.cost ?? .infinity }
        func bound() -> Double { ranges.reduce(min(open, bestCost())) { min($0, $1.bound) } }
        func isWithin(_ gap: Double) -> Bool { best != nil && bestCost() - bound() <= gap * bestCost() }
        while let next = ranges.indices.min(by: { Self.precedes(ranges[$0], ranges[$1]) }),
            !isWithin(SumMinimizer.proofTolerance)
        {
            let range = ranges[next]
            if range.search.isLarge(after: effort), isWithin(OrderedResourceSearch.closeGap) { break }
            guard !clock.shouldStop() else { break }
            ranges.remove(at: next)
            guard range.bound < bestCost() * (1 - SumMinimizer.proofTolerance) else { continue }
            guard range.isSingle else {
                let middle = (range.lowest + range.highest) / 2
                for (lowest, highest) in [(range.lowest, middle), (middle + 1, range.highest)] {
                    let part = self.range(
                        lowest,
                        highest,
                        below: bestCost(),
                        start: range.prices.prices,
                        clock
                    )
                    if let part { ranges.append(part) }
                }
                continue
            }
            // No size takes the time of all the others.
            let (plan, least) = range.search.solve(
                below: bestCost(),
                at: range.prices,
                effort: &effort,
                clock: ranges.isEmpty ? clock : clock.share(of: 2)
            )
            open = min(open, max(range.bound, least))
            if let plan, plan.cost < bestCost() { best = (plan, peaks[range.highest]) }
        }
        guard let best else { return open == .infinity && ranges.isEmpty ? .infeasible : .unknown }
        let isProven = isWithin(SumMinimizer.proofTolerance)
        return .plan(
            OrderedResourcePlan(
                places: best.plan.places,
                freeChoices: numbers(best.plan.freeChoices, in: problem.free, best.most),
                segmentChoices: zip(problem.segments, zip(best.plan.places, best.plan.segmentChoices)).map {
                    numbers($1.1, in: $0[$1.0].layers, best.most)
                },
                cost: best.plan.cost,
                bound: bound(),
                prices: prices ?? best.plan.prices,
                status: isProven ? .optimal : .feasible,
                solver: best.plan.solver,
                ending: isProven
                    ? .proven
                    : method == .greedy
                        ? .greedyOnly : clock.isStopped ? .stopped : clock.isLate ? .timeLimit : .stateLimit
            )
        )
    }

    /// Sizes with their bound; nil where no choice with such a peak costs less than `cutoff`.
    private func range(
        _ lowest: Int,
        _ highest: Int,
        below cutoff: Double,
        start: [Double]?,
        _ clock: StopClock
    ) -> Range? {
        guard let own = problem.problem(peaksUpTo: peaks[highest], room: peaks[lowest]) else { return nil }
        let search = OrderedResourceSearch(own, method: method)
        let prices = search.prices(below: cutoff, start: start, clock: clock)
        guard prices.bound <= min(search.dearest, cutoff) * (1 + 1e-9) + .leastNormalMagnitude else {
            return nil
        }
        return Range(lowest: lowest, highest: highest, search: search, prices: prices)
    }

    /// The least bound first; of equal ones the larger peaks, which leave more to choose from.
    private static func precedes(_ first: Range, _ second: Range) -> Bool {
        first.bound != second.bound ? first.bound < second.bound : first.highest > second.highest
    }

    private func numbers(_ choices: [Int], in part: ResourceProblem, _ most: Double) -> [Int] {
        choices.enumerated().map {
            OrderedResourceProblem.number($0.element, ofLayer: $0.offset, in: part, peaksUpTo: most)
        }
    }
}
