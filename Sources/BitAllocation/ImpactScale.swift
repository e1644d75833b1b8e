/// How impacts become costs that add: as they are, or squared relative to the largest.
struct ImpactScale: Sendable {
    let combination: ImpactCombination
    /// The largest impact of any option; squares are taken relative to it, so that they stay in a double's range.
    private let largest: Double

    /// A scale for a problem without the options whose impact is above a ceiling.
    init(_ problem: AllocationProblem, ceiling: Double = .infinity) {
        combination = problem.combination
        let largest = problem.optionImpact.reduce(0) { $1 <= ceiling ? max($0, $1) : $0 }
        self.largest = max(largest, .leastNormalMagnitude)
    }

    func cost(ofImpact impact: Double) -> Double {
        combination == .rss ? (impact / largest) * (impact / largest) : impact
    }

    /// The greatest cost whose impact counts as the same as that of a given one.
    func limit(ofCost cost: Double) -> Double {
        combination == .rss ? SameImpact.limit(SameImpact.limit(cost)) : SameImpact.limit(cost)
    }

    func impact(ofCost cost: Double) -> Double {
        combination == .rss ? largest * max(0, cost).squareRoot() : cost
    }
}
