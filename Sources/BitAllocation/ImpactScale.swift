/// How impacts become costs that add: as they are, or squared relative to the largest.
struct ImpactScale: Sendable {
    let combination: ImpactCombination
    /// The largest impact of any option; squares are taken relative to it, so that they stay in a double's range.
    private let largest: Double

    init(_ problem: AllocationProblem) {
        combination = problem.combination
        largest = max(problem.optionImpact.reduce(0, max), .leastNormalMagnitude)
    }

    func cost(ofImpact impact: Double) -> Double {
        combination == .rss ? (impact / largest) * (impact / largest) : impact
    }

    func impact(ofCost cost: Double) -> Double {
        combination == .rss ? largest * max(0, cost).squareRoot() : cost
    }
}
