/// The price of a byte at a budget, and what every option costs beyond the best of its layer at that price.
///
/// The price is the multiplier of the linear relaxation: what one more byte of budget would save, were formats divisible.
/// An option's cost at that price is `cost + price · bytes`; the relaxation takes the option of each layer for which it is
/// least, and what another option costs more is its reduced cost. A plan that takes such an option cannot cost less than the
/// relaxation's bound plus the reduced cost. Costs are impacts where impacts add, and squared impacts where squares add.
public struct BudgetPrice: Sendable {
    /// The cost saved per byte; 0 where the budget does not bind.
    public let perByte: Double
    /// A proven lower limit on the combined impact of any plan within the budget.
    public let bound: Double
    /// Whether costs are squares of impacts rather than impacts.
    public let isSquared: Bool

    private let reducedCosts: [Double]

    /// Finds the price at the problem's budget.
    ///
    /// - Returns: `nil` where the worst layer decides, which has no price per byte, and where no plan fits.
    public init?(of problem: AllocationProblem) {
        guard problem.combination != .max else { return nil }
        let units = Units(problem)
        // Costs are worked out in the scale of the search, in which squares stay in range, and brought back at the end.
        let scale = ImpactScale(problem)
        let candidates = Candidates(problem, units: units, isAllowed: problem.isAllowed) {
            scale.cost(ofImpact: problem.optionImpact[$0])
        }
        let (smallest, overflow) = problem.fixedBytes.addingReportingOverflow(candidates.smallestBytes)
        guard candidates.emptyUnit == nil, !overflow, smallest <= problem.budget else { return nil }
        let relaxation = LinearRelaxation(
            candidates,
            ConvexHulls(candidates),
            capacity: problem.budget - smallest
        )
        let multiplier = relaxation.multiplier
        let unit = problem.combination == .rss ? scale.impact(ofCost: 1) * scale.impact(ofCost: 1) : 1
        var reducedCosts = [Double](repeating: .infinity, count: problem.optionBytes.count)
        let base = candidates.choices(relaxation.base)
        for index in 0..<units.count {
            let layers = units.layers(ofUnit: index)
            let common = units.commonOptions(ofUnit: index, in: problem, isAllowed: problem.isAllowed)
            // Against the unit's own base option, so that large sizes do not swallow small costs.
            let prices = common.map { options in
                zip(layers, options).reduce(0.0) { total, pair in
                    let from = base[pair.0]
                    return total + scale.cost(ofImpact: problem.optionImpact[pair.1])
                        - scale.cost(ofImpact: problem.optionImpact[from])
                        + multiplier * Double(problem.optionBytes[pair.1] - problem.optionBytes[from])
                }
            }
            let least = prices.reduce(.infinity, min)
            for (options, price) in zip(common, prices) {
                for option in options {
                    reducedCosts[option] = (price - least) * unit
                }
            }
        }
        self.reducedCosts = reducedCosts
        perByte = multiplier * unit
        bound = scale.impact(ofCost: max(0, relaxation.bound))
        isSquared = problem.combination == .rss
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

extension AllocationProblem {
    /// The option of the same layer that makes an option needless: no larger and no worse, or `nil`.
    public func dominator(ofOption option: Int, inLayer layer: Int) -> Int? {
        allowedOptions(ofLayer: layer).first { other in
            guard other != option, optionBytes[other] <= optionBytes[option],
                optionImpact[other] <= optionImpact[option]
            else { return false }
            // Of two options that are equal in both the first stands for the other.
            return optionBytes[other] < optionBytes[option] || optionImpact[other] < optionImpact[option]
                || other < option
        }
    }

    /// The size of the smallest file that ties and forbidden options allow, in bytes, or `nil` where they leave nothing.
    public var smallestAllowedBytes: Int? {
        let candidates = Candidates(self, units: Units(self), isAllowed: isAllowed) { optionImpact[$0] }
        return candidates.emptyUnit == nil ? fixedBytes + candidates.smallestBytes : nil
    }
}
