import Foundation
import TestSupport
import Testing

@testable import BitAllocation

/// Searches that are ended by what they did, and not by how long that took.
@Suite struct CountedStepsTests {
    /// Layers of many sizes, in four formats, that have to fill several devices.
    private static func problem(seed: Int) throws -> ResourceProblem {
        var generator = SeededGenerator(seed: seed)
        var all = 0.0
        let made = (0..<40).map { _ in
            let size = Double(Int.random(in: 100...1_000, using: &generator))
            let weight = Double.random(in: 0.5...2, using: &generator)
            all += size * 16
            return [(4.0, 1.0), (6, 0.2), (8, 0.03), (16, 0)].flatMap { bits, share in
                (0..<3).map { device in
                    var uses = [0.0, 0, 0]
                    uses[device] = size * bits
                    return ResourceProblem.Option(cost: weight * share, uses: uses)
                }
            }
        }
        let limits = (0..<3).map { _ in all / 3 * Double.random(in: 0.4...0.5, using: &generator) }
        return try ResourceProblem(layers: made, limits: limits.map { $0.rounded() })
    }

    @Test("on a slow machine the same steps give the same plan", arguments: 0..<3)
    func slowMachine(seed: Int) throws {
        let problem = try Self.problem(seed: seed)
        var answers: Set<ResourceAnswer> = []
        for steps in [100_000, 3_000_000, 30_000_000] {
            let clock = StopClock.counting(steps: steps, timeLimit: .seconds(1_000)) { false }
            let fast = ResourceSearch(problem).solve(clock: clock)
            #expect(clock.isLate, "\(steps) steps are fewer than a proof needs")
            let slow = ResourceSearch(problem).solve(
                clock: .counting(steps: steps, timeLimit: .seconds(1_000)) {
                    usleep(200)
                    return false
                }
            )
            #expect(slow == fast, "\(steps) steps")
            answers.insert(fast)
        }
        // More steps find what fewer do not.
        #expect(answers.count > 1)
    }

    @Test("a share ends with its part of the steps, and whoever comes next has the rest")
    func shares() {
        let clock = StopClock.counting(steps: 1_000, timeLimit: .seconds(1_000)) { false }
        let half = clock.share(of: 2)
        half.count(499)
        #expect(!half.isLate)
        half.count(1)
        #expect(half.isLate)
        #expect(!clock.isLate)
        let rest = clock.share(of: 1)
        rest.count(499)
        #expect(!rest.isLate && !clock.isLate)
        rest.count(1)
        #expect(rest.isLate && clock.isLate)
        #expect(clock.share(of: 2).isLate)
    }

    @Test("where steps take far longer than they should, time ends the search all the same")
    func backstop() {
        #expect(StopClock.counting(steps: .max, timeLimit: .zero) { false }.isLate)
        let clock = StopClock.counting(timeLimit: .seconds(2)) { false }
        clock.count(2 * StopClock.stepsPerSecond - 1)
        #expect(!clock.isLate)
        clock.count(1)
        #expect(clock.isLate)
        // Without a meter nothing is counted.
        let timed = StopClock(timeLimit: .seconds(1_000)) { false }
        timed.count(.max)
        #expect(!timed.isLate)
        #expect(StopClock.counting(timeLimit: .seconds(1_000)) { true }.shouldStop())
    }
}
