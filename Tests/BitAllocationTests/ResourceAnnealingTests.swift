import TestSupport
import Testing

@testable import BitAllocation

/// Random exchanges between layers that have to fill several devices.
@Suite struct ResourceAnnealingTests {
    /// Layers of many sizes, in four formats, that have to fill several devices.
    private static func problem(seed: Int, layers: Int, devices: Int) throws -> ResourceProblem {
        var generator = SeededGenerator(seed: seed)
        var all = 0.0
        let made = (0..<layers).map { _ in
            let size = Double(Int.random(in: 100...1_000, using: &generator))
            let weight = Double.random(in: 0.5...2, using: &generator)
            all += size * 16
            return [(4.0, 1.0), (6, 0.2), (8, 0.03), (16, 0)].flatMap { bits, share in
                (0..<devices).map { device in
                    var uses = [Double](repeating: 0, count: devices)
                    uses[device] = size * bits
                    return ResourceProblem.Option(cost: weight * share, uses: uses)
                }
            }
        }
        let limits = (0..<devices).map { _ in
            all / Double(devices) * Double.random(in: 0.4...0.5, using: &generator)
        }
        return try ResourceProblem(layers: made, limits: limits.map { $0.rounded() })
    }

    @Test("random exchanges keep to the limits, cost no less than the bound, and are the same every time")
    func exchanges() throws {
        var found = 0
        for seed in 0..<6 {
            let problem = try Self.problem(seed: seed, layers: 60, devices: 4)
            let clock = StopClock(timeLimit: .seconds(1_000)) { false }
            let relaxation = ResourceRelaxation(problem, ceiling: 1e9, clock: clock) { _ in }
            let exchange = ResourceExchange(problem, prices: relaxation.prices)
            let filled = relaxation.rounded.compactMap { start in
                exchange.repaired(start, clock: clock).map {
                    problem.cost(ofChoices: exchange.filled($0, clock: clock))
                }
            }
            let least = try #require(filled.min())
            let core = ResourceCore(problem, prices: relaxation.prices, reach: least)
            let annealing = ResourceAnnealing(core)
            func annealed() -> [Int]? {
                annealing.choices(steps: 60_000, threshold: (least - relaxation.bound) / 10, clock: clock)
            }
            let choices = annealed()
            #expect(annealed() == choices, "seed \(seed)")
            guard let choices else { continue }
            found += 1
            #expect(problem.admits(choices), "seed \(seed)")
            #expect(problem.cost(ofChoices: choices) >= relaxation.bound * (1 - 1e-9), "seed \(seed)")
        }
        #expect(found > 0)
    }
}
