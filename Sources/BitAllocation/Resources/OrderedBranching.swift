/// The search through the ways to put segments on places, by where each place begins.
///
/// A window of ways has a bound at prices of its own, which is far above that at prices for all ways where the ways differ in what
/// they leave on the places. The window of the least bound is cut in two where the ways of its best mixture part (branch and bound). From
/// the ways of the mixtures, segments are moved from place to place as long as that lowers the bound of the way, and what comes of it is
/// searched as a problem of its own.
struct OrderedBranching {
    /// How much is done for a way.
    enum Effort {
        /// Exchanges, and a small search of what is open.
        case some
        /// Random exchanges as well.
        case more
        /// Random exchanges several times, and every search of what is open.
        case most

        /// What is done, where a way was searched with less effort before or not.
        func steps(isAgain: Bool) -> [ResourceSearch.Step] {
            switch self {
            case .some: [.states(64)]
            case .more: [.exchanges(seed: 0), .states(64)]
            case .most:
                (isAgain ? [] : [.exchanges(seed: 0), .states(64)])
                    + [
                        .states(1_024), .exchanges(seed: 1), .exchanges(seed: 2), .states(8_192),
                        .states(65_536),
                    ]
            }
        }
    }

    /// The most windows that are cut.
    private static let mostCuts = 1_500
    /// The most ways that are searched, and how many of them by random exchanges.
    private static let mostWays = 48
    private static let thoroughWays = 12
    /// The most ways that are looked at around one.
    private static let neighbours = 12
    /// How much lower the bound of a way has to be for a move to it, relative to it.
    private static let gain = 1e-6
    /// How far the bounds of ways may be apart that count as equal, relative to them.
    private static let tie = 1e-7
    /// The part of what is left between the best way's bound and the choice that windows have to promise.
    private static let promise = 0.01
    /// The ways of a mixture that segments are moved from, and the ways of the least bounds that are searched.
    private static let beginnings = 4

    private let relaxation: OrderedRelaxation
    private let enough: Double
    private let clock: StopClock
    private let cost: () -> Double
    private let solve:
        (_ places: [Int], _ bound: Double, _ prices: [Double], _ steps: [ResourceSearch.Step]) -> Double
    /// The bound of every way that was looked at.
    private var bounds: [[Int]: OrderedRelaxation.Answer] = [:]
    /// The bound of every way that was searched, which the search may have raised.
    private var solved: [[Int]: Double] = [:]
    /// The way of the best choice.
    private var bestWay: [Int]?
    /// The ways that were searched with most effort.
    private var searchedWell: Set<[Int]> = []

    /// Creates a search.
    ///
    /// - Parameters:
    ///   - relaxation: The bounds of windows.
    ///   - enough: The gap that is small enough to end with.
    ///   - clock: Ends the search early.
    ///   - cost: What the best choice costs so far.
    ///   - solve: Searches a way and keeps what is better than the best; gives a bound on what the way's choices cost.
    init(
        _ relaxation: OrderedRelaxation,
        closeTo enough: Double,
        clock: StopClock,
        cost: @escaping () -> Double,
        solve:
            @escaping (_ places: [Int], _ bound: Double, _ prices: [Double], _ steps: [ResourceSearch.Step])
            -> Double
    ) {
        self.relaxation = relaxation
        self.enough = enough
        self.clock = clock
        self.cost = cost
        self.solve = solve
    }

