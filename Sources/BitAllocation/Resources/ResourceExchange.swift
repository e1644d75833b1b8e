/// Single exchanges that bring a choice within its limits, and that then make it cheaper.
struct ResourceExchange {
    private let problem: ResourceProblem
    private let prices: [Double]

    init(_ problem: ResourceProblem, prices: [Double]) {
        self.problem = problem
        self.prices = prices
    }

    /// The choice after the exchanges that take most of what is too much for the least price; nil where none helps any more.
    func repaired(_ start: [Int], clock: StopClock) -> [Int]? {
        var choices = start
        var uses = problem.uses(ofChoices: choices)
        let count = problem.resourceCount
        for _ in 0..<20_000 {
            if problem.admits(choices) { return choices }
            guard !clock.shouldStop() else { return nil }
            clock.count(problem.stepsPerPass)
            let excess = excess(of: uses)
            var move: (layer: Int, option: Int, price: Double)?
            for layer in 0..<problem.layerCount {
                let own = choices[layer]
                for option in problem.options(ofLayer: layer) where option != own {
                    var after = 0.0
                    var priced = problem.cost[option] - problem.cost[own]
                    for resource in 0..<count {
                        let change =
                            problem.uses[option * count + resource] - problem.uses[own * count + resource]
                        priced += prices[resource] * change
                        after += Self.excess(uses[resource] + change, problem.limits[resource])
                    }
                    let gain = excess - after
                    guard gain > 0 else { continue }
                    // What is gained beyond nothing too much is not gained.
                    let price = (max(0, priced) + 1e-300) / gain
                    if price < move?.price ?? .infinity { move = (layer, option, price) }
                }
            }
            guard let move else { return nil }
            apply(move.layer, move.option, to: &choices, &uses)
        }
        return nil
    }

    /// The choice after every exchange that makes it cheaper within the limits, the most saving first: of one layer, and where
    /// none is left, of two.
    func filled(_ start: [Int], clock: StopClock) -> [Int] {
        var choices = start
        var uses = problem.uses(ofChoices: choices)
        for _ in 0..<5_000 where !clock.shouldStop() {
            clock.count(problem.stepsPerPass)
            if let move = single(choices, uses) {
                apply(move.layer, move.option, to: &choices, &uses)
                continue
            }
            clock.count(problem.stepsPerPass + Self.pairedMoves * Self.pairedMoves)
            guard let (first, second) = pair(choices, uses) else {
                break
            }
            apply(first.layer, first.option, to: &choices, &uses)
            apply(second.layer, second.option, to: &choices, &uses)
        }
        return problem.admits(choices) ? choices : start
    }

    /// An option that a layer might take instead of its own.
    private struct Move {
        let layer: Int
        let option: Int
        /// What it costs more.
        let cost: Double
        /// What it costs more at the prices.
        let priced: Double
    }

    /// The exchange of one layer that saves most.
    private func single(_ choices: [Int], _ uses: [Double]) -> Move? {
        var best: Move?
        for layer in 0..<problem.layerCount {
            let own = choices[layer]
            for option in problem.options(ofLayer: layer) {
                let cost = problem.cost[option] - problem.cost[own]
                if cost < best?.cost ?? 0, fits(option, insteadOf: own, uses) {
                    best = Move(layer: layer, option: option, cost: cost, priced: 0)
                }
            }
        }
        return best
    }

    /// The exchange of two layers that saves most, of those that cost least at the prices.
    private func pair(_ choices: [Int], _ uses: [Double]) -> (Move, Move)? {
        let count = problem.resourceCount
        var moves: [Move] = []
        var dearest = Double.infinity
        for layer in 0..<problem.layerCount {
            let own = choices[layer]
            for option in problem.options(ofLayer: layer) where option != own {
                let cost = problem.cost[option] - problem.cost[own]
                var priced = cost
                for resource in 0..<count {
                    priced +=
                        prices[resource]
                        * (problem.uses[option * count + resource] - problem.uses[own * count + resource])
                }
                guard priced <= dearest else { continue }
                moves.append(Move(layer: layer, option: option, cost: cost, priced: priced))
                // The dearer half goes whenever there are too many, which is far cheaper than sorting all at the end.
                if moves.count >= 2 * Self.pairedMoves {
                    Self.keepCheapest(&moves)
                    dearest = moves.last?.priced ?? dearest
                }
            }
        }
        Self.keepCheapest(&moves)
        let changes = moves.map { move in
            (0..<count).map {
                problem.uses[move.option * count + $0] - problem.uses[choices[move.layer] * count + $0]
            }
        }
        let room = zip(problem.limits, uses).map { $0 - $1 }
        var best: (Int, Int)?
        var least = 0.0
        for first in moves.indices {
            for second in moves.indices.dropFirst(first + 1)
            where moves[first].cost + moves[second].cost < least && moves[first].layer != moves[second].layer
            {
                let fits = (0..<count).allSatisfy { changes[first][$0] + changes[second][$0] <= room[$0] }
                guard fits else { continue }
                least = moves[first].cost + moves[second].cost
                best = (first, second)
            }
        }
        return best.map { (moves[$0], moves[$1]) }
    }

    private static func keepCheapest(_ moves: inout [Move]) {
        moves.sort { ($0.priced, $0.option) < ($1.priced, $1.option) }
        moves.removeLast(max(0, moves.count - pairedMoves))
    }

    /// The most exchanges of which pairs are tried.
    private static let pairedMoves = 400

    private func fits(_ option: Int, insteadOf own: Int, _ uses: [Double]) -> Bool {
        let count = problem.resourceCount
        for resource in 0..<count {
            let change = problem.uses[option * count + resource] - problem.uses[own * count + resource]
            if change > 0, uses[resource] + change > problem.limits[resource] { return false }
        }
        return true
    }

    private func apply(_ layer: Int, _ option: Int, to choices: inout [Int], _ uses: inout [Double]) {
        let count = problem.resourceCount
        for resource in 0..<count {
            uses[resource] +=
                problem.uses[option * count + resource] - problem.uses[choices[layer] * count + resource]
        }
        choices[layer] = option
    }

    private func excess(of uses: [Double]) -> Double {
        zip(uses, problem.limits).reduce(0) { $0 + Self.excess($1.0, $1.1) }
    }

    /// How far beyond its limit a use is, as a share of the limit.
    private static func excess(_ use: Double, _ limit: Double) -> Double {
        max(0, use - limit) / max(limit, 1e-300)
    }
}
