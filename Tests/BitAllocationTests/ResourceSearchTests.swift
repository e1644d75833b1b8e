import TestSupport
import Testing

@testable import BitAllocation

/// The search within several limits, held against every choice there is.
@Suite struct ResourceSearchTests {
    /// Layers with a few formats on one to three devices, with a floor on speed in half of the cases.
    private static func problem(seed: Int) throws -> ResourceProblem {
        var generator = SeededGenerator(seed: seed)
        let devices = Int.random(in: 1...3, using: &generator)
        let hasFloor = Bool.random(using: &generator)
        let formats = Int.random(in: 1...4, using: &generator)
        // As many layers as leave 3,000 choices at most to look at.
        let most = [12, 8, 7, 5, 4, 4, 4, 3, 3, 3, 3, 3][formats * devices - 1]
        let bandwidths = [1_000.0, 600, 50]
        var layers: [[ResourceProblem.Option]] = []
        for _ in 0..<Int.random(in: 1...most, using: &generator) {
            let size = Double(Int.random(in: 1...1_000, using: &generator))
            let weight = Double.random(in: 0.01...3, using: &generator)
            var options: [ResourceProblem.Option] = []
            var halving = 1.0
            for format in 1...formats {
                halving /= 4
                let isSource = format == formats && Bool.random(using: &generator)
                let cost = isSource ? 0 : weight * halving * Double.random(in: 0.5...1.5, using: &generator)
                for device in 0..<devices {
                    var uses = [Double](repeating: 0, count: devices + (hasFloor ? 1 : 0))
                    uses[device] = size * Double(format)
                    if hasFloor { uses[devices] = size * Double(format) / bandwidths[device] }
                    options.append(.init(cost: cost, uses: uses))
                }
            }
            layers.append(options)
        }
        let all = layers.reduce(0) { $0 + ($1.last?.uses.prefix(devices).max() ?? 0) }
        var limits = (0..<devices).map { _ in (all * Double.random(in: 0...0.8, using: &generator)).rounded()
        }
        if hasFloor { limits.append(all / 1_000 * Double.random(in: 0.3...6, using: &generator)) }
        return try ResourceProblem(layers: layers, limits: limits)
    }

    /// The least cost of any choice within the limits, or nil where there is none.
    private static func least(_ problem: ResourceProblem) -> Double? {
        var best: Double?
        var choices = problem.firstOption.dropLast().map { $0 }
        while true {
            if problem.admits(choices) { best = min(best ?? .infinity, problem.cost(ofChoices: choices)) }
            var layer = 0
            while layer < problem.layerCount {
                choices[layer] += 1
                if choices[layer] < problem.firstOption[layer + 1] { break }
                choices[layer] = problem.firstOption[layer]
                layer += 1
            }
            if layer == problem.layerCount { return best }
        }
    }

    /// Layers of three shapes in two formats on two devices with a floor on speed: the sums repeat, and no mixture that the relaxation
    /// finds is near a choice.
    private static func lattice(seed: Int) throws -> ResourceProblem {
        var generator = SeededGenerator(seed: seed)
        let sizes =
            [Double](repeating: 192, count: 40) + [Double](repeating: 8, count: 24)
            + [Double](repeating: 1, count: 24)
        let bandwidths = [60.0, 1_000]
        let layers = sizes.map { size in
            let weight = Double.random(in: 0.5...2, using: &generator) * size
            return [(17.0, 0.4), (32, 0)].flatMap { bits, loss in
                bandwidths.indices.map { device in
                    var uses = [0.0, 0, size * bits / bandwidths[device]]
                    uses[device] = size * bits
                    return ResourceProblem.Option(cost: weight * loss, uses: uses)
                }
            }
        }
        let all = sizes.reduce(0, +) * 32
        let seconds = 0.6 * all / bandwidths[1] + 0.2 * all / bandwidths[0]
        return try ResourceProblem(layers: layers, limits: [0.9 * all, 0.6 * all, seconds])
    }

    @Test(
        "layers of few shapes are planned to the proven best, as what takes the same is looked at once",
        arguments: 0..<3
    )
    func provesLattices(seed: Int) throws {
        let problem = try Self.lattice(seed: seed)
        guard case .plan(let plan) = ResourceSearch(problem).solve(timeLimit: .seconds(100)) else {
            Issue.record("no plan was found")
            return
        }
        #expect(plan.status == .optimal)
        #expect(problem.admits(plan.choices))
        #expect(problem.cost(ofChoices: plan.choices) == plan.cost)
    }