    /// Searches until the best choice is proven, or the windows, the ways or the time are spent.
    ///
    /// - Parameters:
    ///   - ceiling: What the choice costs at most.
    ///   - start: Prices that are likely to be near the best.
    /// - Returns: A bound on what any choice costs that is cheaper than the best.
    mutating func run(below ceiling: Double, start: [Double]) -> Double {
        let root = relaxation.bound(relaxation.whole, below: ceiling, start: start, met: [], clock: clock)
        for (met, _) in root.mixture.prefix(Self.beginnings) { descend(from: met.starts, root, ceiling) }
        // Where the way of the least bound is as good as any can be, nothing else is searched.
        if let (starts, _) = leastWay(), let answer = bounds[starts] { search(answer) }
        var hasSearchedBest = false
        var nodes = [root]
        var open = Double.infinity
        var cuts = 0
        while let index = nodes.indices.min(by: { nodes[$0].bound < nodes[$1].bound }) {
            let node = nodes[index]
            let bound = min(open, node.bound)
            if cost() < .infinity, cost() - bound <= enough * cost() { break }
            // No bound rises above that of the best way: what is left between it and the choice is not for windows to close.
            if cost() < .infinity, let (starts, least) = leastWay(),
                least - bound <= Self.promise * (cost() - least)
            {
                guard !searchedWell.contains(starts), let answer = bounds[starts], !clock.shouldStop() else {
                    break
                }
                search(answer, .most)
                continue
            }
            if !hasSearchedBest {
                searchBest()
                hasSearchedBest = true
                continue
            }
            guard cuts < Self.mostCuts, !clock.shouldStop() else { break }
            nodes.remove(at: index)
            cuts += 1
            if node.window.isSingle {
                open = min(open, search(node, .most))
                continue
            }
            if let main = node.mixture.first?.met.starts, bounds[main] == nil,
                let end = descend(from: main, node, ceiling)
            {
                search(end)
            }
            for part in parts(of: node) {
                let below = min(ceiling, cost())
                let answer = relaxation.bound(
                    part,
                    below: below,
                    start: node.prices,
                    met: node.met,
                    clock: clock
                )
                guard answer.bound < cost() * (1 - SumMinimizer.proofTolerance),
                    answer.bound <= ceiling * (1 + 1e-9) + .leastNormalMagnitude
                else { continue }
                if part.isSingle { bounds[part.first] = answer }
                nodes.append(answer)
            }
        }
        searchBest()
        if let bestWay, let answer = bounds[bestWay] { search(answer, .most) }
        return nodes.reduce(min(open, cost())) { min($0, $1.bound) }
    }

    /// Searches the ways of the least bounds.
    private mutating func searchBest() {
        let all = bounds.values.map { (starts: $0.window.first, bound: $0.bound) }
        let tied = leastTied(of: all).sorted { Self.precedes($0, $1) }
        let rest = all.filter { way in !tied.contains { $0.starts == way.starts } }.sorted {
            Self.precedes($0, $1)
        }
        for (starts, _) in (tied + rest).prefix(Self.beginnings) where !clock.shouldStop() {
            if let answer = bounds[starts] { search(answer) }
        }
    }

    /// The way of the least bound of those that were looked at, of equal ones that which leaves most room.
    private func leastWay() -> (starts: [Int], bound: Double)? {
        let all = bounds.map { (starts: $0.key, bound: max($0.value.bound, solved[$0.key] ?? 0)) }
        guard let starts = leastTied(of: all).min(by: { Self.precedes($0, $1) })?.starts else { return nil }
        return all.first { $0.starts == starts }
    }

    /// The ways whose bounds count as the least, each with how crowded it is in place of the bound.
    private func leastTied(of ways: [(starts: [Int], bound: Double)]) -> [(starts: [Int], bound: Double)] {
        let least = ways.reduce(.infinity) { min($0, $1.bound) }
        return ways.filter { $0.bound <= least + Self.tie * least.magnitude }
            .map { ($0.starts, relaxation.crowding($0.starts)) }
    }

    /// The two parts of a window, cut where the ways of its best mixture part.
    private func parts(of node: OrderedRelaxation.Answer) -> [OrderedRelaxation.Window] {
        let window = node.window
        let shares = node.mixture.reduce(0) { $0 + $1.share }
        var widest: (place: Int, spread: Double, cut: Int)?
        for place in window.first.indices where window.first[place] < window.last[place] {
            let mean =
                node.mixture.reduce(0) { $0 + $1.share * Double($1.met.starts[place]) } / max(shares, 1e-300)
            let spread = node.mixture.reduce(0) { total, part in
                let off = Double(part.met.starts[place]) - mean
                return total + part.share * off * off
            }
            // Where the mixture is of one mind, the part that has its start is made narrower from the wider side.
            let tie = spread + 1e-9 * Double(window.last[place] - window.first[place])
            if tie > widest?.spread ?? -1 {
                let cut = min(max(Int(mean.rounded(.down)), window.first[place]), window.last[place] - 1)
                widest = (place, tie, cut)
            }
        }
        guard let widest else { return [] }
        var cut = widest.cut
        let (low, high) = (window.first[widest.place], window.last[widest.place])
        if widest.spread < 1e-6 {
            cut = high - cut > cut - low ? cut : max(low, cut - 1)
        }
        return [
            window.part(widest.place, from: low, to: cut), window.part(widest.place, from: cut + 1, to: high),
        ]
    }

