import TestSupport
import Testing

@testable import BitAllocation

/// The search through the ways by where places begin.
@Suite struct OrderedBranchingTests {
    /// Blocks of unlike weights that have to fill devices of unlike size, with a floor on speed: each has a cache, and two layers of its
    /// own; one more may be anywhere.
    ///
    /// Devices that are alike have the same size and the same speed.
    private static func problem(seed: Int, blocks: Int, devices: Int, areAlike: Bool = false) throws
        -> OrderedResourceProblem
    {
        var generator = SeededGenerator(seed: seed)
        let formats: [(bits: Double, share: Double)] = [(2, 1), (4, 0.1), (8, 0.004), (16, 0)]
        var all = 0.0
        func layer(_ size: Double, _ weight: Double, on devices: [Int], of count: Int)
            -> [ResourceProblem.Option]
        {
            formats.flatMap { format in
                devices.map { device in
                    var uses = [Double](repeating: 0, count: count + 1)
                    uses[device] = size * format.bits
                    uses[count] = size * format.bits / (areAlike ? 1 : Double(1 + 3 * device))
                    return .init(cost: weight * format.share, uses: uses)
                }
            }
        }
        func size() -> Double { Double(Int.random(in: 50...500, using: &generator)) }
        func weight() -> Double { Double.random(in: 0.05...3, using: &generator) }
        var free: [[ResourceProblem.Option]] = []
        var segments: [[OrderedResourceProblem.Place]] = []
        for _ in 0..<blocks {
            let own = (0..<3).map { _ in (size: size(), weight: weight()) }
            let cache = 4 * size()
            all += cache + own.reduce(0) { $0 + 6 * $1.size }
            free.append(layer(own[0].size, own[0].weight, on: Array(0..<devices), of: devices))
            segments.append(
                (0..<devices).map { device in
                    var uses = [Double](repeating: 0, count: devices + 1)
                    uses[device] = cache
                    return .init(
                        uses: uses,
                        layers: own.dropFirst().map { layer($0.size, $0.weight, on: [device], of: devices) }
                    )
                }
            )
        }
        let shares = (0..<devices).map { _ in areAlike ? 1 : Double.random(in: 0.5...1.5, using: &generator) }
        let whole = shares.reduce(0, +)
        var limits = shares.map { (all * $0 / whole).rounded() }
        limits.append(all * Double.random(in: 0.3...0.5, using: &generator))
        return try OrderedResourceProblem(free: free, segments: segments, limits: limits)
    }

    /// What a plan takes and costs, worked out from its choices alone.
    private static func measured(_ plan: OrderedResourcePlan, of problem: OrderedResourceProblem)
        -> (cost: Double, uses: [Double])
    {
        var cost = 0.0
        var uses = [Double](repeating: 0, count: problem.limits.count)
        let parts = [problem.free] + zip(problem.segments, plan.places).map { $0[$1].layers }
        for (part, choices) in zip(parts, [plan.freeChoices] + plan.segmentChoices) {
            let options = choices.enumerated().map { part.firstOption[$0.0] + $0.1 }
            cost += part.cost(ofChoices: options)
            for (resource, use) in part.uses(ofChoices: options).enumerated() { uses[resource] += use }
        }
        for (segment, place) in zip(problem.segments, plan.places) {
            cost += segment[place].cost
            for resource in uses.indices { uses[resource] += segment[place].uses[resource] }
        }
        return (cost, uses)
    }

    private static func plan(_ problem: OrderedResourceProblem, branches: Bool) -> OrderedResourcePlan? {
        let search = OrderedResourceSearch(problem, branches: branches)
        guard case .plan(let plan) = search.solve(timeLimit: .seconds(1_000)) else { return nil }
        return plan
    }

