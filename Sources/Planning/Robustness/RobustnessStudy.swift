/// What a plan is worth if the impacts had come out otherwise: the plan beside the best plan of every drawn table.
///
/// The same seed gives the same study on any number of cores.
public struct RobustnessStudy: Hashable, Sendable {
    /// The chosen option per layer of the plan that was studied.
    public let choices: [Int]
    /// The seed of the draws.
    public let seed: UInt64
    /// The number of draws that were solved; fewer than asked for where the study was stopped.
    public let drawCount: Int
    /// The number of draws whose best plan was not proven to be the best; their regret may be too small.
    public let unprovenCount: Int
    /// In how many draws the best plan takes an option, per option of the problem's columns.
    public let choiceCounts: [Int]
    /// The combined impact of the plan over the draws.
    public let impact: SampleDistribution
    /// The combined impact of each draw's own best plan.
    public let bestImpact: SampleDistribution
    /// What the plan costs more than each draw's own best plan.
    public let regret: SampleDistribution
    /// The same, relative to the best plan's impact.
    public let relativeRegret: SampleDistribution

    let solvedDraws: [Int]
    let bestImpacts: [Double]

    /// The share of draws whose best plan gives a layer the format that the plan gives it.
    public func survival(ofLayer layer: Int) -> Double {
        drawCount > 0 ? Double(choiceCounts[choices[layer]]) / Double(drawCount) : 0
    }

    /// The layers whose choice stands in fewer than a share of the draws, in the order of the problem.
    public func unsteadyLayers(below share: Double = 0.95) -> [Int] {
        choices.indices.filter { survival(ofLayer: $0) < share }
    }

    /// A lower limit on the mean impact over the draws of any one plan: no plan is better in a draw than its best.
    ///
    /// It holds where every draw was proven.
    public var leastMeanImpact: Double { bestImpact.mean }
}
