import IntegerProgramming

/// The part of a problem with two budgets that is still open, as differences from the plan that the prices choose.
struct TwoBudgetCore {
    struct Alternative {
        var bytes: Int
        var second: Double
        var cost: Double
        /// Cost and both budgets at their prices; zero for the base.
        var reducedCost: Double
        var options: [Int]
    }

    /// The alternatives per open unit, the base first; units with the cheapest alternative first.
    private(set) var open: [[Alternative]] = []
    /// The open units.
    private(set) var units: [Int] = []
    let prices: TwoPrices
    /// The bytes that the base plan leaves, perhaps negative.
    private(set) var slackBytes: Int
    /// What the base plan leaves of the second budget, perhaps negative.
    private(set) var slackSecond: Double
    /// The cost of the base plan.
    private(set) var baseCost: Double
    /// The base plan's option per layer.
    private(set) var base: [Int]
    /// The rounding that the second budget is granted.
    let tolerance: Double

    private let members: Units

    init(_ options: TwoBudgetOptions, prices: TwoPrices, bytes: Int, second: Double, reach incumbent: Double)
    {
        self.prices = prices
        members = options.units
        tolerance = second * 1e-12
        var bases: [TwoBudgetOptions.Entry] = []
        for entries in options.entries {
            let priced = { (entry: TwoBudgetOptions.Entry) in
                entry.cost + prices.bytes * Double(entry.bytes) + prices.second * entry.second
            }
            guard let least = entries.min(by: { priced($0) < priced($1) }) else { continue }
            bases.append(least)
        }
        slackBytes = bytes - bases.reduce(0) { $0 + $1.bytes }
        slackSecond = second - CompensatedSum.of(bases.lazy.map(\.second))
        baseCost = CompensatedSum.of(bases.lazy.map(\.cost))
        var base = [Int](repeating: 0, count: options.units.layerCount)
        for (unit, entry) in bases.enumerated() {
            for (layer, option) in zip(options.units.layers(ofUnit: unit), entry.options) {
                base[layer] = option
            }
        }
        self.base = base
        let bound = baseCost - prices.bytes * Double(slackBytes) - prices.second * slackSecond
        let reach = incumbent - bound + SumMinimizer.tolerance * incumbent
        var found: [(unit: Int, least: Double, alternatives: [Alternative])] = []
        for (unit, own) in bases.enumerated() {
            var alternatives = [
                Alternative(bytes: 0, second: 0, cost: 0, reducedCost: 0, options: own.options)
            ]
            for entry in options.entries[unit] where entry.options != own.options {
                var alternative = Alternative(
                    bytes: entry.bytes - own.bytes,
                    second: entry.second - own.second,
                    cost: entry.cost - own.cost,
                    reducedCost: 0,
                    options: entry.options
                )
                alternative.reducedCost =
                    alternative.cost + prices.bytes * Double(alternative.bytes) + prices.second
                    * alternative.second
                if alternative.reducedCost <= reach { alternatives.append(alternative) }
            }
            if alternatives.count > 1 {
                let least = alternatives.dropFirst().reduce(Double.infinity) { min($0, $1.reducedCost) }
                found.append((unit, least, alternatives))
            }
        }
        found.sort { $0.least != $1.least ? $0.least < $1.least : $0.unit < $1.unit }
        open = found.map(\.alternatives)
        units = found.map(\.unit)
    }

    /// The bound that the prices give, above the base plan.
    var relaxedBound: Double {
        -prices.bytes * Double(slackBytes) - prices.second * slackSecond
    }

    /// The option per layer under a choice of one alternative per open unit.
    func choices(_ taken: [Int]) -> [Int] {
        var choices = base
        for (place, alternative) in taken.enumerated() {
            for (layer, option) in zip(members.layers(ofUnit: units[place]), open[place][alternative].options)
            {
                choices[layer] = option
            }
        }
        return choices
    }

    /// GLPK's plan for the core, or `nil` where the core is too large for it or this build does not have it.
    func solveAsIntegerProgram(clock: StopClock) -> (choices: [Int]?, nodeCount: Int)? {
        let count = open.reduce(0) { $0 + $1.count - 1 }
        guard IntegerProgram.hasSolver, count > 0, count <= SumMinimizer.integerProgramLimit else {
            return nil
        }
        var program = IntegerProgram()
        let largestSecond = open.joined().reduce(slackSecond.magnitude) { max($0, $1.second.magnitude) }
        let secondScale = largestSecond > 0 ? 1e6 / largestSecond : 1
        let largestBytes = open.joined().reduce(slackBytes.magnitude) { max($0, $1.bytes.magnitude) }
        let byteScale = largestBytes > 0 ? 1e6 / Double(largestBytes) : 1
        var bytes: [IntegerProgram.Term] = []
        var second: [IntegerProgram.Term] = []
        for alternatives in open {
            var own: [IntegerProgram.Term] = []
            for alternative in alternatives.dropFirst() {
                let variable = program.addVariable(cost: alternative.cost)
                own.append(.init(1, variable))
                bytes.append(.init(Double(alternative.bytes) * byteScale, variable))
                second.append(.init(alternative.second * secondScale, variable))
            }
            if own.count > 1 { program.addConstraint(own, upperBound: 1) }
        }
        program.addConstraint(bytes, upperBound: Double(slackBytes) * byteScale)
        program.addConstraint(second, upperBound: slackSecond * secondScale)
        guard let solution = try? program.solve(.confirmation { clock.isStopped }) else { return nil }
        guard let values = solution.values else { return (nil, solution.nodeCount) }
        var taken: [Int] = []
        var column = 0
        for alternatives in open {
            var chosen = 0
            for index in alternatives.indices.dropFirst() {
                if values[column] > 0.5 { chosen = index }
                column += 1
            }
            taken.append(chosen)
        }
        return (choices(taken), solution.nodeCount)
    }
}
