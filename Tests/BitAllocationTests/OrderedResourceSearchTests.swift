import TestSupport
import Testing

@testable import BitAllocation

/// The search with segments in a row, held against every choice on every place.
@Suite struct OrderedResourceSearchTests {
    /// Blocks with a cache and a bound layer or two, and free layers, on one to three devices, with a floor on speed in half of
    /// the cases, and in half of them with room on the second device for the largest layer on the first.
    private static func problem(seed: Int) throws -> OrderedResourceProblem {
        var generator = SeededGenerator(seed: seed)
        let devices = Int.random(in: 1...3, using: &generator)
        let hasFloor = Bool.random(using: &generator)
        let formats = Int.random(in: 1...3, using: &generator)
        let bandwidths = [1_000.0, 600, 50]
        let hasPeak = devices > 1 && seed.isMultiple(of: 2)
        var all = 0.0
        func option(_ size: Double, _ cost: Double, on device: Int) -> ResourceProblem.Option {
            var uses = [Double](repeating: 0, count: devices + (hasFloor ? 1 : 0))
            uses[device] = size
            if hasFloor { uses[devices] = size / bandwidths[device] }
            return .init(cost: cost, uses: uses, peak: hasPeak && device == 0 ? size : 0)
        }
        /// The formats of a layer on each of some devices.
        func layer(_ size: Double, _ weight: Double, _ noise: [Double], on devices: [Int]) -> [ResourceProblem
            .Option]
        {
            (1...formats).flatMap { format in
                devices.map { device in
                    option(
                        size * Double(format),
                        weight * noise[format - 1] / Double(format * format),
                        on: device
                    )
                }
            }
        }
        func noise() -> [Double] {
            (0..<formats).map { _ in Double.random(in: 0.5...1.5, using: &generator) }
        }
        var free: [[ResourceProblem.Option]] = []
        for _ in 0..<Int.random(in: 0...2, using: &generator) {
            let size = Double(Int.random(in: 1...1_000, using: &generator))
            all += size * Double(formats)
            free.append(
                layer(size, Double.random(in: 0.01...3, using: &generator), noise(), on: Array(0..<devices))
            )
        }
        var segments: [[OrderedResourceProblem.Place]] = []
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let cache = Double(Int.random(in: 0...300, using: &generator))
            let bound = (0..<Int.random(in: free.isEmpty ? 1...2 : 0...2, using: &generator)).map { _ in
                (
                    Double(Int.random(in: 1...1_000, using: &generator)),
                    Double.random(in: 0.01...3, using: &generator), noise()
                )
            }
            all += cache + bound.reduce(0) { $0 + $1.0 * Double(formats) }
            segments.append(
                (0..<devices).map { device in
                    .init(
                        cost: 0,
                        uses: option(cache, 0, on: device).uses,
                        peak: hasPeak && device == 0 ? cache / 2 : 0,
                        layers: bound.map { layer($0.0, $0.1, $0.2, on: [device]) },
                        isOpen: seed % 5 > 0 || device > 0 || segments.isEmpty
                    )
                }
            )
        }
        var limits = (0..<devices).map { _ in (all * Double.random(in: 0...0.8, using: &generator)).rounded()
        }
        if hasFloor { limits.append(all / 1_000 * Double.random(in: 0.3...6, using: &generator)) }
        return try OrderedResourceProblem(
            free: free,
            segments: segments,
            limits: limits,
            peakResource: hasPeak ? 1 : nil
        )
    }

    /// The least cost of any choice on any places in order, or nil where there is none.
    private static func least(_ problem: OrderedResourceProblem) -> Double? {
        var best: Double?
        var places = [Int](repeating: 0, count: problem.segmentCount)
        while true {
            if zip(places, places.dropFirst()).allSatisfy({ $0 <= $1 }),
                zip(problem.segments, places).allSatisfy({ $0[$1].isOpen })
            {
                best = [best, least(problem, places)].compactMap(\.self).min()
            }
            var segment = 0
            while segment < places.count {
                places[segment] += 1
                if places[segment] < problem.placeCount { break }
                places[segment] = 0
                segment += 1
            }
            if segment == places.count { return best }
        }
    }

    private static func least(_ problem: OrderedResourceProblem, _ places: [Int]) -> Double? {
        let parts = [problem.free] + zip(problem.segments, places).map { $0[$1].layers }
        let layers = parts.flatMap { part in
            (0..<part.layerCount).map { layer in
                part.options(ofLayer: layer).map { option in
                    (
                        part.cost[option],
                        problem.limits.indices.map { part.uses[option * problem.limits.count + $0] },
                        part.peaks[option]
                    )
                }
            }
        }
        var start = [Double](repeating: 0, count: problem.limits.count)
        for (segment, place) in zip(problem.segments, places) {
            for resource in start.indices { start[resource] += segment[place].uses[resource] }
        }
        var best: Double?
        func search(_ layer: Int, _ cost: Double, _ uses: [Double], _ peak: Double) {
            var limits = problem.limits
            if let resource = problem.peakResource { limits[resource] -= peak }
            guard zip(uses, limits).allSatisfy({ $0 <= $1 * (1 + 1e-15) }) else { return }
            guard layer < layers.count else {
                best = min(best ?? .infinity, cost)
                return
            }
            for (own, more, height) in layers[layer] {
                search(layer + 1, cost + own, zip(uses, more).map { $0 + $1 }, max(peak, height))
            }
        }
        search(
            0,
            zip(problem.segments, places).reduce(0) { $0 + $1.0[$1.1].cost },
            start,
            zip(problem.segments, places).reduce(0) { max($0, $1.0[$1.1].peak) }
        )
        return best
    }

    @Test(
        "no device holds more than it has, no segment is before the one in front, and the best is found",
        arguments: 0..<40
    )
    func agreesWithExhaustiveSearch(block: Int) throws {
        let count = Thoroughness.isThorough ? 250 : 8
        for seed in (block * count)..<((block + 1) * count) {
            let problem = try Self.problem(seed: seed)
            let least = Self.least(problem)
            switch OrderedResourceSearch(problem).solve() {
            case .plan(let plan):
                let best = try #require(least, "seed \(seed)")
                #expect(zip(plan.places, plan.places.dropFirst()).allSatisfy { $0 <= $1 }, "seed \(seed)")
                #expect(plan.status == .optimal, "seed \(seed)")
                #expect(plan.bound <= best * (1 + 1e-12), "seed \(seed)")
                #expect(abs(plan.cost - best) <= best * 2e-9, "seed \(seed)")
                // The choice is what it says it is.
                var uses = [Double](repeating: 0, count: problem.limits.count)
                var cost = 0.0
                var peak = 0.0
                let parts = [problem.free] + zip(problem.segments, plan.places).map { $0[$1].layers }
                for (part, choices) in zip(parts, [plan.freeChoices] + plan.segmentChoices) {
                    let options = choices.enumerated().map { part.firstOption[$0.0] + $0.1 }
                    cost += part.cost(ofChoices: options)
                    peak = options.reduce(peak) { max($0, part.peaks[$1]) }
                    for (resource, use) in part.uses(ofChoices: options).enumerated() {
                        uses[resource] += use
                    }
                }
                for (segment, place) in zip(problem.segments, plan.places) {
                    cost += segment[place].cost
                    peak = max(peak, segment[place].peak)
                    #expect(segment[place].isOpen, "seed \(seed)")
                    for resource in uses.indices { uses[resource] += segment[place].uses[resource] }
                }
                if let resource = problem.peakResource { uses[resource] += peak }
                #expect(abs(cost - plan.cost) <= 1e-12 * max(cost, 1), "seed \(seed)")
                #expect(zip(uses, problem.limits).allSatisfy { $0 <= $1 * (1 + 1e-12) }, "seed \(seed)")
            case .infeasible: #expect(least == nil, "seed \(seed)")
            case .unknown: Issue.record("nothing was found out of seed \(seed)")
            }
        }
    }

    @Test("prices alone rule out only what has no choice within the limits, and most of that")
    func rulesOut() throws {
        var ruledOut = 0
        var impossible = 0
        for seed in 0..<400 {
            let problem = try Self.problem(seed: seed)
            let least = Self.least(problem)
            let search = OrderedResourceSearch(problem)
            let clock = StopClock(timeLimit: .seconds(60)) { false }
            let bound = search.leastCost(clock: clock)
            #expect(bound <= (least ?? .infinity) * (1 + 1e-9), "seed \(seed)")
            let isPossible = least != nil
            let isRuledOut = search.isRuledOut(clock: clock)
            impossible += isPossible ? 0 : 1
            ruledOut += isRuledOut ? 1 : 0
        }
        #expect(ruledOut > impossible / 2)
        #expect(ruledOut < 400)
    }

    @Test("ways to place segments come with the least first, each once", arguments: 0..<20)
    func listsWays(seed: Int) {
        var generator = SeededGenerator(seed: seed)
        let places = Int.random(in: 1...4, using: &generator)
        let values = (0..<Int.random(in: 0...5, using: &generator)).map { _ in
            (0..<places).map { _ in Double(Int.random(in: -9...9, using: &generator)) }
        }
        var ways = OrderedPlaces(values)
        var found: [[Int]] = []
        var last = -Double.infinity
        while let way = ways.next() {
            #expect(way.cost >= last)
            last = way.cost
            var cost = 0.0
            for (segment, place) in zip(values, way.places) { cost += segment[place] }
            #expect(way.cost == cost)
            #expect(zip(way.places, way.places.dropFirst()).allSatisfy { $0 <= $1 })
            found.append(way.places)
        }
        // Combinations with repetition.
        var expected = 1
        for step in 0..<values.count { expected = expected * (places + step) / (step + 1) }
        #expect(found.count == expected)
        #expect(Set(found).count == found.count)
    }

    @Test("segments and layers that make no sense are refused")
    func refuses() {
        let option = ResourceProblem.Option(cost: 1, uses: [1])
        #expect(throws: AllocationError.invalidProblem("there are no layers")) {
            try OrderedResourceProblem(free: [], segments: [], limits: [1])
        }
        #expect(throws: AllocationError.invalidProblem("there are no limits")) {
            try OrderedResourceProblem(free: [[option]], segments: [], limits: [])
        }
        #expect(
            throws: AllocationError.invalidProblem(
                "a figure of segment 0 is negative, not finite, or missing"
            )
        ) {
            try OrderedResourceProblem(free: [[option]], segments: [[.init(uses: [-1])]], limits: [1])
        }
        #expect(
            throws: AllocationError.invalidProblem(
                "segment 0 has not the same places, or not the same layers on each"
            )
        ) {
            try OrderedResourceProblem(
                free: [],
                segments: [[.init(uses: [0], layers: [[option]]), .init(uses: [0])]],
                limits: [1]
            )
        }
        let high = ResourceProblem.Option(cost: 1, uses: [1], peak: 2)
        #expect(throws: AllocationError.invalidProblem("no resource gives room to the largest peak")) {
            try OrderedResourceProblem(free: [[high]], segments: [], limits: [1])
        }
        #expect(throws: AllocationError.invalidProblem("no resource gives room to the largest peak")) {
            try OrderedResourceProblem(free: [[high]], segments: [], limits: [1], peakResource: 1)
        }
        #expect(
            throws: AllocationError.invalidProblem("an option has a peak, and no resource gives room to it")
        ) { try ResourceProblem(layers: [[high]], limits: [1]) }
    }
}