    @Test(
        "no limit is broken, nothing is called the best that is not, and no plan is missed",
        arguments: 0..<(Thoroughness.isThorough ? 40 : 16)
    )
    func agreesWithExhaustiveSearch(block: Int) throws {
        let count = Thoroughness.isThorough ? 250 : 50
        for seed in (block * count)..<((block + 1) * count) {
            let problem = try Self.problem(seed: seed)
            let least = Self.least(problem)
            switch ResourceSearch(problem).solve() {
            case .plan(let plan):
                #expect(problem.admits(plan.choices), "seed \(seed)")
                let best = try #require(least, "seed \(seed)")
                #expect(plan.bound <= best * (1 + 1e-12), "seed \(seed)")
                #expect(plan.cost >= best * (1 - 1e-12), "seed \(seed)")
                #expect(plan.status == .optimal, "seed \(seed)")
                #expect(plan.cost <= best * (1 + 2e-9), "seed \(seed)")
            case .infeasible: #expect(least == nil, "seed \(seed)")
            case .unknown: Issue.record("nothing was found out of seed \(seed)")
            }
        }
    }

    @Test("a mixture of experts on two devices with a floor on speed is planned close to its bound")
    func largeModel() throws {
        var generator = SeededGenerator(seed: 7)
        let bits = [2.1, 2.6, 3.4, 4.5, 5.5, 6.56, 8.5, 16]
        var total = 0.0
        var layers: [[ResourceProblem.Option]] = []
        for _ in 0..<600 {
            let elements = 768.0 * 2_048 * Double(Int.random(in: 1...64, using: &generator))
            let weight = Double.random(in: 0.1...7, using: &generator)
            total += elements / 8 * 4.5
            layers.append(
                bits.flatMap { bits -> [ResourceProblem.Option] in
                    (0..<2).map { device -> ResourceProblem.Option in
                        let bytes = (elements * bits / 8).rounded()
                        let cost = bits == 16 ? 0 : weight * (-2 * bits).exponential
                        let seconds = bytes / [936e9, 60e9][device]
                        return .init(
                            cost: cost,
                            uses: [device == 0 ? bytes : 0, device == 1 ? bytes : 0, seconds]
                        )
                    }
                }
            )
        }
        let problem = try ResourceProblem(layers: layers, limits: [total * 0.8, total, total * 1.1 / 200e9])
        guard case .plan(let plan) = ResourceSearch(problem).solve(timeLimit: .seconds(5)) else {
            Issue.record("no plan was found")
            return
        }
        #expect(problem.admits(plan.choices))
        #expect(plan.gap < 0.01)
    }

    @Test("problems that make no sense are refused")
    func refuses() {
        #expect(throws: AllocationError.invalidProblem("there are no layers, or no limits")) {
            try ResourceProblem(layers: [], limits: [1])
        }
        #expect(throws: AllocationError.invalidProblem("layer 0 has no options")) {
            try ResourceProblem(layers: [[]], limits: [1])
        }
        #expect(throws: AllocationError.invalidProblem("an option of layer 0 has not one figure per limit")) {
            try ResourceProblem(layers: [[.init(cost: 1, uses: [1, 2])]], limits: [1])
        }
        for wrong in [-1, Double.nan, .infinity] {
            #expect(
                throws: AllocationError.invalidProblem(
                    "a figure of layer 0 is negative, not finite, or too large"
                )
            ) {
                try ResourceProblem(layers: [[.init(cost: wrong, uses: [1])]], limits: [1])
            }
            #expect(throws: AllocationError.invalidProblem("a limit is negative or not a finite number")) {
                try ResourceProblem(layers: [[.init(cost: 1, uses: [1])]], limits: [wrong])
            }
        }
    }
}

extension Double {
    /// Two to the power of the number.
    fileprivate var exponential: Double { sign == .minus ? 1 / (-self).power : power }

    private var power: Double {
        var result = 1.0
        for _ in 0..<Int(self) { result *= 2 }
        return result * (1 + (self - self.rounded(.down)))
    }
}
