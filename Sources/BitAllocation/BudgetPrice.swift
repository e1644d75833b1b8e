/// The price of a byte at a budget, and what every option costs beyond the best of its layer at that price.
///
/// The price is the multiplier of the linear relaxation: what one more byte of budget would save, were formats divisible.
/// An option's cost at that price is `cost + price · bytes`; the relaxation takes the option of each layer for which it is
/// least, and what another option costs more is its reduced cost. A plan that takes such an option cannot cost less than the
/// relaxation's bound plus the reduced cost. Costs are impacts where impacts add, and squared impacts where squares add.
///
/// A second budget has a price of its own, which is part of the reduced costs. Where the number of formats is limited, the
/// prices are those of the formats that the plan takes; no other has a reduced cost.
public struct BudgetPrice: Sendable {
    /// The cost saved per byte; 0 where the budget does not bind.
    public let perByte: Double
    /// The cost saved per unit of the second budget; 0 where that does not bind, `nil` where there is none.
    public let perSecondUnit: Double?
    /// A proven lower limit on the combined impact of any plan within the budget, of the formats that the plan takes where
    /// their number is limited.
    public let bound: Double
    /// Whether costs are squares of impacts rather than impacts.
    public let isSquared: Bool

    private let reducedCosts: [Double]

    /// Finds the price at the problem's budget, or returns `nil` where the worst layer decides, which has no price per byte,
    /// and where no plan fits.
    ///
    /// - Parameters:
    ///   - problem: The problem with its budget.
    ///   - choices: The plan at that budget: the index of the chosen option, per layer.
    public init?(of problem: AllocationProblem, at choices: [Int]) {
        guard let basis = Basis(problem, at: choices), basis.smallestBytes <= problem.budget else {
            return nil
        }
        let (problem, units, scale, isAllowed) = (basis.problem, basis.units, basis.scale, basis.isAllowed)
        let second = problem.secondBudget
        let prices: TwoPrices
        let least: Double
        if let second {
            let relaxation = TwoBudgetRelaxation(
                problem,
                second: second,
                units: units,
                scale: scale,
                isAllowed: isAllowed,
                budget: problem.budget,
                start: choices.reduce(0) { $0 + scale.cost(ofImpact: problem.optionImpact[$1]) },
                clock: StopClock(timeLimit: .seconds(10)) { false }
            )
            (prices, least) = (relaxation.prices, relaxation.bound)
        } else {
            let relaxation = basis.relaxation(ConvexHulls(basis.candidates), within: problem.budget)
            (prices, least) = (TwoPrices(bytes: relaxation.multiplier, second: 0), relaxation.bound)
        }
        let unit = basis.unit
        var reducedCosts = [Double](repeating: .infinity, count: problem.optionBytes.count)
        for index in 0..<units.count {
            let layers = units.layers(ofUnit: index)
            let common = units.commonOptions(ofUnit: index, in: problem, isAllowed: isAllowed)
            // Against the options of the plan, so that large sizes do not swallow small costs.
            let costs = common.map { options in
                zip(layers, options).reduce(0.0) { total, pair in
                    let from = choices[pair.0]
                    let seconds = second.map { $0.cost[pair.1] - $0.cost[from] } ?? 0
                    return total + scale.cost(ofImpact: problem.optionImpact[pair.1])
                        - scale.cost(ofImpact: problem.optionImpact[from])
                        + prices.bytes * Double(problem.optionBytes[pair.1] - problem.optionBytes[from])
                        + prices.second * seconds
                }
            }
            let least = costs.reduce(.infinity, min)
            for (options, cost) in zip(common, costs) {
                for option in options {
                    reducedCosts[option] = (cost - least) * unit
                }
            }
        }
        self.reducedCosts = reducedCosts
        perByte = prices.bytes * unit
        perSecondUnit = second.map { _ in prices.second * unit }
        bound = scale.impact(ofCost: max(0, least))
        isSquared = problem.combination == .rss
    }

    /// The prices of a byte at the sizes of some plans, as ``perByte`` of each: `nil` where there is none.
    ///
    /// What does not depend on the budget is worked out once for all of them.
    ///
    /// - Parameters:
    ///   - problem: The problem; its own budget does not count.
    ///   - plans: The plans.
    /// - Returns: A price for each plan.
    public static func perByte(of problem: AllocationProblem, at plans: [AllocationPlan]) -> [Double?] {
        guard problem.formatLimit == nil, problem.secondBudget == nil else {
            return plans.map { plan in
                var problem = problem
                problem.budget = plan.bytes
                return BudgetPrice(of: problem, at: plan.choices)?.perByte
            }
        }
        guard let first = plans.first, let basis = Basis(problem, at: first.choices) else {
            return plans.map { _ in nil }
        }
        let hulls = ConvexHulls(basis.candidates)
        return plans.map { plan in
            guard basis.smallestBytes <= plan.bytes else { return nil }
            return basis.relaxation(hulls, within: plan.bytes).multiplier * basis.unit
        }
    }

    /// What prices follow from, whatever the budget is.
    private struct Basis {
        /// The problem, in the bytes that its budget counts.
        let problem: AllocationProblem
        let units: Units
        /// Costs are worked out in the scale of the search, in which squares stay in range, and brought back at the end.
        let scale: ImpactScale
        let isAllowed: [Bool]?
        let candidates: Candidates
        /// The size of the smallest file.
        let smallestBytes: Int

        /// Finds it, or returns `nil` where the worst layer decides, and where a layer has no option or no size is small enough.
        init?(_ whole: AllocationProblem, at choices: [Int]) {
            guard whole.combination != .max else { return nil }
            let problem = whole.counted
            let (units, scale) = (Units(problem), ImpactScale(problem))
            let isAllowed = problem.isAllowed(withinFormatsOf: choices)
            let candidates = Candidates(problem, units: units, isAllowed: isAllowed) {
                scale.cost(ofImpact: problem.optionImpact[$0])
            }
            let (smallest, overflow) = problem.fixedBytes.addingReportingOverflow(candidates.smallestBytes)
            guard candidates.emptyUnit == nil, !overflow else { return nil }
            (self.problem, self.units, self.scale) = (problem, units, scale)
            (self.isAllowed, self.candidates, smallestBytes) = (isAllowed, candidates, smallest)
        }

        /// What a unit of cost is in impacts, or in squares of them.
        var unit: Double {
            problem.combination == .rss ? scale.impact(ofCost: 1) * scale.impact(ofCost: 1) : 1
        }

        func relaxation(_ hulls: ConvexHulls, within budget: Int) -> LinearRelaxation {
            LinearRelaxation(candidates, hulls, capacity: budget - smallestBytes)
        }
    }

    /// What an option costs beyond the best of its layer, or of the layers tied to it, at the price of a byte.
    ///
    /// - Parameter option: The option's index in the problem's columns.
    /// - Returns: A cost that is not negative, or `nil` for an option that may not be chosen.
    public func reducedCost(ofOption option: Int) -> Double? {
        guard reducedCosts.indices.contains(option), reducedCosts[option].isFinite else { return nil }
        return reducedCosts[option]
    }
}