    /// Searches a way as a problem of its own.
    @discardableResult
    private mutating func search(_ answer: OrderedRelaxation.Answer, _ effort: Effort? = nil) -> Double {
        let starts = answer.window.first
        if effort == .most ? searchedWell.contains(starts) : solved[starts] != nil {
            return max(answer.bound, solved[starts] ?? answer.bound)
        }
        // What is known well enough is not asked for again.
        if effort == .most { searchedWell.insert(starts) }
        if let known = solved[starts], known >= cost() * (1 - enough) { return known }
        guard answer.bound < cost() * (1 - enough), solved.count < Self.mostWays else { return answer.bound }
        let before = cost()
        let bound = solve(
            relaxation.way(starts),
            answer.bound,
            answer.prices,
            (effort ?? (solved.count < Self.thoroughWays ? .more : .some)).steps(
                isAgain: solved[starts] != nil
            )
        )
        if cost() < before { bestWay = starts }
        solved[starts] = max(bound, solved[starts] ?? bound)
        return bound
    }

    /// Moves segments from place to place as long as that lowers the bound of the way.
    ///
    /// - Returns: Where it ends; nil where nothing better than the best choice can be there.
    @discardableResult
    private mutating func descend(
        from starts: [Int],
        _ node: OrderedRelaxation.Answer,
        _ ceiling: Double
    ) -> OrderedRelaxation.Answer? {
        var here = bound(starts, node, ceiling)
        guard here.bound < cost() else { return nil }
        while !clock.shouldStop() {
            clock.count(relaxation.stepsPerLook)
            let values = relaxation.values(at: here.prices)
            let near = neighbours(of: here.window.first)
                .map { (starts: $0, bound: values.least($0)) }
                .filter { $0.bound < here.bound * (1 - Self.gain) }
                .sorted { Self.precedes($0, $1) }
            var next: OrderedRelaxation.Answer?
            for (starts, _) in near.prefix(Self.neighbours) {
                let answer = bound(starts, here, here.bound)
                guard answer.bound < here.bound * (1 - Self.gain) else { continue }
                next = answer
                break
            }
            guard let next else { break }
            here = next
        }
        return spread(here)
    }

    /// Moves segments from place to place as long as that leaves more room where there is least, and the bound of the way as it is.
    ///
    /// Where two places are alike, all segments on one of them promise as much as half of them on each. Layers that have to be on another
    /// place than their segment are fewer where the segments leave them room.
    private mutating func spread(_ start: OrderedRelaxation.Answer) -> OrderedRelaxation.Answer {
        var here = start
        let most = start.bound + Self.tie * start.bound.magnitude
        while !clock.shouldStop() {
            clock.count(relaxation.stepsPerLook)
            let values = relaxation.values(at: here.prices)
            let own = relaxation.crowding(here.window.first)
            let near = neighbours(of: here.window.first)
                .map { (starts: $0, bound: relaxation.crowding($0)) }
                .filter { $0.bound < own * (1 - 1e-9) && values.least($0.starts) <= most }
                .sorted { Self.precedes($0, $1) }
            var next: OrderedRelaxation.Answer?
            for (starts, _) in near.prefix(Self.neighbours) {
                let answer = bound(starts, here, most)
                guard answer.bound <= most else { continue }
                next = answer
                break
            }
            guard let next else { break }
            here = next
        }
        return here
    }

    /// The bound of a way.
    private mutating func bound(
        _ starts: [Int],
        _ near: OrderedRelaxation.Answer,
        _ cutoff: Double
    ) -> OrderedRelaxation.Answer {
        if let known = bounds[starts] { return known }
        let answer = relaxation.bound(
            OrderedRelaxation.window(of: starts),
            below: cutoff,
            start: near.prices,
            met: near.met,
            clock: clock
        )
        bounds[starts] = answer
        return answer
    }

    /// The least bound first; of equal ones the way whose places begin earlier.
    private static func precedes(
        _ first: (starts: [Int], bound: Double),
        _ second: (starts: [Int], bound: Double)
    ) -> Bool {
        first.bound != second.bound
            ? first.bound < second.bound : first.starts.lexicographicallyPrecedes(second.starts)
    }

    /// The ways in which one place gives segments to another.
    private func neighbours(of starts: [Int]) -> [[Int]] {
        let places = starts.count
        let end = relaxation.problem.segmentCount
        let counts = starts.indices.map { ($0 + 1 < places ? starts[$0 + 1] : end) - starts[$0] }
        var found: Set<[Int]> = []
        for from in counts.indices {
            for to in counts.indices where to != from {
                var moved = 1
                while moved < 2 * counts[from] {
                    let own = min(moved, counts[from])
                    var next = starts
                    if from < to {
                        for place in (from + 1)...to { next[place] -= own }
                    } else {
                        for place in (to + 1)...from { next[place] += own }
                    }
                    found.insert(next)
                    moved *= 2
                }
            }
        }
        return Array(found)
    }
}