    @Test(
        "no window's bound is above a way within it, and the ways of its mixture are within it",
        arguments: 0..<12
    )
    func boundsWindows(seed: Int) throws {
        let (blocks, devices) = (6, 2 + seed % 3)
        let problem = try Self.problem(seed: seed, blocks: blocks, devices: devices)
        let relaxation = OrderedRelaxation(problem)
        let clock = StopClock(timeLimit: .seconds(1_000)) { false }
        let ceiling = OrderedResourceSearch(problem).dearest
        func bound(_ window: OrderedRelaxation.Window) -> OrderedRelaxation.Answer {
            relaxation.bound(window, below: ceiling, start: nil, met: [], clock: clock)
        }
        var ways: [[Int]] = [[0]]
        for _ in 1..<devices { ways = ways.flatMap { way in ((way.last ?? 0)...blocks).map { way + [$0] } } }
        let single = ways.map { bound(OrderedRelaxation.window(of: $0)).bound }
        for (way, least) in zip(ways, single) {
            // A way's own bound is that of the problem that is left where every segment has its place.
            guard let own = problem.problem(placing: relaxation.way(way)) else { continue }
            let relaxed = ResourceRelaxation(own, ceiling: ceiling, clock: clock) { _ in }
            guard relaxed.bound <= ceiling, least <= ceiling else { continue }
            #expect(abs(relaxed.bound - least) <= 1e-3 * max(relaxed.bound, 1e-6))
        }
        var window = relaxation.whole
        var generator = SeededGenerator(seed: seed)
        while !window.isSingle {
            let answer = bound(window)
            let within = zip(ways, single).filter { way, _ in
                way.indices.allSatisfy { window.first[$0]...window.last[$0] ~= way[$0] }
            }
            #expect(!within.isEmpty)
            let least = within.map(\.1).min() ?? 0
            #expect(answer.bound <= least * (1 + 1e-6) || least > ceiling)
            for (met, _) in answer.mixture {
                #expect(within.contains { $0.0 == met.starts })
            }
            let places = window.first.indices.filter { window.first[$0] < window.last[$0] }
            let place = try #require(places.randomElement(using: &generator))
            let cut = Int.random(in: window.first[place]..<window.last[place], using: &generator)
            window =
                Bool.random(using: &generator)
                ? window.part(place, from: window.first[place], to: cut)
                : window.part(place, from: cut + 1, to: window.last[place])
        }
    }

    @Test(
        "places that are alike share the segments, and the way of the least bound has all effort before any other",
        arguments: 0..<8
    )
    func beginsWithTheBestWay(seed: Int) throws {
        let devices = 2 + seed % 2
        let problem = try Self.problem(seed: seed, blocks: 12, devices: devices, areAlike: true)
        let clock = StopClock(timeLimit: .seconds(1_000)) { false }
        let search = OrderedResourceSearch(problem)
        var calls: [(places: [Int], steps: [ResourceSearch.Step])] = []
        var cost = Double.infinity
        var branching = OrderedBranching(
            OrderedRelaxation(problem),
            closeTo: 1e-9,
            clock: clock,
            cost: { cost }
        ) { places, least, _, steps in
            calls.append((places, steps))
            cost = min(cost, least * 1.01)
            return least
        }
        _ = branching.run(below: search.dearest, start: search.prices(clock: clock).prices)
        try #require(calls.count > 1)
        #expect(calls[0].places == calls[1].places)
        #expect(calls[0].steps == [.exchanges(seed: 0), .states(64)])
        // What was done is not done again.
        #expect(Set(calls[0].steps).isDisjoint(with: calls[1].steps))
        #expect(calls[1].steps.last == .states(65_536))
        let caches = (0..<devices).map { device in
            zip(problem.segments, calls[0].places).reduce(0) {
                $0 + ($1.1 == device ? $1.0[device].uses[device] : 0)
            }
        }
        #expect((caches.max() ?? 0) <= 1.5 / Double(devices) * caches.reduce(0, +))
    }

    @Test(
        "branching is never worse than one way after the other, and the same every time",
        arguments: 0..<4
    )
    func isNoWorse(seed: Int) throws {
        let problem = try Self.problem(seed: seed, blocks: 7, devices: 3)
        let plan = try #require(Self.plan(problem, branches: true))
        #expect(Self.plan(problem, branches: true) == plan)
        let (cost, uses) = Self.measured(plan, of: problem)
        #expect(abs(cost - plan.cost) <= 1e-12 * max(cost, 1))
        #expect(zip(uses, problem.limits).allSatisfy { $0 <= $1 * (1 + 1e-12) })
        #expect(zip(plan.places, plan.places.dropFirst()).allSatisfy { $0 <= $1 })
        let other = try #require(Self.plan(problem, branches: false))
        #expect(plan.cost <= other.cost * (1 + 1e-9))
        #expect(plan.bound <= other.cost * (1 + 1e-9))
        #expect(other.bound <= plan.cost * (1 + 1e-9))
        #expect(plan.gap <= other.gap + 1e-6)
    }
}
